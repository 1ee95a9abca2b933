/** Tokens for SMART Backend Services (SMART App Launch 2.2, RFC 6749 section 4.4, RFC 7523). */
import { ExchangeError } from '../../core/errors.js';
import type { RegisteredClient } from '../../core/governance/access-policy.js';
import { grantedScopes } from '../../core/governance/smart-grant.js';

/** A client that has proved who it is. */
export interface AuthenticatedClient {
  readonly client: RegisteredClient;
  /** SHA-256 of the certificate that came with the request, in hexadecimal, where the client needs one. */
  readonly thumbprint: string | undefined;
}

/** What a token says. */
export interface TokenClaims {
  readonly client: string;
  /** Separated by spaces. */
  readonly scope: string;
  /** Of the certificate that the token is bound to (RFC 8705). */
  readonly thumbprint: string | undefined;
  readonly lifetimeSeconds: number;
}

export interface TokenDependencies {
  /** @throws ExchangeError HDE_CLIENT_REFUSED, HDE_CERTIFICATE_NEEDED */
  readonly authenticate: (assertion: string, certificate: string | undefined) => Promise<AuthenticatedClient>;
  readonly sign: (claims: TokenClaims) => Promise<string>;
}

/** A successful answer (RFC 6749 section 5.1). */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
  readonly scope: string;
}

/** How long a token is good: SMART advises five minutes at most. */
const lifetimeSeconds = 300;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Issues a token for a client that proves who it is by an assertion.
 *
 * @param form parameters of the request
 * @param certificate what the gateway forwards as the client's certificate
 * @throws ExchangeError HDE_REQUEST_INVALID, HDE_GRANT_UNSUPPORTED, HDE_CLIENT_REFUSED, HDE_CERTIFICATE_NEEDED,
 * HDE_SCOPE_REFUSED
 */
export async function issueToken(
  { authenticate, sign }: TokenDependencies,
  form: URLSearchParams,
  certificate: string | undefined,
): Promise<{ readonly token: IssuedToken; readonly client: RegisteredClient }> {
  if (parameter(form, 'grant_type') !== 'client_credentials')
    throw new ExchangeError('HDE_GRANT_UNSUPPORTED');
  const scope = parameter(form, 'scope');
  if (parameter(form, 'client_assertion_type') !== assertionType)
    throw new ExchangeError('HDE_CLIENT_REFUSED', {
      location: 'client_assertion_type',
      detail: `has to be ${assertionType}`,
    });
  const assertion = parameter(form, 'client_assertion');
  const { client, thumbprint } = await authenticate(assertion, certificate);
  if (form.has('client_id') && parameter(form, 'client_id') !== client.id)
    throw new ExchangeError('HDE_CLIENT_REFUSED', {
      location: 'client_id',
      detail: 'is not that of the assertion',
    });
  const granted = grantedScopes(client, scope);
  if (granted === undefined) throw new ExchangeError('HDE_SCOPE_REFUSED', { location: 'scope' });
  const token = await sign({ client: client.id, scope: granted, thumbprint, lifetimeSeconds });
  return {
    token: { access_token: token, token_type: 'bearer', expires_in: lifetimeSeconds, scope: granted },
    client,
  };
}

/** RFC 6749 section 3.2: each once, and one without a value is one that is missing. */
function parameter(form: URLSearchParams, name: string): string {
  const [value = '', ...others] = form.getAll(name);
  if (others.length > 0)
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: name, detail: 'occurs more than once' });
  if (value === '') throw new ExchangeError('HDE_REQUEST_INVALID', { location: name, detail: 'is missing' });
  return value;
}
