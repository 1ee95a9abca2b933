/**
 * Which of a person's numbers hold: a change of number (A43, A46 to A51) marks one as former, and a message under it
 * says that it is not. Of each number the event that is the latest counts, in whatever order they arrive; the time of
 * the record as a whole tells nothing of one that its latest message does not name.
 */
import type { Identifier, Patient, Resource } from 'fhir/r4.js';
import type { MappedRecord } from '../mapping/types.js';
import { sameJson } from './equal.js';
import { byIdentifier } from './merge.js';
import { withoutItems } from './stated-items.js';
import type { Meeting, StandingContext, Statement } from './statement.js';
import type { CurrentDocument, RecordMemory, StoredLineage } from './types.js';

const identifiersOf = (resource: Resource): readonly Identifier[] =>
  resource.resourceType === 'Patient' ? ((resource as Partial<Patient>).identifier ?? []) : [];

/** ISO instant of the event that stated an identifier last. */
const since = ({ identified = {}, eventTime }: CurrentDocument, identifier: Identifier): string =>
  identified[byIdentifier(identifier)] ?? eventTime;

/**
 * What is remembered of when the identifiers of a Patient were stated.
 *
 * @param after what the record says after the message
 * @param eventTime of the record after the message
 */
export function identifiedAfter(
  { resource, mode }: MappedRecord,
  stored: CurrentDocument | undefined,
  after: Resource,
  eventTime: string,
  context: StandingContext,
): Pick<RecordMemory, 'identified'> {
  // Who is mentioned in passing is not described: whatever is stated of their numbers is news.
  const said = mode === 'create' ? [] : identifiersOf(resource).map(byIdentifier);
  const known = stored === undefined ? [] : identifiersOf(stored.resource);
  const times = new Map(
    stored === undefined ? [] : known.map((each) => [byIdentifier(each), since(stored, each)]),
  );
  for (const key of said) {
    const time = times.get(key);
    if (time === undefined || time < context.eventTime) times.set(key, context.eventTime);
  }
  const held = new Set(identifiersOf(after).map(byIdentifier));
  const others = [...times].filter(([key, time]) => held.has(key) && time !== eventTime);
  return others.length === 0 ? {} : { identified: Object.fromEntries(others.sort(byKey)) };
}

const byKey = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  one < other ? -1 : 1;

/** What is known and what is said of a Patient, each without the identifiers of which the other knows better. */
export function withLatestIdentifiers(
  { base, parts }: Meeting,
  lineage: StoredLineage,
  stored: CurrentDocument,
  { latestEventTime }: StandingContext,
): Meeting {
  const held = new Map(identifiersOf(base.resource).map((each) => [byIdentifier(each), each]));
  const replaced = new Set<string>();
  const latest = parts.map((part) => {
    const gone = identifiersOf(part.resource).flatMap((each, index) => {
      const key = byIdentifier(each);
      const known = held.get(key);
      if (known === undefined) return [];
      if (latestEventTime < since(stored, known)) return [index];
      // The same said late changes neither words nor order.
      if (part.fillsOnly && sameJson(known, each)) return [index];
      replaced.add(key);
      return [];
    });
    return { ...part, ...withoutItems({ resource: part.resource, lineage }, 'identifier', gone) };
  });
  return { base: withoutReplaced(base, replaced), parts: latest };
}

const withoutReplaced = (base: Statement, replaced: ReadonlySet<string>): Statement =>
  withoutItems(
    base,
    'identifier',
    identifiersOf(base.resource).flatMap((each, index) => (replaced.has(byIdentifier(each)) ? [index] : [])),
  );
