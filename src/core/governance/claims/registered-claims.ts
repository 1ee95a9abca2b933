import type { AccessClaims } from '../access.js';
import type { RegisteredClient } from '../access-policy.js';
import type { Purpose } from '../access-vocabulary.js';
import { commonScopes } from '../scope-sets.js';
import { parseScope, type SmartScope } from '../smart-scopes.js';

/** What a token says of these; undefined where it is silent, which leaves it to the registration of its client. */
export interface StatedClaims {
  /** ODS codes. */
  readonly organisations: readonly string[] | undefined;
  readonly purposes: readonly Purpose[] | undefined;
  readonly scopes: readonly SmartScope[] | undefined;
}

/**
 * What a token allows within the registration of its client: never more than either says. A token whose client is not
 * registered has what it says itself; several organisations are none, because nobody could tell which one asks.
 */
export function withinRegistration(
  stated: StatedClaims,
  client: RegisteredClient | undefined,
): Pick<AccessClaims, 'organisation' | 'purposes' | 'scopes'> {
  const { organisations = [], purposes = [], scopes = [] } = stated;
  if (client === undefined) return { organisation: onlyOne(organisations), purposes, scopes };
  return {
    organisation: organisationWithin(stated.organisations, client),
    purposes: client.purposes.filter((purpose) => stated.purposes?.includes(purpose) ?? true),
    scopes: stated.scopes === undefined ? client.scopes : commonScopes(stated.scopes, client.scopes),
  };
}

function organisationWithin(
  stated: readonly string[] | undefined,
  { organisation }: RegisteredClient,
): string | undefined {
  if (organisation === undefined) return onlyOne(stated ?? []);
  return stated?.includes(organisation) === false ? undefined : organisation;
}

const onlyOne = (organisations: readonly string[]): string | undefined =>
  organisations.length === 1 ? organisations[0] : undefined;

const forResources = /^(?:patient|user|system)[/.]/;

/**
 * The scopes for resources among the words of a claim; undefined where it has no such words, such as `openid profile`.
 * Entra ID has no slash in names of scopes: `user.Observation.rs` and `user.all.rs` are read as `user/Observation.rs` and
 * `user/*.rs`.
 */
export function statedScopes(text: string | undefined): readonly SmartScope[] | undefined {
  const words = (text ?? '').split(/\s+/).filter((word) => forResources.test(word));
  if (words.length === 0) return undefined;
  return words.flatMap((word) => parseScope(withSlash(word)) ?? []);
}

const withSlash = (word: string): string =>
  word.replace(/^(patient|user|system)\.([^./]+)\./, (_, context: string, type: string) => {
    return `${context}/${type === 'all' ? '*' : type}.`;
  });
