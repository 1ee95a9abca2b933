import { createLocalJWKSet, errors as joseErrors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** What fetches the keys, and when it is. */
export interface KeySource {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The keys could not be fetched: that says nothing about the token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Between requests for keys, whether an unknown key id or a failure asks for them. */
const pauseMs = 5_000;
/** While known keys go on, an endpoint that failed is asked again after this long. */
const outagePauseMs = 60_000;
/** From this age on keys are fetched again: what an issuer withdraws is trusted no longer than that. */
const freshMs = 600_000;
/** How long known keys go on while they cannot be fetched. */
const staleMs = 24 * 3_600_000;
/** How long they go on while the issuer publishes none: a fault of a rotation mends soon, and keys that are withdrawn end. */
const emptiedMs = 3_600_000;
const timeoutMs = 5_000;
const maxBytes = 262_144;

/** The endpoint answered well, with a set of no keys. */
class NoKeys extends Error {}

type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * Finds the key of a token among those that an issuer publishes. They are fetched at first use, when they are ten
 * minutes old, and for a key id that is not among them (rotation), but never twice within five seconds. While the
 * endpoint fails, those that are known go on for a day, and for an hour when it answers an empty set, which RFC 7517 allows and
 * nobody can sign by; a key id that is not known then fails as the endpoint does.
 */
export function remoteKeys(address: string, source: KeySource = { fetch, now: Date.now }): JWTVerifyGetKey {
  let held: { readonly keys: Keys; readonly since: number; readonly until: number } | undefined;
  let failure: Error | undefined;
  let lastAsked = -Infinity;
  let pending: Promise<void> | undefined;

  const ask = async () => {
    lastAsked = source.now();
    try {
      const keys = createLocalJWKSet(await fetchKeys(address, source.fetch));
      const since = source.now();
      if (keys.jwks().keys.length === 0) throw new NoKeys('the issuer publishes no keys');
      held = { keys, since, until: since + staleMs };
      failure = undefined;
    } catch (error) {
      // Whatever the endpoint answers next, what was withdrawn ends.
      if (error instanceof NoKeys && held !== undefined)
        held = { ...held, until: Math.min(held.until, held.since + emptiedMs) };
      failure = error instanceof Error ? error : new TypeError('fetch failed', { cause: error });
    } finally {
      pending = undefined;
    }
  };
  const refresh = async () => {
    const pause = failure !== undefined && held !== undefined ? outagePauseMs : pauseMs;
    if (pending === undefined && source.now() - lastAsked < pause) return;
    pending ??= ask();
    await pending;
  };
  const age = () => (held === undefined ? Infinity : source.now() - held.since);
  const usable = (): Keys => {
    if (held === undefined || source.now() >= held.until)
      throw new KeysUnavailable('no keys of the issuer are known', { cause: failure });
    return held.keys;
  };
  return async (header, token) => {
    if (age() >= freshMs) await refresh();
    const known = usable();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error;
      await refresh();
      const current = usable();
      if (current !== known) return current(header, token);
      if (failure !== undefined) throw new KeysUnavailable('the key is not known', { cause: failure });
      throw error;
    }
  };
}

async function fetchKeys(address: string, fetchFrom: KeySource['fetch']): Promise<JSONWebKeySet> {
  const response = await fetchFrom(address, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) throw new TypeError(`the key endpoint answered ${response.status}`);
  return JSON.parse(await readText(response)) as JSONWebKeySet;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new TypeError('the key endpoint answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
