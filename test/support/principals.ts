import { noClaims, type AccessClaims, type Principal, type Role } from '../../src/core/governance/access.js';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';

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
