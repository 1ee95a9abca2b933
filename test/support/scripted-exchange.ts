/** A server that plays the exchange for tests of the command line: it notes what it is asked and answers in turn. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface ScriptedAnswer {
  readonly status?: number;
  /** JSON; with `isCut` its second half never comes, with `isText` the body is a text as it is. */
  readonly body: unknown;
  readonly isCut?: boolean;
  readonly isText?: boolean;
}

export interface ScriptedExchange {
  readonly url: string;
  readonly requests: ScriptedRequest[];
  /** The next answers; the last one is given again and again. */
  answers: ScriptedAnswer[];
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
      const { status = 200, body, isCut, isText } = answers.length > 1 ? answers.shift()! : answers[0]!;
      const answer = Buffer.from(isText === true ? String(body) : JSON.stringify(body));
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': answer.length });
      if (isCut === true) response.write(answer.subarray(0, answer.length / 2), () => response.destroy());
      else response.end(answer);
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
