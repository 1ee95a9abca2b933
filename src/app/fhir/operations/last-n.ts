import type { Observation } from 'fhir/r4.js';
import { ExchangeError } from '../../../core/errors.js';
import { lastObservations } from '../../../core/fhir/last-observations.js';
import { pageRoom } from '../../../core/fhir/weight.js';
import type { CurrentDocument } from '../../../core/records/types.js';
import { answerSearch, openSearch, type SearchDependencies } from '../answer-search.js';
import type { FhirAnswer } from '../fhir-answer.js';
import { incompleteIncludes } from '../answer-search.js';
import { areOnePerson } from '../link-set.js';
import { includeResources } from '../include-resources.js';
import { areWhole } from '../outlines.js';
import { readTogether } from '../read-together.js';
import { collect, maxCollected, planSearch, tooMany } from '../search-plan.js';
import { countOf, type OperationRequest, readInput, refused } from './operation-request.js';

/** What the operation reads beside the criteria of a search. */
const own: ReadonlySet<string> = new Set(['max']);

/** What the operation decides by itself. */
const decided: ReadonlySet<string> = new Set(['_sort', '_count', '_page', '_total']);

/**
 * The latest observations of a patient, `max` of each kind (R4 operation Observation-lastn), by default one. Besides `max`
 * it takes the criteria of a search. All of it is one page, from the partitions of the patient and of those linked to
 * them.
 *
 * @throws ExchangeError HDE_SEARCH_UNSELECTIVE without a patient, for several people, or for more observations than can be
 * looked at; HDE_SEARCH_PARAMETER for parameters that are refused
 */
export async function readLastN(deps: SearchDependencies, request: OperationRequest): Promise<FhirAnswer> {
  const input = await readInput(request);
  const chosen = input.values.find(([name]) => decided.has(name));
  if (chosen !== undefined) throw refused(chosen[0], 'The operation has its own order, and one page.');
  const { prefer, isPosted } = request;
  const search = openSearch(
    deps,
    { path: 'Observation/$lastn', parameters: input.values, prefer, isPosted, others: own },
    'Observation',
  );
  const max = countOf({ values: search.query.criteria }, 'max');
  const plan = await planSearch(deps, 'Observation', search.query.terms);
  // Of several people, the later result of one would hide that of another. Who is linked tells what the client may see.
  const { records, baseUrl } = deps;
  if (plan.named === undefined || !(await areOnePerson({ records, baseUrl }, plan.named)))
    throw new ExchangeError('HDE_SEARCH_UNSELECTIVE', {
      location: 'patient',
      detail: 'Give patient or subject: the latest observations are those of one person.',
    });
  const read = async () => {
    // All of them are looked at, and few are shown: also an entry of a Bundle has room for them.
    const found = await collect({ ...deps, room: pageRoom }, plan, maxCollected);
    if (found === undefined || !areWhole(found)) throw tooMany(tooManyObservations);
    const latest = lastObservations(found.filter(isObservation), max ?? 1);
    return { documents: latest, included: await includeResources(deps, latest, search.query.includes) };
  };
  const { documents, included } = await readTogether(deps, read, (answer) => [
    ...answer.documents,
    ...answer.included.documents,
  ]);
  return answerSearch(
    deps,
    search,
    { documents, total: documents.length },
    { included: included.documents, links: plan.links, issues: incompleteIncludes(included) },
  );
}

const tooManyObservations = `There are more than ${maxCollected} observations, or they are too large together: give category, code or date.`;

const isObservation = (
  document: CurrentDocument,
): document is CurrentDocument & { readonly resource: Observation } =>
  document.resource.resourceType === 'Observation';
