import { ExchangeError } from '../../core/errors.js';
import { planWrite, type Identified, type WritePlan } from '../../core/records/plan-write.js';
import type { LatestDocument, Stored } from '../../core/records/types.js';
import { requireCreatable, visibleTo } from '../access/guard-write.js';
import { whileClaimed } from './claim-age.js';
import { claimCriteria, type ClaimedPlace } from './claim-criteria.js';
import { findByCriteria } from './criteria.js';
import { placeOfNew } from './place-of-new.js';
import type { WriteDependencies } from './write-dependencies.js';
import type { PreparedWrite, WritePlace } from './write-record.js';
import type { CreateRequest } from './write-request.js';

/** Where a create leads: to a new record, to one that is there already, or to one that others may create, too. */
export type CreatePlace =
  (WritePlace & { readonly kind: 'new' | 'match' }) | (ClaimedPlace & { readonly kind: 'claimed' });

/**
 * Where a resource is to be created (FHIR R4 section 3.1.0.8): a Patient under the key that follows from their
 * identifiers, a record about a patient in their partition. With criteria (If-None-Exist) it is the one resource that
 * meets them, if there is one.
 *
 * @throws ExchangeError HDE_PATIENT_UNKNOWN, HDE_PATIENT_DUPLICATE, HDE_RESOURCE_REFUSED, and with criteria
 * HDE_SEARCH_PARAMETER, HDE_SEARCH_UNSELECTIVE, HDE_PRECONDITION_FAILED, HDE_ID_TAKEN and HDE_CONCURRENT_UPDATE
 */
export async function placeOfCreate(deps: WriteDependencies, request: CreateRequest): Promise<CreatePlace> {
  const { type, ifNoneExist, writer } = request;
  if (ifNoneExist === undefined) return { ...(await placeOfNew(deps, request)), kind: 'new' };
  const parameters = [...new URLSearchParams(ifNoneExist.replace(/^[^?=]*\?/, ''))];
  const criteria = await findByCriteria(visibleTo(deps, writer, 'create'), type, parameters, {
    ...{ mayRead: writer.mayRead, location: 'If-None-Exist' },
  });
  const { match } = criteria;
  if (match !== undefined) return { type, id: match.fhirId, partition: match.partition, kind: 'match' };
  const wanted = await placeOfNew(deps, request);
  await requireCreatable(deps, writer, 'create', { place: wanted, statement: request.statement });
  const place = await claimCriteria(deps, wanted, criteria, { kind: 'create', writer });
  return { ...place, kind: 'claimed' };
}

/** Prepares a create whose place is known. */
export function prepareCreate(
  { type, statement: { resource, decimals } }: CreateRequest,
  target: CreatePlace,
): PreparedWrite {
  const { kind, id, partition } = target;
  const place = { type, id, partition };
  const stated: Identified = { ...resource, id };
  const prepared: PreparedWrite = {
    place,
    decide: (before, context) => {
      const found = existing(before);
      if (kind === 'match') return found;
      if (kind === 'claimed' && found !== undefined) return found;
      if (found !== undefined) throw new ExchangeError('HDE_PATIENT_DUPLICATE', { detail: `${type}/${id}` });
      return planWrite(partition, { resource: stated, decimals }, before, context);
    },
  };
  return target.kind === 'claimed' ? whileClaimed(prepared, target) : prepared;
}

const existing = (before: Stored<LatestDocument> | undefined): WritePlan | undefined =>
  before?.document.kind === 'resource'
    ? { operations: [], document: before.document, outcome: 'unchanged' }
    : undefined;
