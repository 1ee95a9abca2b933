import { ExchangeError } from '../../core/errors.js';
import { indexEntryOf } from '../../core/fhir/search-index.js';
import { readIfNoneExist } from '../../core/fhir/write/if-none-exist.js';
import { identifierToken } from '../../core/identity/tokens.js';
import { planWrite, type Identified, type WritePlan } from '../../core/records/plan-write.js';
import type { CurrentDocument, LatestDocument, Stored } from '../../core/records/types.js';
import { placeOfNew } from './place-of-new.js';
import type { WriteDependencies } from './write-dependencies.js';
import type { PreparedWrite, WritePlace } from './write-record.js';
import type { WriteRequest } from './write-request.js';

/** Records of one identifier that were given others since; more would be a fault. */
const mostGuards = 20;

/**
 * Creates a resource unless there is one with an identifier already, which is answered then (FHIR R4 section 3.1.0.8.1).
 *
 * Of many such requests at the same moment one creates: each claims the identifier for the record that it would create, in
 * the identity store, and all create the record of the claim that holds. A crash leaves a claim, which the next request
 * fulfils.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for criteria that are not one identifier, HDE_PRECONDITION_FAILED when there
 * are several, HDE_ID_TAKEN when it is claimed for a record about another patient
 */
export async function prepareConditionalCreate(
  deps: WriteDependencies,
  request: WriteRequest,
  ifNoneExist: string,
): Promise<PreparedWrite> {
  const { type, writer } = request;
  const { resource, decimals } = request.statement;
  const criteria = readIfNoneExist(ifNoneExist);
  if (!criteria.ok)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'If-None-Exist', detail: criteria.error });
  const entry = indexEntryOf(criteria.value);
  const { documents } = await deps.records.findByIdentifier(type, entry, { limit: 2 });
  const [match, another] = documents;
  if (another !== undefined)
    throw new ExchangeError('HDE_PRECONDITION_FAILED', { detail: 'several resources have the identifier' });
  if (match !== undefined) return { place: placeOf(match), decide: existing };
  const wanted = await placeOfNew(deps, request);
  const place = await claimFor(deps, wanted, entry, writer.requestId);
  const stated: Identified = { ...resource, id: place.id };
  return {
    place,
    decide: (before, context) =>
      existing(before) ?? planWrite(place.partition, { resource: stated, decimals }, before, context),
  };
}

const placeOf = ({ resourceType, fhirId, partition }: CurrentDocument): WritePlace => ({
  type: resourceType,
  id: fhirId,
  partition,
});

const existing = (before: Stored<LatestDocument> | undefined): WritePlan | undefined =>
  before?.document.kind === 'resource'
    ? { operations: [], document: before.document, outcome: 'unchanged' }
    : undefined;

/** Records about nobody have a partition each. */
const isNobodys = ({ id, partition }: Pick<WritePlace, 'id' | 'partition'>): boolean => id === partition;

/** The place of the record that the identifier stands for from now on. */
async function claimFor(
  deps: WriteDependencies,
  wanted: WritePlace,
  entry: string,
  requestId: string,
): Promise<WritePlace> {
  const { type } = wanted;
  for (let guard = 0; guard < mostGuards; guard++) {
    const token = identifierToken(deps.identitySecret, `urn:hde:create:${type}:${guard}`, entry);
    const claim = { token, patientKey: `${wanted.partition}/${wanted.id}`, messageId: requestId };
    const { patientKey } = await deps.identities.claim(claim);
    const [partition = '', id = ''] = patientKey.split('/');
    const stands = await deps.records.readLatest(type, id, partition);
    // One that has another identifier by now no longer is what the claim is for.
    if (stands?.kind === 'resource' && !stands.index.identifier.includes(entry)) continue;
    if (
      partition === wanted.partition ||
      (isNobodys({ id, partition }) && isNobodys(wanted) && type !== 'Patient')
    )
      return { type, id, partition };
    // What was deleted does not keep the identifier from somebody else.
    if (stands?.kind !== 'deleted') throw new ExchangeError('HDE_ID_TAKEN');
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}
