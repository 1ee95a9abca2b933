/** A server that plays the exchange for tests of the command line: it notes what it is asked and answers in turn. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface ScriptedExchange {
  readonly url: string;
  readonly requests: ScriptedRequest[];
  /** The next answers; the last one is given again and again. */
  answers: { readonly status?: number; readonly body: unknown }[];
  close(): void;
}

/** Starts it on a free port. */
export async function startScriptedExchange(): Promise<ScriptedExchange> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      exchange.requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: text === '' ? undefined : JSON.parse(text),
      });
      const { answers } = exchange;
      const { status = 200, body } = answers.length > 1 ? answers.shift()! : answers[0]!;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const exchange: ScriptedExchange = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answers: [],
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return exchange;
}
