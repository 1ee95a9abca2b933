import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { developmentKey, keyAlgorithms, keyIdOf } from './keys.js';

/** How the sample policy calls the backend service. */
const developmentBackend = 'development-backend';

/**
 * Gets a token as a backend service does: asks the running exchange where, and proves who it is by an assertion.
 *
 * @param url of the exchange, without a slash at its end
 * @throws Error with what the exchange answered
 */
export async function requestBackendToken(url: string, scope: string, stateDir: string): Promise<string> {
  const configuration = await readJson(await fetch(`${url}/fhir/.well-known/smart-configuration`));
  const endpoint = textIn(configuration, 'token_endpoint');
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signAssertion(endpoint, stateDir),
  });
  return textIn(await readJson(await fetch(endpoint, { method: 'POST', body })), 'access_token');
}

/** An assertion for a token endpoint (SMART App Launch 2, "Client Authentication: Asymmetric"). */
export async function signAssertion(endpoint: string, stateDir: string): Promise<string> {
  const alg = keyAlgorithms.client;
  return new SignJWT()
    .setProtectedHeader({ alg, kid: keyIdOf('client'), typ: 'JWT' })
    .setIssuer(developmentBackend)
    .setSubject(developmentBackend)
    .setAudience(endpoint)
    .setJti(randomUUID())
    .setExpirationTime('4m')
    .sign(await importJWK(await developmentKey(stateDir, 'client'), alg));
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

function textIn(json: unknown, name: string): string {
  const value = (json as Readonly<Record<string, unknown>> | null)?.[name];
  if (typeof value !== 'string') throw new Error(`the answer of the exchange has no ${name}`);
  return value;
}
