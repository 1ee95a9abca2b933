/** What of a partition decides who may see the records in it. */
import type { Container, SqlParameter } from '@azure/cosmos';
import type { CurrentDocument } from '../../core/records/types.js';
import type { Sources } from '../../ports/record-store.js';
import { fetchAll } from './query.js';
import { queryPage } from './record-pages.js';

const first = "c.resourceType IN ('Patient', 'Consent')";
const labelled = 'IS_DEFINED(c["index"]["token"]["_security"])';

const isFirst = ({ resourceType }: CurrentDocument): boolean =>
  resourceType === 'Patient' || resourceType === 'Consent';
const isLabelled = ({ index }: CurrentDocument): boolean => index.token?.['_security'] !== undefined;

/** Its Patient, its Consents and its labelled records: in one indexed query, unless they are many. */
export async function listGoverning(
  container: Container,
  partition: string,
  limit: number,
): Promise<readonly CurrentDocument[]> {
  const list = (condition: string, matches: (document: CurrentDocument) => boolean) =>
    queryPage(container, { limit }, { partition, condition, parameters: [], ofAllTypes: true, matches });
  const all = await list(`(${first} OR ${labelled})`, (each) => isFirst(each) || isLabelled(each));
  if (all.continuation === undefined) return all.documents;
  // Labelled records must not crowd out a consent.
  const { documents } = await list(first, isFirst);
  return [...documents, ...all.documents.filter((each) => !isFirst(each))];
}

/** One query that ends at the first find. */
export async function hasStated(
  container: Container,
  partition: string,
  { feeds, organisation }: Sources,
): Promise<boolean> {
  const names = feeds.map((value, i): SqlParameter => ({ name: `@feed${i}`, value }));
  const ofFeeds =
    names.length === 0 ? '' : `c.source.feed IN (${names.map(({ name }) => name).join(', ')}) OR `;
  const query = `SELECT TOP 1 VALUE c.id FROM c WHERE ${ofFeeds}c.source.organisation = @organisation`;
  const parameters = [...names, { name: '@organisation', value: organisation }];
  const found = await fetchAll<string>(container, { query, parameters }, { partition, maxItemCount: 1 });
  return found.length > 0;
}
