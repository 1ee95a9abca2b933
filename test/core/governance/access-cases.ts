/** A small world in which every rule of the access policy is met often, and random cases of it. */
import fc from 'fast-check';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type {
  AccessPrincipal,
  AccessRequest,
  PatientFacts,
  RecordFacts,
} from '../../../src/core/governance/access-request.js';
import {
  actionsOfInteraction,
  labels,
  principalKinds,
  purposes,
  type Action,
  type Interaction,
} from '../../../src/core/governance/access-vocabulary.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';

export const noon = Date.parse('2026-06-15T12:00:00Z');
const day = 86_400_000;
const everyAction: readonly Action[] = ['c', 'r', 'u', 'd', 's'];

export const policy: AccessPolicy = {
  organisations: [
    { ods: 'RBD', name: 'Dorset County Hospital', isActive: true },
    { ods: 'RDZ', name: 'Royal Bournemouth', isActive: true },
    { ods: 'OLD', name: 'A closed trust', isActive: false },
  ],
  agreements: [
    {
      id: 'care',
      from: 'RDZ',
      with: ['RBD'],
      types: ['*'],
      purposes: ['direct-care'],
      actions: ['r', 's'],
      start: noon - day,
      end: noon + day,
    },
    {
      id: 'ended',
      from: 'RBD',
      with: ['RDZ'],
      types: ['Observation'],
      purposes: ['direct-care', 'planning'],
      actions: ['r', 's'],
      start: noon - 2 * day,
      end: noon,
    },
  ],
  roles: [
    {
      code: 'R8000',
      name: 'Clinician',
      types: ['*'],
      actions: everyAction,
      purposes: ['direct-care'],
      clearance: [],
      mayBreakGlass: true,
    },
    {
      code: 'R8008',
      name: 'Clerk',
      types: ['Patient', 'Appointment'],
      actions: ['r', 'u', 's'],
      purposes: ['care-administration'],
      clearance: [],
      mayBreakGlass: false,
    },
    {
      code: 'B0010',
      name: 'Safeguarding',
      types: ['*'],
      actions: ['r', 's'],
      purposes: ['direct-care', 'planning'],
      clearance: ['restricted', 'sensitive', 'very-restricted'],
      mayBreakGlass: false,
    },
    {
      code: 'ANALYST',
      name: 'Analyst',
      types: ['*'],
      actions: ['r', 's'],
      purposes: ['planning', 'research'],
      clearance: ['sensitive'],
      mayBreakGlass: false,
    },
  ],
  clients: [],
  assurance: { system: 1, staff: 2, patient: 3 },
  breakGlass: { minutes: 60, overridesConsent: false },
  optOut: { days: 7 },
  relationship: { days: 730 },
  consumers: [],
};

export const clinician: AccessPrincipal = {
  subject: 'clinician-1',
  kind: 'staff',
  organisation: 'RBD',
  roles: ['R8000'],
  scopes: parseScopes('user/*.cruds'),
  assurance: 2,
  ownRecord: undefined,
  patientInContext: undefined,
};

export const person: AccessPrincipal = {
  ...clinician,
  subject: 'person-1',
  kind: 'patient',
  organisation: undefined,
  roles: [],
  scopes: parseScopes('patient/*.rs user/*.rs'),
  assurance: 3,
  ownRecord: 'p1',
};

export const system: AccessPrincipal = {
  ...clinician,
  subject: 'system-1',
  kind: 'system',
  roles: [],
  scopes: parseScopes('system/*.cruds'),
};

export const patient: PatientFacts = {
  id: 'p1',
  linked: [],
  labels: [],
  optOut: undefined,
  consents: [],
  relationships: [{ organisation: 'RBD', subject: undefined, start: undefined, end: undefined }],
  proxies: [],
};

export const record: RecordFacts = {
  type: 'Observation',
  organisation: 'RBD',
  labels: [],
  codes: { category: ['http://c|laboratory', '|local'] },
  patient,
};

export const request: AccessRequest = {
  principal: clinician,
  interaction: 'read',
  purpose: 'direct-care',
  now: noon,
  breakGlass: undefined,
};

const often = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const some = <T>(...values: readonly T[]) => fc.subarray([...values]);
const few = <T>(...values: readonly T[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: some(...values) });
const ods = fc.constantFrom('RBD', 'RDZ', 'OLD', 'NEW');
const times = [undefined, noon - day, noon, noon + 1];
const term = { start: often(undefined, ...times), end: often(undefined, ...times) };

