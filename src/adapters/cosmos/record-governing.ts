/** What of partitions decides who may see the records in them. */
import type { Container, SqlParameter } from '@azure/cosmos';
import { governingPart, isLabelled, isStating, statingTypes } from '../../core/records/governing.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Sources } from '../../ports/record-store.js';
import { fetchAll } from './query.js';
import { queryPage } from './record-pages.js';

const ofType = (type: string): string => `c.resourceType = '${type}'`;
const stating = statingTypes.map(ofType).join(' OR ');
const governing = `(${stating} OR IS_DEFINED(c["index"]["token"]["_security"]))`;

const isGoverning = (document: CurrentDocument): boolean => isStating(document) || isLabelled(document);

const kept = ['id', 'kind', 'partition', 'resourceType', 'fhirId', 'versionId', 'lastUpdated', 'eventTime'];
const keptOf = [...kept, 'source', 'index'].map((name) => `"${name}": c["${name}"]`).join(', ');
/** Of what is only labelled no more comes over the wire than is asked for (`governingPart`). */
const selection =
  `VALUE ((c.kind = 'staged' OR ${stating}) ? c : ` +
  `{${keptOf}, "resource": {"meta": c["resource"]["meta"]}})`;

/** Documents of several partitions that are read at once: where there are more, each partition is read by itself. */
const mostOfSeveral = 1_000;

/** Their Patients, Consents and labelled records: in one indexed query, unless they are many. */
export async function listGoverning(
  container: Container,
  partitions: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly CurrentDocument[]>> {
  if (partitions.length > 1) {
    const { names, parameters } = named('partition', partitions);
    const { documents, continuation } = await queryPage(
      container,
      { limit: mostOfSeveral },
      {
        ...{ selection, condition: `c.partition IN (${names}) AND ${governing}`, parameters },
        ...{ ofAllTypes: true, matches: isGoverning },
      },
    );
    if (continuation === undefined) {
      const parts = documents.map(governingPart);
      return new Map(partitions.map((key) => [key, parts.filter(({ partition }) => partition === key)]));
    }
  }
  const lists = await Promise.all(partitions.map((partition) => listOne(container, partition, limit)));
  return new Map(partitions.map((partition, at) => [partition, lists[at]?.map(governingPart) ?? []]));
}

async function listOne(
  container: Container,
  partition: string,
  limit: number,
): Promise<readonly CurrentDocument[]> {
  const list = (condition: string, matches: (document: CurrentDocument) => boolean) =>
    queryPage(
      container,
      { limit },
      { partition, selection, condition, parameters: [], ofAllTypes: true, matches },
    );
  const all = await list(governing, isGoverning);
  if (all.continuation === undefined) return all.documents;
  // Labelled records must not crowd out a consent, nor consents the Patient.
  const first = await Promise.all(
    statingTypes.map((type) => list(ofType(type), ({ resourceType }) => resourceType === type)),
  );
  return [
    ...first.flatMap(({ documents }) => documents),
    ...all.documents.filter((each) => !isStating(each)),
  ];
}

/** One query; of one partition it ends at the first find. */
export async function whereStated(
  container: Container,
  partitions: readonly string[],
  { feeds, organisation, since }: Sources,
): Promise<ReadonlySet<string>> {
  const of = named('feed', feeds);
  const ofFeeds = feeds.length === 0 ? '' : `c.source.feed IN (${of.names}) OR `;
  const ofClients =
    "(c.source.organisation = @organisation AND c.resourceType = 'Patient' AND c.kind IN ('resource', 'version'))";
  const isTheirs = `c.lastUpdated >= @since AND (${ofFeeds}${ofClients})`;
  const parameters = [
    ...of.parameters,
    { name: '@organisation', value: organisation },
    { name: '@since', value: since },
  ];
  const [only, another] = partitions;
  if (only === undefined) return new Set();
  if (another === undefined) {
    const query = `SELECT TOP 1 VALUE c.partition FROM c WHERE ${isTheirs}`;
    return new Set(
      await fetchAll<string>(container, { query, parameters }, { partition: only, maxItemCount: 1 }),
    );
  }
  const among = named('partition', partitions);
  const query = `SELECT DISTINCT VALUE c.partition FROM c WHERE c.partition IN (${among.names}) AND ${isTheirs}`;
  const scope = { maxItemCount: partitions.length };
  return new Set(
    await fetchAll<string>(container, { query, parameters: [...parameters, ...among.parameters] }, scope),
  );
}

/** Parameters of a query for values, and their names between commas. */
function named(
  name: string,
  values: readonly string[],
): { readonly names: string; readonly parameters: SqlParameter[] } {
  const parameters = values.map((value, at): SqlParameter => ({ name: `@${name}${at}`, value }));
  return { names: parameters.map((each) => each.name).join(', '), parameters };
}
