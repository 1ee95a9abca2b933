import { ExchangeError } from '../../core/errors.js';
import { everythingParameters, readEverythingFilter } from '../../core/fhir/everything-filter.js';
import { findServedType } from '../../core/fhir/interactions.js';
import { isFhirId, type LocalReference, parseReference, referencesIn } from '../../core/fhir/references.js';
import { pageRoom } from '../../core/fhir/weight.js';
import type { CurrentDocument } from '../../core/records/types.js';
import { patientOf } from '../access/record-facts.js';
import {
  answerSearch,
  incompleteIncludes,
  openSearch,
  placeAt,
  positionAt,
  type SearchDependencies,
} from './answer-search.js';
import type { FhirAnswer, FhirDependencies } from './fhir-answer.js';
import { type Included, maxIncluded } from './include-resources.js';
import { expandLinks } from './link-set.js';
import { type OperationRequest, readInput, refused, requireValues } from './operations/operation-request.js';
import { pageByPartitions, pageOfThose, readWithin, weightOfAll } from './page-records.js';
import { readTogether } from './read-together.js';

/** How far references between shared resources are followed: a role, its organisation, the organisation above. */
const includeDepth = 3;

/**
 * Everything about a patient (R4 operation Patient-everything), page by page: the patient, their records, those of
 * linked patients, and with each page the shared resources that it mentions; of all of them what `_type`, `_since`,
 * `start` and `end` ask for.
 *
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND for an unknown patient, HDE_SEARCH_PARAMETER for parameters that are
 * refused, and those of reading the parameters of an operation
 */
export async function readEverything(
  deps: SearchDependencies,
  request: OperationRequest,
): Promise<FhirAnswer> {
  const { id, prefer, isPosted } = request;
  const parameters = requireValues(await readInput(request));
  const patient = isFhirId(id) ? await deps.records.readCurrent('Patient', id) : undefined;
  if (patient === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const links = await expandLinks(deps, id);
  const path = `Patient/${id}/$everything`;
  const search = openSearch(deps, { path, parameters, prefer, isPosted, others: everythingParameters });
  const filter = readEverythingFilter(search.query.criteria);
  if (!filter.ok) throw refused(filter.error.name, filter.error.detail);
  const isWanted = filter.value;
  const all = pageByPartitions(
    (partition, page) => deps.records.listPartition(partition, undefined, page),
    links.patients,
    deps.room,
  );
  const list = search.query.criteria.length === 0 ? all : pageOfThose(all, isWanted, deps.room);
  const read = async () => {
    const page = await list(search.query.count, search.from && placeAt(search.from));
    return { ...page, shared: await readShared(deps, page.documents) };
  };
  const { documents, next, shared } = await readTogether(deps, read, (found) => [
    ...found.documents,
    ...found.shared.documents,
  ]);
  return answerSearch(
    deps,
    search,
    { documents, next: next && positionAt(next) },
    { included: shared.documents.filter(isWanted), links, issues: incompleteIncludes(shared) },
  );
}

/** The shared resources that these mention, directly or through one another, each once: not more than come with a search. */
async function readShared(
  { records, baseUrl, room: left = pageRoom }: FhirDependencies,
  documents: readonly CurrentDocument[],
): Promise<Included> {
  const known = new Set<string>();
  const included: CurrentDocument[] = [];
  let sources = documents;
  for (let depth = 0; depth < includeDepth && sources.length > 0; depth += 1) {
    const wanted: LocalReference[] = [];
    for (const text of sources.flatMap(({ resource }) => referencesIn(resource))) {
      const reference = parseReference(text, baseUrl);
      if (reference === undefined || !isShared(reference)) continue;
      const key = `${reference.type}/${reference.id}`;
      if (known.has(key)) continue;
      known.add(key);
      wanted.push(reference);
    }
    const room = maxIncluded - included.length;
    // No reference may pull in another person's record.
    const found = await readWithin(records, wanted.slice(0, room), left);
    sources = found.documents.filter((document) => patientOf(document) === undefined);
    included.push(...sources);
    left -= weightOfAll(sources);
    if (wanted.length > room || !found.isComplete) return { documents: included, isComplete: false };
  }
  return { documents: included, isComplete: true };
}

const isShared = ({ type }: LocalReference): boolean => findServedType(type)?.scope === 'shared';
