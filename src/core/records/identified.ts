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

/** ISO instant of the event that stated an identifier last. @param key of the identifier (`byIdentifier`) */
const since = ({ identified = {}, eventTime }: CurrentDocument, key: string): string =>
  identified[key] ?? eventTime;

/** ISO instant of the event that stated an identifier last; undefined where a record does not state it. */
export function statedAt(
  document: CurrentDocument,
  { system, value }: { readonly system: string; readonly value: string },
): string | undefined {
  const stated = identifiersOf(document.resource).find(
    (each) => each.system === system && each.value === value,
  );
  return stated === undefined ? undefined : since(document, byIdentifier(stated));
}

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
  const known = stored === undefined ? [] : identifiersOf(stored.resource).map(byIdentifier);
  const times = new Map(stored === undefined ? [] : known.map((key) => [key, since(stored, key)]));
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
  const held = byKeyOf(base.resource);
  const replaced = new Set<string>();
  const latest = parts.map((part) => {
    const gone = [...byKeyOf(part.resource)].flatMap(([key, said]) => {
      const known = held.get(key);
      if (known === undefined) return [];
      const indexes = said.map(({ index }) => index);
      if (latestEventTime < since(stored, key)) return indexes;
      // The same said late changes neither words nor order.
      if (part.fillsOnly && sameJson(known.map(wordsOf), said.map(wordsOf))) return indexes;
      replaced.add(key);
      return [];
    });
    return { ...part, ...withoutItems({ resource: part.resource, lineage }, 'identifier', gone) };
  });
  return { base: withoutReplaced(base, replaced), parts: latest };
}

interface Item {
  readonly identifier: Identifier;
  /** In the list of the resource. */
  readonly index: number;
}

const wordsOf = ({ identifier }: Item): Identifier => identifier;

/** A message may state a number twice, as of two types, or two NHS numbers: what it says of one key is one statement. */
function byKeyOf(resource: Resource): Map<string, Item[]> {
  const items = new Map<string, Item[]>();
  identifiersOf(resource).forEach((identifier, index) => {
    const key = byIdentifier(identifier);
    items.set(key, [...(items.get(key) ?? []), { identifier, index }]);
  });
  return items;
}

const withoutReplaced = (base: Statement, replaced: ReadonlySet<string>): Statement =>
  withoutItems(
    base,
    'identifier',
    identifiersOf(base.resource).flatMap((each, index) => (replaced.has(byIdentifier(each)) ? [index] : [])),
  );
