import type { FhirAnswer } from '../fhir-answer.js';
import type { SearchDependencies } from '../answer-search.js';
import { readEverything } from '../read-everything.js';
import { requireServed } from '../require-served.js';
import type { WriteDependencies } from '../write-dependencies.js';
import { collectMeta } from './collect-meta.js';
import { readLastN } from './last-n.js';
import { matchPatient } from './match-patient.js';
import { changeMeta, readMeta } from './meta.js';
import type { OperationRequest } from './operation-request.js';
import { validateResource } from './validate-resource.js';

/** The operations of R4 that are served. */
export type OperationName =
  'everything' | 'lastn' | 'match' | 'validate' | 'meta' | 'meta-add' | 'meta-delete';

/**
 * Carries out an operation.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_ROUTE_NOT_FOUND for one that the type does not have, and those of the
 * operations
 */
export async function runOperation(
  deps: WriteDependencies & SearchDependencies,
  name: OperationName,
  request: OperationRequest,
): Promise<FhirAnswer> {
  // The system has routes of its own operations only.
  if (request.type !== '') requireServed(request.type, name);
  switch (name) {
    case 'everything':
      return readEverything(deps, request);
    case 'lastn':
      return readLastN(deps, request);
    case 'match':
      return matchPatient(deps, request);
    case 'validate':
      return validateResource(deps, request);
    case 'meta':
      return request.id === '' ? collectMeta(deps, request) : readMeta(deps, request);
    case 'meta-add':
      return changeMeta(deps, 'add', request);
    case 'meta-delete':
      return changeMeta(deps, 'delete', request);
  }
}
