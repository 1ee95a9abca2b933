/** Rules about a request, its type of record, and how far its scopes reach. */
import { sharedTypes } from '../fhir/interactions.js';
import type { AccessPolicy, RoleActivity } from './access-policy.js';
import {
  isSamePerson,
  type AccessPrincipal,
  type AccessRequest,
  type PatientFacts,
  type RecordFacts,
} from './access-request.js';
import {
  actionsOfInteraction,
  principalKinds,
  purposes,
  secondaryPurposes,
  type Action,
  type Label,
  type PrincipalKind,
} from './access-vocabulary.js';
import type { ReasonCode } from './decision-reasons.js';
import { allows, meetsRestrictions, type SmartScope } from './smart-scopes.js';

/** What the token allows for one type of record. */
export interface TypeRights {
  /** For each action that is needed, the scopes that allow it. */
  readonly scopes: readonly (readonly SmartScope[])[];
  readonly clearance: ReadonlySet<Label>;
  readonly mayBreakGlass: boolean;
}

/** Why nothing at all is given to this request; undefined when that depends on the record. */
export function refusalOfRequest(request: AccessRequest, policy: AccessPolicy): ReasonCode | undefined {
  const { principal, purpose } = request;
  if (!isUnderstood(request)) return 'not-understood';
  if (principal.subject.trim() === '') return 'not-authenticated';
  if (!(principal.assurance >= policy.assurance[principal.kind])) return 'authentication-too-weak';
  if (purpose === undefined) return 'purpose-missing';
  if ((principal.kind === 'patient') !== (purpose === 'patient-access')) return 'purpose-not-allowed';
  if (secondaryPurposes.has(purpose) && !readsOnly(actionsOf(request))) return 'purpose-not-allowed';
  return principal.kind === 'patient' || takesPart(principal.organisation, policy)
    ? undefined
    : 'organisation-unknown';
}

const isUnderstood = ({ principal, interaction, purpose, now }: AccessRequest): boolean =>
  typeof principal.subject === 'string' &&
  principalKinds.includes(principal.kind) &&
  Object.hasOwn(actionsOfInteraction, interaction) &&
  (purpose === undefined || purposes.includes(purpose)) &&
  Number.isFinite(now) &&
  typeof principal.assurance === 'number';

const takesPart = (organisation: string | undefined, { organisations }: AccessPolicy): boolean =>
  organisations.some(({ ods, isActive }) => isActive && ods === organisation);

/** The actions that a request needs. */
export const actionsOf = ({ interaction }: AccessRequest): readonly Action[] =>
  actionsOfInteraction[interaction];

/** Whether actions change nothing. */
export const readsOnly = (actions: readonly Action[]): boolean =>
  actions.every((action) => action === 'r' || action === 's');

/** SMART: `system/` for applications without a user; the others for users, who may be patients. */
const contextsOf: Readonly<Record<PrincipalKind, readonly SmartScope['context'][]>> = {
  system: ['system'],
  staff: ['user', 'patient'],
  patient: ['patient', 'user'],
};

/** A resource type, as scopes write it. */
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/** What is allowed by type, or why nothing is; each type is looked at once. */
export function compileTypes(
  request: AccessRequest,
  policy: AccessPolicy,
): (type: string) => TypeRights | ReasonCode {
  const { principal, purpose } = request;
  const actions = actionsOf(request);
  const scopes = principal.scopes.filter(({ context }) => contextsOf[principal.kind].includes(context));
  const held = policy.roles.filter(
    (role) => principal.roles.includes(role.code) && purpose !== undefined && role.purposes.includes(purpose),
  );

  const find = (type: string): TypeRights | ReasonCode => {
    // A scope, a role or an agreement for all types is for none that is no type.
    if (typeof type !== 'string' || !TYPE.test(type)) return 'not-understood';
    const allowing = actions.map((action) => scopes.filter((scope) => allows(scope, type, [action])));
    if (allowing.some((each) => each.length === 0)) return 'scope-missing';
    const roles = held.filter((role) => isFor(role, type, actions));
    const areEnough = actions.every((action) => roles.some((role) => role.actions.includes(action)));
    if (principal.kind === 'staff' && !areEnough) return 'role-missing';
    return {
      scopes: allowing,
      clearance: new Set(roles.flatMap(({ clearance }) => clearance)),
      mayBreakGlass: roles.some(({ mayBreakGlass }) => mayBreakGlass),
    };
  };
  const found = new Map<string, TypeRights | ReasonCode>();
  return (type) => {
    const known = found.get(type);
    if (known !== undefined) return known;
    const rights = find(type);
    found.set(type, rights);
    return rights;
  };
}

const isFor = ({ types, actions }: RoleActivity, type: string, asked: readonly Action[]): boolean =>
  (types.includes('*') || types.includes(type)) && asked.some((action) => actions.includes(action));

/** Whether the scopes of each needed action reach a record. What is about nobody, patients only read. */
export function isInScope({ scopes }: TypeRights, request: AccessRequest, record: RecordFacts): boolean {
  const { principal } = request;
  const isReading = readsOnly(actionsOf(request));
  if (record.patient === undefined && principal.kind === 'patient' && !isReading) return false;
  // Of what is about nobody, the directory: a result that names no patient may be anybody's.
  const isInContext =
    record.patient === undefined
      ? isReading && sharedTypes.has(record.type)
      : isPatientInContext(principal, record.patient);
  const reaches = (scope: SmartScope): boolean =>
    (scope.context !== 'patient' || isInContext) &&
    (scope.restrictions.length === 0 || meetsRestrictions(scope, record.codes));
  return scopes.every((allowing) => allowing.some(reaches));
}

/**
 * Whether `patient/` scopes are about a patient: the one whom the application was opened for, else those whom a patient may
 * have at all, who are themselves and those for whom they act (`ownOrProxied`).
 */
const isPatientInContext = ({ kind, patientInContext }: AccessPrincipal, patient: PatientFacts): boolean =>
  patientInContext === undefined ? kind === 'patient' : isSamePerson(patient, patientInContext);
