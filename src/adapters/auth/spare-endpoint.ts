/** An endpoint that fails is left alone for a while: each token of a crowd would ask it again. */

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Fetches, unless the last answer was a failure (none, or a status other than 200) less than `pauseMs` ago: then it
 * fails as that did, without a request.
 *
 * @param now milliseconds since 1970
 */
export function spareEndpoint(fetch: Fetch, pauseMs: number, now: () => number): Fetch {
  let failure: { readonly error: Error; readonly until: number } | undefined;
  const fail = (error: Error): never => {
    failure = { error, until: now() + pauseMs };
    throw error;
  };
  return async (url, init) => {
    if (failure !== undefined && now() < failure.until) throw failure.error;
    const response = await fetch(url, init).catch((error: unknown) =>
      fail(error instanceof Error ? error : new TypeError('fetch failed', { cause: error })),
    );
    if (response.status !== 200) return fail(new TypeError(`the key endpoint answered ${response.status}`));
    failure = undefined;
    return response;
  };
}
