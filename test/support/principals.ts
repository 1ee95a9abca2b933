import { noClaims, type AccessClaims, type Principal, type Role } from '../../src/core/governance/access.js';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';
import { NHS_NUMBER_SYSTEM } from '../../src/core/identity/nhs-number.js';

/** What the token of a system of the sample trust says: all scopes, for direct care. */
export const systemClaims: AccessClaims = {
  ...noClaims,
  organisation: 'RZZ',
  scopes: parseScopes('system/*.cruds'),
  assurance: 1,
  purposes: ['direct-care'],
};

/** A system of the sample trust. */
export const aPrincipal = (
  roles: readonly Role[],
  others: Partial<Omit<Principal, 'roles'>> = {},
): Principal => ({ subject: 'app-1', claims: systemClaims, roles, feeds: [], ...others });

/** A member of staff of an organisation, for direct care. */
export const aClinician = (subject: string, claims: Partial<AccessClaims> = {}): Principal => ({
  subject,
  claims: {
    ...noClaims,
    kind: 'staff',
    organisation: 'RZZ',
    roles: ['R8000'],
    scopes: parseScopes('user/*.rs'),
    assurance: 2,
    purposes: ['direct-care'],
    ...claims,
  },
  roles: [],
  feeds: [],
});

/** A patient, or somebody who acts for one, by an NHS number. */
export const aPatientWith = (subject: string, nhsNumber: string, scopes = 'patient/*.rs'): Principal => ({
  subject,
  claims: {
    ...noClaims,
    kind: 'patient',
    scopes: parseScopes(scopes),
    assurance: 3,
    purposes: ['patient-access'],
    patientIdentifier: `${NHS_NUMBER_SYSTEM}|${nhsNumber}`,
  },
  roles: [],
  feeds: [],
});
