/** The rows `clients` of the access policy (docs/reference/access-model.md). */
import { z } from 'zod';
import type { RegisteredClient } from '../core/governance/access-policy.js';
import { purposes } from '../core/governance/access-vocabulary.js';
import { parseScope } from '../core/governance/smart-scopes.js';

/** An address whose answer nobody between can change; one of this machine needs no TLS. */
export const trustedAddress = z
  .url()
  .refine(
    (address) => /^https:\/\/|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(address),
    'is not https',
  );

/** A public key of RSA or of an elliptic curve (RFC 7517, RFC 7518 section 6). */
const publicKey = z
  .looseObject({ kty: z.enum(['RSA', 'EC']), kid: z.string().min(1) })
  .refine((key) => !Object.hasOwn(key, 'd'), 'is a private key: it belongs to the client alone');

const scopes = z
  .string()
  .trim()
  .min(1)
  .transform((text, context) =>
    text.split(/\s+/).flatMap((word) => {
      const scope = parseScope(word);
      if (scope === undefined) context.addIssue({ code: 'custom', message: `${word} is no scope` });
      return scope ?? [];
    }),
  )
  .refine((list) => list.length <= 100, 'are more than 100');

/** SHA-256 as `openssl x509 -fingerprint` and portals write it. */
const thumbprint = z
  .string()
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .refine((text) => /^[0-9a-f]{64}$/.test(text), 'is no SHA-256 thumbprint');

export const clientSchema = z
  .strictObject({
    id: z.string().trim().min(1).max(200),
    issuer: z.url().optional(),
    jwks: z.strictObject({ keys: z.array(publicKey).min(1).max(20) }).optional(),
    jwksUri: trustedAddress.optional(),
    organisation: z
      .string()
      .regex(/^[A-Z0-9]{3,10}$/, 'is no ODS code')
      .optional(),
    purposes: z.array(z.enum(purposes)).min(1).readonly(),
    scopes,
    certificates: z.array(thumbprint).max(20).default([]),
  })
  .refine(
    ({ issuer, jwks, jwksUri }) => [issuer, jwks, jwksUri].filter((each) => each !== undefined).length === 1,
    'takes one of issuer, jwks and jwksUri',
  )
  .transform(({ issuer, jwks, jwksUri, organisation, ...others }): RegisteredClient => {
    const set = jwks === undefined ? undefined : ({ kind: 'set', jwks } as const);
    const keys = jwksUri === undefined ? set : ({ kind: 'address', jwksUri } as const);
    return { ...others, issuer, keys, organisation };
  });

/** What is wrong with clients beside their form, each by its position and its name. */
export function faultsOfClients(
  clients: readonly RegisteredClient[],
  organisations: ReadonlySet<string>,
): string[] {
  const keyOf = ({ issuer, id }: RegisteredClient) => JSON.stringify([issuer, id]);
  const first = new Map([...clients].reverse().map((client) => [keyOf(client), client]));
  return clients.flatMap((client, at) =>
    [
      ...(first.get(keyOf(client)) === client ? [] : ['occurs twice']),
      ...faultsOfClient(client, organisations),
    ].map((fault) => `clients.${at} (${client.id}): ${fault}`),
  );
}

function faultsOfClient(client: RegisteredClient, organisations: ReadonlySet<string>): string[] {
  const { keys, organisation, purposes: registered, scopes: allowed } = client;
  const isBackend = keys !== undefined;
  return [
    ...(organisation === undefined || organisations.has(organisation)
      ? []
      : [`${organisation} is not among the organisations`]),
    ...(isBackend && organisation === undefined ? ['a client with keys needs an organisation'] : []),
    ...(isBackend && allowed.some(({ context }) => context !== 'system')
      ? ['a client with keys takes system/ scopes only']
      : []),
    ...(isBackend && registered.includes('patient-access') ? ['a client with keys is no patient'] : []),
  ];
}
