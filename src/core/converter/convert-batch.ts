/**
 * A file of messages as one Bundle: each message meets what the earlier ones left, by the very rules by which the
 * exchange stores records, so that the Bundle holds what a store would hold after the file.
 */
import type { Resource } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../errors.js';
import type { Feed } from '../feed.js';
import { countBatch } from '../formats/hl7v2/batch.js';
import { parseHl7v2 } from '../formats/hl7v2/parse.js';
import type { PackRegistry } from '../mapping/engine/pack-registry.js';
import { accountFor } from '../mapping/convert.js';
import type { Conversion, LedgerEntry, LineageEntry } from '../mapping/types.js';
import { withEnds } from '../records/end-results.js';
import { planCommit } from '../records/plan-commit.js';
import type { CurrentDocument, LineageRow, Stored } from '../records/types.js';
import { convertAlone, NO_TIME } from './convert-alone.js';
import { nameOf, toCollection, type ConvertedBundle } from './converted-bundle.js';

/** Current records by document id, in the order in which they were first stated. */
type Store = Map<string, Stored<CurrentDocument>>;

/**
 * Converts the messages of a file in their order. A message that is refused is an issue of severity error and leaves
 * no trace in the Bundle; so is a trailer that counts other messages than there are.
 *
 * @param input the whole file, for its trailers
 * @throws ExchangeError of the first message when none can be converted
 */
export function convertBatch(
  input: Uint8Array | string,
  messages: readonly (Uint8Array | string)[],
  feed: Feed,
  registry: PackRegistry,
): ConvertedBundle {
  const store: Store = new Map();
  const issues: Issue[] = countIssues(input);
  const ledger: LedgerEntry[] = [];
  let firstError: ExchangeError | undefined;
  let converted = 0;
  messages.forEach((message, index) => {
    const place = placeOf(index + 1);
    try {
      const conversion = accountFor(convertAlone(parseHl7v2(message), feed, registry));
      converted++;
      commit(store, conversion, feed, String(index + 1));
      for (const issue of conversion.issues) issues.push(moved(issue, place));
      for (const entry of conversion.ledger) ledger.push({ ...entry, source: place + entry.source });
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      firstError ??= error;
      issues.push(moved(error.toIssue(), place));
    }
  });
  if (converted === 0 && firstError !== undefined) throw firstError;
  const documents = [...store.values()].map(({ document }) => document);
  return {
    bundle: toCollection(documents.map(({ resource }) => asStated(resource))),
    issues,
    ledger,
    lineage: documents.flatMap(lineageOf),
    packs: registry.sources(feed.pack).map(({ name, version }) => ({ name, version })),
  };
}

const placeOf = (number: number | string): string => `message ${number}: `;

const moved = (issue: Issue, place: string): Issue => ({
  ...issue,
  location: place + (issue.location ?? 'MSH'),
});

/** BTS-1 and FTS-1 count what was sent: a file that was cut short shows here (HL7 v2.5.1 section 2.10.3). */
function countIssues(input: Uint8Array | string): Issue[] {
  const { messages, declaredMessages, batches, declaredBatches } = countBatch(input);
  const differs = (location: string, detail: string): Issue => ({
    code: 'HDE_HL7_DATA_TYPE',
    severity: 'error',
    location,
    detail,
  });
  return [
    ...(declaredMessages === undefined || declaredMessages === messages
      ? []
      : [differs('BTS-1', 'the number of messages that the file holds')]),
    ...(declaredBatches === undefined || declaredBatches === batches
      ? []
      : [differs('FTS-1', 'the number of batches that the file holds')]),
  ];
}

function commit(store: Store, conversion: Conversion, feed: Feed, messageId: string): void {
  const { messageType, eventTime, latestEventTime, pack, records } = conversion;
  const context = { messageType, eventTime, latestEventTime, now: NO_TIME };
  const source = { messageId, feed: feed.id, pack };
  const stated = withEnds(records, (id) => store.get(id)?.document);
  const { operations } = planCommit('', stated, store, { ...context, source }, false);
  for (const { document } of operations) {
    if (document.kind === 'resource') store.set(document.id, { document, etag: '' });
  }
}

/** A resource without what the store adds to it. */
function asStated(resource: Resource): Resource {
  const { meta, ...content } = resource;
  const { versionId, lastUpdated, ...stated } = meta ?? {};
  const { resourceType, id, ...elements } = content;
  return Object.keys(stated).length === 0 ? content : { resourceType, id, meta: stated, ...elements };
}

function lineageOf({ resource, lineage: { messages, rows } }: CurrentDocument): LineageEntry[] {
  return rows.map((row) => toLineage(row, resource, placeOf(messages[row[1]] ?? '')));
}

function toLineage(row: LineageRow, resource: Resource, place: string): LineageEntry {
  const element = `${resource.resourceType}.${row[0]}`;
  const common = { resource: nameOf(resource), element };
  if (row.length === 3) return { ...common, rule: row[2] };
  const [, , rule, source, start, end] = row;
  return { ...common, source: place + source, start, end, rule };
}
