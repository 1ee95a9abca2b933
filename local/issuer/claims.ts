/** What the local issuer writes into the tokens of each kind, as Entra ID, NHS login and CIS2 write them. */
import type { KeyOwner } from './keys.js';

/** Who a development token is for. */
export const bearerKinds = ['entra', 'entra-user', 'nhs-login', 'cis2', 'smart'] as const;
export type BearerKind = (typeof bearerKinds)[number];

export interface DevelopmentClaims {
  /** Default `entra`: an application. */
  readonly as?: BearerKind;
  /** Of an application those of the exchange (`Role`); of staff codes of the policy, the first a job role. */
  readonly roles: readonly string[];
  /** Feeds a sender may post to. */
  readonly feeds?: readonly string[];
  readonly subject?: string;
  /** ODS code of the organisation that the subject acts for; default that of the sample trust. */
  readonly organisation?: string;
  /** What records are wanted for, as Entra says it; default direct care. */
  readonly purposes?: readonly string[];
  /** SMART scopes, separated by spaces; default those that the application is registered for. */
  readonly scope?: string;
  /** Of a patient. */
  readonly nhsNumber?: string;
  /** Record id of the patient whom the application of a member of staff was opened for. */
  readonly patient?: string;
}

/** The one of Entra ID; those of NHS login and CIS2 are below it. */
export const developmentIssuer = 'http://localhost/hde-development-issuer';
export const developmentAudience = 'api://hde';
/** What the applications of people are registered as, in `clients` of the sample policy. */
const application = 'development-app';

/** The issuer that signs for a kind of bearer. */
export const signerOf = (as: Exclude<BearerKind, 'smart'>): Exclude<KeyOwner, 'client' | 'exchange'> =>
  as === 'entra-user' ? 'entra' : as;

const issuerOf = (as: 'nhs-login' | 'cis2') => `${developmentIssuer}/${as}`;

/** Claims of a token but for its times. */
export function claimsOf(claims: DevelopmentClaims): Readonly<Record<string, unknown>> {
  switch (claims.as ?? 'entra') {
    case 'entra':
      return claimsOfApplication(claims);
    case 'entra-user':
      return claimsOfUser(claims);
    case 'nhs-login':
      return claimsOfPatient(claims);
    case 'cis2':
      return claimsOfStaff(claims);
    case 'smart':
      throw new Error('the exchange itself issues tokens for backend services');
  }
}

const entra = { iss: developmentIssuer, aud: developmentAudience };

const accessRoles = ({ organisation = 'RZZ', purposes = ['direct-care'] }: DevelopmentClaims) => [
  `org:${organisation}`,
  ...purposes.map((purpose) => `purpose:${purpose}`),
];

function claimsOfApplication(claims: DevelopmentClaims) {
  const feeds = (claims.feeds ?? []).map((feed) => `feed:${feed}`);
  return {
    ...entra,
    sub: claims.subject ?? 'developer',
    roles: [...claims.roles, ...feeds, ...accessRoles(claims)],
  };
}

/** Entra ID has no slash and no asterisk in the names of scopes. */
const entraScope = (scope: string) => scope.replaceAll('/*.', '.all.').replaceAll('/', '.');

function claimsOfUser(claims: DevelopmentClaims) {
  const { subject = 'developer', scope = 'user/*.cruds', roles, patient } = claims;
  return {
    ...{ ...entra, azp: application, sub: `${subject}-here`, oid: subject },
    ...{ scp: entraScope(scope), amr: ['pwd', 'mfa'] },
    roles: [...roles, ...accessRoles(claims)],
    ...(patient === undefined ? {} : { patient }),
  };
}

const scopeOf = ({ scope }: DevelopmentClaims) => `openid profile${scope === undefined ? '' : ` ${scope}`}`;

function claimsOfPatient(claims: DevelopmentClaims) {
  return {
    ...{ iss: issuerOf('nhs-login'), aud: application, sub: claims.subject ?? 'development-patient' },
    ...{ nhs_number: claims.nhsNumber, identity_proofing_level: 'P9', vot: 'P9.Cp.Cd' },
    scope: scopeOf(claims),
  };
}

function claimsOfStaff(claims: DevelopmentClaims) {
  const { subject = 'developer', organisation = 'RZZ', roles } = claims;
  const [job = '', ...activities] = roles;
  const role = {
    ...{ person_roleid: 'development-role', org_code: organisation },
    ...{ role_code: `S8000:G8000:${job}`, activity_codes: activities },
  };
  return {
    ...{ iss: issuerOf('cis2'), aud: application, sub: subject, nhsid_useruid: subject },
    ...{ nhsid_nrbac_roles: [role], selected_roleid: role.person_roleid },
    ...{ authentication_assurance_level: '3', acr: 'AAL3', scope: scopeOf(claims) },
  };
}
