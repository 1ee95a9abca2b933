/** Requests as the access policy sees them, over the stores of a test. */
import type { AccessDependencies } from '../../src/app/access/access-dependencies.js';
import { RequestAccess, type Asker } from '../../src/app/access/request-access.js';
import type { AccessPolicy } from '../../src/core/governance/access-policy.js';
import type { AccessPrincipal } from '../../src/core/governance/access-request.js';
import { labels } from '../../src/core/governance/access-vocabulary.js';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';
import { nothingKept } from '../../src/core/governance/kept-facts.js';
import type { RecordStore } from '../../src/ports/record-store.js';

/** An application of the trust RZZ that may do everything. */
export const aSystem: AccessPrincipal = {
  ...{ subject: 'app-7', kind: 'system', organisation: 'RZZ', roles: [], assurance: 1 },
  ...{ scopes: parseScopes('system/*.cruds'), ownRecord: undefined, patientInContext: undefined },
};

/** Nothing is known of anybody. */
export const noGovernance: AccessDependencies['governance'] = {
  factsOf: (patients) => Promise.resolve(patients.map(() => nothingKept)),
  glassOf: () => Promise.resolve(undefined),
};

export const onlyOwn: AccessPolicy = {
  organisations: ['RZZ', 'RYY', 'RXX'].map((ods) => ({ ods, name: ods, isActive: true })),
  ...{ agreements: [], clients: [], consumers: [], assurance: { system: 1, staff: 2, patient: 3 } },
  roles: [
    {
      ...{ code: 'CLEARED', name: 'Cleared for all', types: ['*'], actions: ['c', 'r', 'u', 'd', 's'] },
      ...{ purposes: ['direct-care'], clearance: labels, mayBreakGlass: false },
    },
    {
      ...{ code: 'R8000', name: 'Clinician', types: ['*'], actions: ['c', 'r', 'u', 'd', 's'] },
      ...{ purposes: ['direct-care'], clearance: [], mayBreakGlass: true },
    },
    {
      ...{ code: 'ANALYST', name: 'Analyst', types: ['*'], actions: ['r', 's'] },
      ...{ purposes: ['planning', 'research'], clearance: [], mayBreakGlass: false },
    },
  ],
  ...{
    breakGlass: { minutes: 60, overridesConsent: false },
    optOut: { days: 7 },
    relationship: { days: 730 },
  },
};

/** The same that may see and change what is restricted, too. */
export const aClearedSystem: AccessPrincipal = { ...aSystem, roles: ['CLEARED'] };

/** A clinician of RZZ, who may break the glass. */
export const aClinician: AccessPrincipal = {
  ...{ ...aSystem, subject: 'clinician-1', kind: 'staff', roles: ['R8000'], assurance: 2 },
  scopes: parseScopes('user/*.cruds'),
};

/** The patient whose record is `a`. */
export const thePatient: AccessPrincipal = {
  ...{ ...aSystem, subject: 'person-1', kind: 'patient', organisation: undefined, assurance: 3 },
  ...{ scopes: parseScopes('patient/*.rs'), ownRecord: 'a' },
};

/** Whose feeds the records of tests come from. */
export const feedsOfRzz = new Map(['pas', 'rzz-tie', 'acute-adt'].map((id) => [id, { organisation: 'RZZ' }]));

/** The access of a request: default that of a system of RZZ, whose records all of them are, for direct care. */
export const anAccess = (
  records: RecordStore,
  asker: Partial<Asker> = {},
  deps: Partial<AccessDependencies> = {},
): RequestAccess =>
  new RequestAccess(
    {
      ...{ records, governance: noGovernance, policy: onlyOwn, feeds: feedsOfRzz },
      ...{ baseUrl: 'https://hde.example/fhir', identitySecret: 'a secret of tests', ...deps },
    },
    { principal: aSystem, purpose: 'direct-care', now: Date.UTC(2026, 10, 26, 9), ...asker },
  );
