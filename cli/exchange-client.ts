/** A running exchange, as commands talk to it over HTTP. */
import type { OperationOutcome } from 'fhir/r4.js';
import { UsageError, type Terminal } from './terminal.js';

/** Options of every command that talks to an exchange, for `parseArgs`. */
export const exchangeOptions = {
  url: { type: 'string', default: 'http://127.0.0.1:7071' },
  token: { type: 'string' },
} as const;

/** The exchange refused a request, or there is none: one line for each reason. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export interface ExchangeClient {
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** How long an answer may take: the host ends a request after this, too. */
const TIMEOUT_MS = 230_000;

/**
 * Makes a client that sends the token of `--token`, else of `HDE_TOKEN`. Its calls answer the JSON of the exchange.
 *
 * @throws UsageError without a token; calls throw RefusedError
 */
export function connect(
  { url, token }: { readonly url: string; readonly token?: string | undefined },
  { environment }: Terminal,
): ExchangeClient {
  const bearer = token ?? environment['HDE_TOKEN'] ?? '';
  if (bearer === '') throw new UsageError('a token is needed: HDE_TOKEN or --token');
  const base = baseOf(url);
  const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' };
  const request = async (path: string, init: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${base}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
      (error: unknown) => {
        throw new RefusedError(`no exchange answers at ${base} (${reasonOf(error)})`);
      },
    );
    const text = await answer.text().catch((error: unknown) => {
      throw new RefusedError(`the answer of ${base} broke off (${reasonOf(error)})`);
    });
    if (!answer.ok) throw new RefusedError(explainRefusal(answer.status, text));
    return parseAnswer(text, base);
  };
  return {
    get: (path) => request(path, { headers }),
    post: (path, body) =>
      request(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

/** @throws RefusedError for what is no JSON, such as the page of a proxy */
function parseAnswer(text: string, base: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedError(`the answer of ${base} is no JSON`);
  }
}

/** @throws UsageError for what is no address of the web: `localhost:7071` is one of a scheme called localhost */
function baseOf(url: string): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new UsageError(
      '--url takes a whole address, such as http://127.0.0.1:7071 or https://hde.example.nhs.uk',
    );
  return url.replace(/\/+$/, '');
}

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { readonly code?: unknown }).code;
  return typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown';
};

/** `HTTP 409 HDE_MESSAGE_STATUS: The status of the message does not allow this. (status: normalised, ...)` */
function explainRefusal(status: number, body: string): string {
  const issues = outcomeOf(body)?.issue ?? [];
  if (issues.length === 0) return `HTTP ${status}`;
  const lines = issues.map(({ details, diagnostics }) => {
    const code = details?.coding?.[0]?.code ?? '';
    const place = diagnostics === undefined ? '' : ` (${diagnostics})`;
    return `${code}: ${details?.text ?? ''}${place}`;
  });
  return `HTTP ${status} ${lines.join('\n')}`;
}

function outcomeOf(body: string): OperationOutcome | undefined {
  try {
    const json = JSON.parse(body) as Partial<OperationOutcome> | null;
    return json?.resourceType === 'OperationOutcome' ? (json as OperationOutcome) : undefined;
  } catch {
    return undefined;
  }
}