const scopeTexts = [
  ...['user/*.cruds', 'user/Observation.rs?category=http://c|laboratory', 'user/Patient.r', 'patient/*.rs'],
  ...[
    'system/*.rs',
    'system/*.cruds',
    'user/Organization.cu',
    'user/*.s',
    'system/Condition.r?category=|local',
  ],
];

const consent = (provision: unknown) => ({ status: 'active', provision });
const consents = [
  consent({ type: 'deny', actor: [{ reference: { identifier: { value: 'RBD' } } }] }),
  consent({
    type: 'deny',
    class: [{ code: 'Observation' }],
    provision: [{ type: 'permit', purpose: [{ code: 'TREAT' }] }],
  }),
  consent({ type: 'deny', securityLabel: [{ code: 'SENSITIVE' }] }),
  consent({ type: 'permit' }),
];

/** Some who ask: usually one of those above, altered. */
export const principals = fc.oneof(
  fc.record({
    subject: often('clinician-1', '', 'person-1', 'system-1'),
    kind: fc.constantFrom(...principalKinds),
    organisation: often<string | undefined>('RBD', 'RDZ', 'OLD', 'NEW', undefined),
    roles: some('R8000', 'R8008', 'B0010', 'ANALYST', 'odd'),
    scopes: fc.subarray(scopeTexts, { minLength: 1 }).map((texts) => parseScopes(texts.join(' '))),
    assurance: often(3, 0, 1, 2),
    ownRecord: often<string | undefined>('p1', undefined, 'p2'),
    patientInContext: often<string | undefined>(undefined, 'p1', 'p2'),
  }),
  fc.constantFrom(clinician, person, system, { ...clinician, roles: ['R8000', 'B0010'] }),
);

export const patients: fc.Arbitrary<PatientFacts> = fc.record({
  id: fc.constantFrom('p1', 'p2', 'p3'),
  linked: few('p1', 'p2'),
  labels: few(...labels),
  optOut: fc.constantFrom(undefined, 'may-be-used' as const, 'opted-out' as const),
  consents: few<unknown>(...consents, 7),
  relationships: fc.array(
    fc.record({
      organisation: ods,
      subject: often<string | undefined>(undefined, 'clinician-1', 'x'),
      ...term,
    }),
    { maxLength: 2 },
  ),
  proxies: fc.array(fc.record({ subject: fc.constantFrom('person-1', 'clinician-1'), ...term }), {
    maxLength: 2,
  }),
});

/** A record about one of the patients given, or about nobody. */
const recordsAbout = (people: readonly PatientFacts[]): fc.Arbitrary<RecordFacts> =>
  fc.record({
    type: fc.constantFrom('Observation', 'Patient', 'Condition', 'Organization'),
    organisation: often<string | undefined>('RBD', 'RDZ', 'OLD', undefined),
    labels: few(...labels),
    codes: fc.constantFrom({}, { category: ['http://c|laboratory'] }, { category: ['|local', 'http://c|x'] }),
    patient: often<PatientFacts | undefined>(people[0], undefined, ...people),
  });

export const requests: fc.Arbitrary<AccessRequest> = fc.record({
  principal: principals,
  interaction: fc.constantFrom(...(Object.keys(actionsOfInteraction) as Interaction[])),
  purpose: often(...([...purposes, undefined] as const)),
  now: fc.constant(noon),
  breakGlass: fc.option(
    fc.record({
      patient: often('p1', 'p2'),
      reason: often('unconscious in A&E', '', '  '),
      openedAt: often(noon - 1, noon, noon + 1, noon - 3_600_000, noon - 3_599_999),
    }),
    { nil: undefined },
  ),
});

/** A request, some records of few patients, and the policy. */
export const cases = fc
  .tuple(requests, fc.array(patients, { minLength: 1, maxLength: 2 }), fc.boolean())
  .chain(([asked, people, overridesConsent]) =>
    fc.record({
      request: fc.constant(asked),
      records: fc.array(recordsAbout(people), { minLength: 1, maxLength: 6 }),
      policy: fc.constant({ ...policy, breakGlass: { ...policy.breakGlass, overridesConsent } }),
    }),
  );
