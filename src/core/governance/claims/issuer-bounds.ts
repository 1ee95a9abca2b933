/** What the tokens of one issuer may say at most, whatever they claim: an issuer answers for its own people only. */
import type { Principal, Role } from '../access.js';

export interface IssuerBounds {
  /** ODS codes of the organisations that its bearers may act for; undefined: any. */
  readonly organisations?: readonly string[] | undefined;
  /** Undefined: any. */
  readonly roles?: readonly Role[] | undefined;
  /** Feeds that its bearers may have; undefined: any. */
  readonly feeds?: readonly string[] | undefined;
  /** How surely its staff have signed in, where their token says less: 1 to 3. */
  readonly staffAssurance?: number | undefined;
  /** Tells its subjects from those of another issuer of its kind, which could else call somebody by the same name. */
  readonly subjectPrefix?: string | undefined;
}

/** What is left of what a token says. An organisation beyond the bounds is none. */
export function withinBounds(principal: Principal, bounds: IssuerBounds): Principal {
  const { claims } = principal;
  const { organisation, onBehalfOf } = claims;
  const mayActFor = organisation !== undefined && (bounds.organisations?.includes(organisation) ?? true);
  const least = claims.kind === 'staff' ? (bounds.staffAssurance ?? 0) : 0;
  const prefix = bounds.subjectPrefix === undefined ? '' : `${bounds.subjectPrefix}:`;
  return {
    subject: `${prefix}${principal.subject}`,
    roles: principal.roles.filter((role) => bounds.roles?.includes(role) ?? true),
    feeds: principal.feeds.filter((feed) => bounds.feeds?.includes(feed) ?? true),
    claims: {
      ...claims,
      organisation: mayActFor ? organisation : undefined,
      onBehalfOf: onBehalfOf === undefined ? undefined : `${prefix}${onBehalfOf}`,
      assurance: Math.max(claims.assurance, least),
    },
  };
}
