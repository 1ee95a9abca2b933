import type { OperationOutcome, Patient, Resource } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../../core/errors.js';
import type { ReadResource } from '../../../core/fhir/decimals.js';
import { operationOutcome } from '../../../core/fhir/operation-outcome.js';
import { doubtsOfConsent } from '../../../core/governance/consent-doubts.js';
import { faultsOfInnerLabels } from '../../../core/governance/inner-labels.js';
import { patientOf } from '../../access/record-facts.js';
import { answerWith, type FhirAnswer } from '../fhir-answer.js';
import { prepareDelete } from '../delete-resource.js';
import type { WriteDependencies } from '../write-dependencies.js';
import { requireFree, faultsOfIdentifiers } from '../write-identity.js';
import { findSubject, requireLinked, statedSubject } from '../write-subject.js';
import {
  type OperationInput,
  type OperationRequest,
  readInput,
  refused,
  requireKnown,
  statedResource,
  valueOf,
} from './operation-request.js';

const modes = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof modes)[number];

/**
 * Says what would be wrong with a resource, or with deleting one (R4 operation Resource-validate), and what was not looked
 * at. Nothing is stored or claimed. The answer is 200 whether or not the resource is as it must be.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for parameters that are refused, HDE_REQUEST_INVALID for no resource, and
 * those of reading a body that is none
 */
export async function validateResource(
  deps: WriteDependencies,
  request: OperationRequest,
): Promise<FhirAnswer> {
  const read = await tryTo(() => readInput(request));
  if ('issues' in read) return answerWith(outcomeOf(read.issues));
  const input = read.value;
  requireKnown(input, ['resource', 'mode', 'profile']);
  const mode = modeOf(input, request);
  const profile = valueOf(input, 'profile');
  if (mode === 'delete') return answerWith(outcomeOf(await faultsOfDeletion(deps, request)));
  const stated = statedResource(input);
  const statement =
    input.statement ?? (stated === undefined ? await readStored(deps, request) : { resource: stated });
  const faults = await faultsOf(deps, request, statement, mode);
  return answerWith(outcomeOf(faults, profile));
}

/** What the resource is about to be used for; undefined where it is only looked at. */
function modeOf(input: OperationInput, { id }: OperationRequest): Mode | undefined {
  const text = valueOf(input, 'mode');
  const mode = modes.find((each) => each === text);
  if (text !== undefined && mode === undefined) throw refused('mode', `One of ${modes.join(', ')}.`);
  const needsId = mode === 'delete' || mode === 'update';
  if (needsId && id === '')
    throw refused('mode', 'The address of the resource is needed, Type/id/$validate.');
  if (mode === 'create' && id !== '') throw refused('mode', 'Something new has no id: Type/$validate.');
  if (mode === 'profile' && valueOf(input, 'profile') === undefined)
    throw refused('profile', 'The address of the profile is needed.');
  return mode;
}

async function readStored(
  { records }: WriteDependencies,
  { type, id }: OperationRequest,
): Promise<ReadResource> {
  if (id === '')
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'resource', detail: 'the resource' });
  const stored = await records.readCurrent(type, id);
  if (stored === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  return stored;
}

/** More findings of one kind than these help nobody. */
const mostIssues = 50;

async function faultsOf(
  deps: WriteDependencies,
  request: OperationRequest,
  { resource, decimals }: ReadResource,
  mode: Mode | undefined,
): Promise<readonly Issue[]> {
  const { type, id } = request;
  if (resource.resourceType !== type) return [mismatch('resourceType', type)];
  const { checkResource } = await import('../../../core/fhir/write/check-resource.js');
  const { checkCodes } = await import('../../../core/fhir/write/check-codes.js');
  const { checkInvariants } = await import('../../../core/fhir/invariants/check-invariants.js');
  const shape = checkResource(resource, decimals);
  const faults = [
    ...shape,
    ...(shape.length > 0 ? [] : faultsOfInnerLabels(resource)),
    ...(shape.length === 0 && type === 'Patient' ? faultsOfIdentifiers(resource as Patient) : []),
    ...checkCodes(resource).slice(0, mostIssues),
    ...doubtsOfConsent(resource),
  ];
  if (id !== '' && resource.id !== id) faults.push(mismatch(`${type}.id`, 'the id of the address'));
  // What it consists of, and whom it is about, can be told of what has its shape only.
  const broken = shape.length > 0 ? [] : checkInvariants(resource);
  if (mode === undefined || faults.length > 0) return [...faults, ...broken];
  const refused = await tryTo(() => requireAcceptable(deps, request, resource, mode));
  return [...('issues' in refused ? refused.issues : []), ...broken];
}

