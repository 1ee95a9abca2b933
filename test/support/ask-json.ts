export interface JsonAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/**
 * Asks a running exchange: GET, or POST where there is a body. The caller says what it expects to find; its assertions
 * check it.
 *
 * @param token empty for none
 * @returns the JSON of the answer, or its text where that is none
 */
export async function askJson<T>(address: string, token: string, body?: unknown): Promise<JsonAnswer<T>> {
  const response = await fetch(address, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text.startsWith('{') ? JSON.parse(text) : text) as T,
  };
}
