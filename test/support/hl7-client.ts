import type { RunningStack } from './stack.js';

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Fields of a segment of the acknowledgement, numbered as in the standard; MSH-1 is the separator. */
  segment(name: string): readonly string[];
}

/** Posts a body to a feed of a running stack. */
export async function post(
  stack: RunningStack,
  body: Uint8Array | string,
  options: {
    readonly token?: string;
    readonly feed?: string;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Posted> {
  const { token, feed = 'rzz-tie', headers = {} } = options;
  const response = await fetch(`${stack.url}/ingest/${feed}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/hl7-v2+er7',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    segment: (name) => {
      const line = text.split('\r').find((candidate) => candidate.startsWith(name)) ?? '';
      const fields = line.split('|');
      return name === 'MSH' ? ['MSH', '|', ...fields.slice(1)] : fields;
    },
  };
}
