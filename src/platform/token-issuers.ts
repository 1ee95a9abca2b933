/** Whose tokens are acceptable, from the settings HDE_TOKEN_* (docs/guides/authentication.md). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { signatureAlgorithms } from '../adapters/auth/algorithms.js';
import type { TokenIssuer } from '../adapters/auth/token-verifier.js';
import { issuerKinds } from '../core/governance/claims/principal-of-token.js';
import { readJson } from './read-json.js';
import { trustedAddress } from './registered-clients.js';

const issuersSchema = z.array(
  z
    .strictObject({
      issuer: z.url(),
      audience: z.string().min(1),
      jwksUri: trustedAddress,
      kind: z.enum(issuerKinds),
      algorithms: z.array(z.enum(signatureAlgorithms)).min(1).optional(),
    })
    .transform(({ jwksUri, ...others }): TokenIssuer => ({ ...others, keys: { kind: 'address', jwksUri } })),
);

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

/** @throws Error for an issuer that occurs twice: nobody could tell which keys are meant */
export function requireDistinct(issuers: readonly TokenIssuer[]): readonly TokenIssuer[] {
  const names = issuers.map(({ issuer }) => issuer);
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined)
    throw new Error(`Settings are missing or wrong. HDE_TOKEN_ISSUERS: ${repeated} occurs twice`);
  return issuers;
}
