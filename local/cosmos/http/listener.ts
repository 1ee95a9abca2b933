import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tooLarge } from '../errors.js';
import type { Account } from '../storage/account.js';
import { ApiRequest } from './api-request.js';
import { maximumBodyBytes } from './item-routes.js';
import type { Reply } from './reply.js';
import { errorReply } from './reply.js';
import { answer, refusalOf } from './router.js';

/** What is read of a body before the rest is thrown away: enough to say that it is too large. */
const readLimit = maximumBodyBytes + 1024;

/** The body as text, or `undefined` when it is larger than any request may be. */
async function readBody(message: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped: a client that is cut off in the middle would not see the answer.
    if (size <= readLimit) chunks.push(chunk);
  }
  return size > readLimit ? undefined : Buffer.concat(chunks).toString('utf8');
}

async function replyTo(account: Account, message: IncomingMessage, key: string): Promise<Reply> {
  const body = await readBody(message);
  if (body === undefined) return errorReply(tooLarge());
  try {
    const request = new ApiRequest(message.method ?? 'GET', message.url ?? '/', message.headers, body);
    const reply = answer(account, request, key);
    await account.settled();
    return reply;
  } catch (error) {
    return errorReply(refusalOf(error));
  }
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-ms-activity-id': randomUUID(),
    'x-ms-gatewayversion': 'hde-local',
    'x-ms-serviceversion': 'hde-local',
    ...headers,
    ...(status === 204 || status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  });
  response.end(body);
}

/** An HTTP server that answers for the account. */
export function createListener(account: Account, key: string): Server {
  const server = createServer((message, response) => {
    replyTo(account, message, key).then(
      (reply) => {
        send(response, reply);
      },
      () => {
        // The client went away while its body was read.
        response.destroy();
      },
    );
  });
  // Longer than the client keeps idle connections, so that it never reuses one that is just being closed.
  server.keepAliveTimeout = 65_000;
  return server;
}
