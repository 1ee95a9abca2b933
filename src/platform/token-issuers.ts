/** Whose tokens are acceptable, from the settings HDE_TOKEN_* (docs/guides/authentication.md). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { signatureAlgorithms } from '../adapters/auth/algorithms.js';
import type { TokenIssuer } from '../adapters/auth/token-verifier.js';
import { roles } from '../core/governance/access.js';
import { issuerKinds } from '../core/governance/claims/principal-of-token.js';
import { subjectKinds } from '../core/governance/claims/subjects.js';
import { readJson } from './read-json.js';
import { trustedAddress } from './registered-clients.js';

const odsCode = z.string().regex(/^[A-Z0-9]{3,10}$/, 'is no ODS code');

/** Names of our own kinds of subjects would make one issuer's people another's. */
const subjectPrefix = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'is not up to 32 small letters, digits and hyphens')
  .refine((prefix) => !(subjectKinds as readonly string[]).includes(prefix), 'is a name of the exchange');

const common = {
  issuer: z.url(),
  audience: z.string().min(1),
  jwksUri: trustedAddress,
  algorithms: z.array(z.enum(signatureAlgorithms)).min(1).optional(),
  subjectPrefix: subjectPrefix.optional(),
};

/**
 * Entra ID gives whatever roles its administrators please, so that another tenant than the trust's own has to be bound to
 * its organisations; what is not named of roles and feeds its people do not have.
 */
const entraSchema = z.strictObject({
  ...common,
  kind: z.literal('entra'),
  organisations: z.array(odsCode).min(1),
  roles: z.array(z.enum(roles)).default(['reader', 'writer']),
  feeds: z.array(z.string().min(1)).default([]),
  staffAssurance: z.int().min(1).max(3).optional(),
});

/** Their organisations come from the registration of a client, or from the national directory. */
const otherSchema = z.strictObject({
  ...common,
  kind: z.enum(issuerKinds).exclude(['entra']),
  organisations: z.array(odsCode).min(1).optional(),
});

const issuersSchema = z.array(z.discriminatedUnion('kind', [entraSchema, otherSchema]).transform(toIssuer));

function toIssuer(row: z.infer<typeof entraSchema> | z.infer<typeof otherSchema>): TokenIssuer {
  const { issuer, audience, kind, algorithms, jwksUri, ...bounds } = row;
  return { ...{ issuer, audience, kind, algorithms, bounds }, keys: { kind: 'address', jwksUri } };
}

/**
 * Reads the issuers beside the first one, which are given themselves, or by the name of a file.
 *
 * @throws Error that names every faulty row
 */
export function loadTokenIssuers(issuersOrFile: string): TokenIssuer[] {
  const text = /^\s*\[/.test(issuersOrFile) ? issuersOrFile : readFileSync(issuersOrFile, 'utf8');
  const parsed = issuersSchema.safeParse(readJson(text));
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    );
  return parsed.data;
}

/**
 * @throws Error for an issuer that occurs twice, since nobody could tell which keys are meant, and for two of a kind whose
 * subjects nobody could tell apart
 */
export function requireDistinct(issuers: readonly TokenIssuer[]): readonly TokenIssuer[] {
  const repeated = firstRepeated(issuers, ({ issuer }) => issuer);
  if (repeated !== undefined) throw faulty(`${repeated.issuer} occurs twice`);
  const alike = firstRepeated(issuers, ({ kind, bounds }) => `${bounds?.subjectPrefix ?? ''}:${kind}`);
  if (alike !== undefined)
    throw faulty(`${alike.issuer} needs a subjectPrefix of its own: there is another issuer of its kind`);
  return issuers;
}

function firstRepeated(
  issuers: readonly TokenIssuer[],
  nameOf: (issuer: TokenIssuer) => string,
): TokenIssuer | undefined {
  const names = issuers.map(nameOf);
  return issuers.find((_, at) => names.indexOf(names[at] ?? '') < at);
}

const faulty = (fault: string): Error =>
  new Error(`Settings are missing or wrong. HDE_TOKEN_ISSUERS: ${fault}`);
