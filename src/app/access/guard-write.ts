/** Asks the access policy about writes: of what stands, and of what would stand from then on. */
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import { subjectsOf } from '../../core/fhir/write/patient-compartment.js';
import type { Decision } from '../../core/governance/decision-reasons.js';
import type { ReadResource } from '../../core/fhir/decimals.js';
import { planWrite, type WritePlan } from '../../core/records/plan-write.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { FhirDependencies } from '../fhir/fhir-answer.js';
import type { WriteDependencies, Writer } from '../fhir/write-dependencies.js';
import { contextOf, type PreparedWrite, type WritePlace } from '../fhir/write-record.js';
import { notStored } from '../fhir/write-subject.js';
import { guardedRecords } from './guarded-records.js';
import { ownLabels } from './record-facts.js';
import type { RequestAccess } from './request-access.js';

/** What changes a record. */
export type WritingInteraction = 'create' | 'update' | 'patch' | 'delete' | 'meta-add' | 'meta-delete';

/** Whoever does not see all of a record does not replace it: what they were not shown would be lost. */
const mayChange = ({ outcome, obligations }: Decision): boolean =>
  outcome === 'permit' && !obligations.includes('redact-location');

/** What a client may do about what stands under an id: `hidden` is answered as if nothing did. */
export type Standing = 'open' | 'refused' | 'hidden';

/** Whether a request may change what stands under an id; nothing that stands is open. */
export async function standingOf(
  records: Pick<RecordStore, 'readLatest'>,
  access: RequestAccess,
  interaction: WritingInteraction,
  { type, id }: { readonly type: string; readonly id: string },
): Promise<Standing> {
  const stands = isFhirId(id) ? await records.readLatest(type, id) : undefined;
  if (stands === undefined) return 'open';
  const [decision] = await access.decide(interaction, [stands]);
  if (decision !== undefined && mayChange(decision)) return 'open';
  return access.isSeen(stands) ? 'refused' : 'hidden';
}

/** The records by which criteria of a write are looked up: what the client may read, or else change. */
export function visibleTo<D extends FhirDependencies & { readonly records: RecordStore }>(
  deps: D,
  { access, mayRead }: Pick<Writer, 'access' | 'mayRead'>,
  interaction: WritingInteraction,
): D {
  const seen = guardedRecords(deps.records, access, mayRead ? 'search-type' : interaction);
  return { ...deps, records: seen, stored: deps.records };
}

/**
 * Refuses a record that may not be created, before anything is claimed for it: what was claimed is in the way of others, who
 * would learn by it whom there is.
 *
 * @throws ExchangeError HDE_FORBIDDEN without detail, or HDE_PATIENT_UNKNOWN
 */
export async function requireCreatable(
  deps: WriteDependencies,
  writer: Writer,
  interaction: 'create' | 'update',
  { place, statement }: { readonly place: WritePlace; readonly statement: ReadResource },
): Promise<void> {
  const { access } = writer;
  const { type, id, partition } = place;
  await access.prepare([{ resourceType: type, fhirId: id, partition }]);
  const stated = { ...statement, resource: { ...statement.resource, id } };
  const plan = planWrite(partition, stated, undefined, contextOf(deps, writer));
  requireNew(access, interaction, plan);
}

function requireNew(
  access: RequestAccess,
  interaction: WritingInteraction,
  plan: WritePlan | undefined,
): void {
  requireWritten(
    plan,
    (document) => access.decideNew(interaction, document),
    (document) => refusalOfNew(access, document),
  );
}

/**
 * A write that is carried out if the policy permits it for what stands then, and for what it makes of it. The record stays
 * that of the organisation that stated it first.
 *
 * @throws ExchangeError HDE_FORBIDDEN without detail, or HDE_RESOURCE_NOT_FOUND, when it is decided on
 */
export async function guardWrite(
  access: RequestAccess,
  interaction: WritingInteraction,
  { place, decide }: PreparedWrite,
): Promise<PreparedWrite> {
  const { type, id, partition } = place;
  await access.prepare([{ resourceType: type, fhirId: id, partition }]);
  return {
    place,
    decide: (before, context) => {
      const stands = before?.document;
      // Also when it was deleted: whoever states it again does not make it their own.
      const owned = stands === undefined ? context : { ...context, organisation: access.custodianOf(stands) };
      if (stands?.kind !== 'resource') {
        const plan = decide(before, owned);
        requireNew(access, interaction, plan);
        return plan;
      }
      const decision = access.decideNow(interaction, stands);
      if (!mayChange(decision)) throw refusalFor(access, interaction, stands);
      const plan = decide(before, owned);
      requireWritten(plan, (document) => access.decideNow(interaction, document));
      if (plan?.document.kind === 'resource' && removesMore(decision, stands, plan.document))
        throw new ExchangeError('HDE_FORBIDDEN');
      return plan;
    },
  };
}

/** That a record is there is for those who may see it; whoever would create it is not told, either. */
const refusalFor = (
  access: RequestAccess,
  interaction: WritingInteraction,
  stands: CurrentDocument,
): ExchangeError =>
  new ExchangeError(
    interaction === 'create' || access.isSeen(stands) ? 'HDE_FORBIDDEN' : 'HDE_RESOURCE_NOT_FOUND',
  );

/** Of a patient whom the writer may not see is told what is told of one who is not stored here. */
function refusalOfNew(
  access: RequestAccess,
  { resource, partition, resourceType }: CurrentDocument,
): ExchangeError {
  const isHidden = resourceType !== 'Patient' && access.hidesPatient(partition);
  const named = subjectsOf(resource).find(
    ({ reference = '' }) => patientReference.exec(reference)?.[1] === partition,
  );
  return isHidden && named !== undefined ? notStored(named.element) : new ExchangeError('HDE_FORBIDDEN');
}

/** The patient of a reference to one, whatever stands before it. */
const patientReference = /(?:^|\/)Patient\/([^/]+)(?:\/_history\/[^/]+)?$/;

/** @throws ExchangeError `refusal` of a record that its writer might not have */
function requireWritten(
  plan: WritePlan | undefined,
  decide: (document: CurrentDocument) => Decision,
  refusal: (document: CurrentDocument) => ExchangeError = () => new ExchangeError('HDE_FORBIDDEN'),
): void {
  if (plan?.document.kind === 'resource' && !mayChange(decide(plan.document))) throw refusal(plan.document);
}

/** Whether a write takes away a label that holds back the record from its writer, who has broken the glass. */
function removesMore(decision: Decision, stands: CurrentDocument, written: CurrentDocument): boolean {
  const left = ownLabels(written);
  const isGlassBroken = decision.reason === 'break-glass' || decision.reason === 'own-record';
  return isGlassBroken && ownLabels(stands).some((label) => !left.includes(label));
}