/**
 * Demands what depends on what is stored: whom the resource is about or linked with, and that nobody else has its
 * identifiers. Nothing is claimed, and what the client may not see is not told of.
 *
 * @throws ExchangeError HDE_PATIENT_UNKNOWN, HDE_PATIENT_CHANGED, HDE_PATIENT_DUPLICATE
 */
async function requireAcceptable(
  deps: WriteDependencies,
  { type, id, writer }: OperationRequest,
  resource: Resource,
  mode: Mode,
): Promise<void> {
  const stands = mode === 'update' ? await deps.records.readLatest(type, id) : undefined;
  if (type === 'Patient') {
    if (mode === 'profile') return;
    await requireLinked(deps, { patient: resource, stands }, writer);
    await requireFree(deps, resource as Patient, mode === 'update' ? id : undefined, writer);
    return;
  }
  if (stands !== undefined && statedSubject(resource, deps.baseUrl)?.patient !== patientOf(stands))
    throw new ExchangeError('HDE_PATIENT_CHANGED');
  await findSubject(deps, resource);
}

async function faultsOfDeletion(
  deps: WriteDependencies,
  { type, id }: OperationRequest,
): Promise<readonly Issue[]> {
  const prepared = await tryTo(() => prepareDelete(deps, { type, id, preconditions: {} }));
  if ('issues' in prepared) return prepared.issues;
  return prepared.value === undefined ? [new ExchangeError('HDE_RESOURCE_NOT_FOUND').toIssue()] : [];
}

const mismatch = (location: string, detail: string): Issue => ({
  code: 'HDE_RESOURCE_MISMATCH',
  severity: 'error',
  location,
  detail,
});

/** Refusals that say what is wrong with a resource, and not with the request for its validation. */
const findings: ReadonlySet<string> = new Set([
  'HDE_RESOURCE_INVALID',
  'HDE_RESOURCE_REFUSED',
  'HDE_PATIENT_UNKNOWN',
  'HDE_PATIENT_CHANGED',
  'HDE_PATIENT_DUPLICATE',
  'HDE_PATIENT_NOT_EMPTY',
]);

async function tryTo<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly issues: readonly Issue[] }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof ExchangeError) || !findings.has(error.code)) throw error;
    return { issues: [error.toIssue(), ...error.others] };
  }
}

/** The findings, and what nobody looked at: nobody shall take a silence for a yes. */
function outcomeOf(faults: readonly Issue[], profile?: string): OperationOutcome {
  const found = faults.length === 0 ? [] : operationOutcome(faults).issue;
  const text = (diagnostics: string, severity: 'information' | 'warning' = 'information') =>
    ({ severity, code: 'informational', diagnostics }) as const;
  return {
    resourceType: 'OperationOutcome',
    issue: [
      ...found,
      ...(faults.length === 0 ? [text('Nothing was found to be wrong.')] : []),
      text(
        'Checked: names, cardinality, choices and the syntax of values, narratives, required codes, invariants of R4 and NHS numbers; where a mode is given, also whom it is about, and in create and update whose its identifiers are. Not checked: other value sets, profiles, and what other references lead to.',
      ),
      ...(profile === undefined
        ? []
        : [text('The profile that was named was not checked: no profiles are.', 'warning')]),
    ],
  };
}
