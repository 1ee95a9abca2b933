/** What senders are told of messages that do not come in, and who else is. */
import { Buffer } from 'node:buffer';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { HttpRequest } from '@azure/functions';
import type { AcceptDependencies } from '../../src/app/accept-message.js';
import { ExchangeError } from '../../src/core/errors.js';
import { readConfig } from '../../src/platform/config.js';
import { createContainer, useContainer } from '../../src/platform/container.js';
import { httpEdge } from '../../src/platform/http.js';
import { ingestRoute } from '../../src/platform/ingest.js';
import settings from '../../local.settings.sample.json' with { type: 'json' };
import { createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';
import { aPrincipal } from '../support/principals.js';

let exchange: MemoryExchange;
let logged: string[];

function open(change: Partial<AcceptDependencies> = {}): void {
  exchange = createMemoryExchange();
  logged = [];
  const principal = aPrincipal(['sender'], { feeds: ['rzz-tie'] });
  useContainer({
    ...createContainer(readConfig(settings.Values)),
    verifyToken: () => Promise.resolve(() => Promise.resolve(principal)),
    acceptDependencies: () => Promise.resolve({ ...exchange, ...change }),
  });
}

beforeEach(() => {
  open();
});

const log = (line: string) => logged.push(line);
const context = { info: log, warn: log, error: log };

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 65_536)
    yield await Promise.resolve(bytes.subarray(start, start + 65_536));
}

/** A body whose sender goes away, or said that it would be longer. */
async function* cutOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new TypeError('terminated');
}

interface Told {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  /** MSA-1 and MSA-2. */
  readonly msa: readonly string[] | undefined;
}

async function send(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  headers: Record<string, string> = {},
): Promise<Told> {
  const request = new Request('http://exchange.example/ingest/rzz-tie', {
    method: 'POST',
    headers: { authorization: 'Bearer t', 'content-type': 'application/hl7-v2+er7', ...headers },
    body: ReadableStream.from(body instanceof Uint8Array ? inPieces(body) : body),
    duplex: 'half',
  });
  const asked = Object.assign(request, { params: { feed: 'rzz-tie' } }) as unknown as HttpRequest;
  const answer = await httpEdge(ingestRoute)(asked, context);
  const text = Buffer.from((answer.body as string | Uint8Array | undefined) ?? '').toString();
  const msa = text.split('\r').find((line) => line.startsWith('MSA'));
  return {
    status: answer.status,
    retryAfter: answer.headers?.['retry-after'],
    msa: msa?.split('|').slice(1, 3),
  };
}

/** More than is held in memory. */
const large = (more: string[] = []): Uint8Array =>
  aMessage({ type: 'ORU^R01', more: [...more, `OBX|1|TX|N^Note^L||${'x'.repeat(400_000)}||||||F`] });

const asEnhanced = (bytes: Uint8Array): Uint8Array =>
  new TextEncoder().encode(new TextDecoder().decode(bytes).replace('|P|2.4\r', '|P|2.4|||AL|NE\r'));

const bytesKept = async (): Promise<number> =>
  (await exchange.archive.list('', { limit: 10 })).entries.length;

describe('a message that is refused names itself in the answer', () => {
  test.each([
    ['small', aMessage()],
    ['large', large()],
  ])('when too much waits: a %s one', async (_, bytes) => {
    const admit = () => Promise.reject(new ExchangeError('HDE_THROTTLED', { retryAfterSeconds: 30 }));
    open({ backlog: { admit } });
    expect(await send(bytes)).toEqual({ status: 503, retryAfter: '30', msa: ['AE', 'C1'] });
    expect(await send(asEnhanced(bytes))).toMatchObject({ status: 503, msa: ['CE', 'C1'] });
    expect(await bytesKept()).toBe(0);
  });

  test('when it is larger than its feed may send, whether or not it says so', async () => {
    const bytes = Buffer.concat([aMessage(), Buffer.alloc(11_000_000, 'x')]);
    const refusal = { status: 413, msa: ['AR', 'C1'] };
    expect(await send(bytes)).toMatchObject(refusal);
    expect(await send(bytes, { 'content-length': String(bytes.length) })).toMatchObject(refusal);
    expect(await bytesKept()).toBe(0);
  });

  test.each([
    ['small', aMessage()],
    ['large', large()],
  ])('when it breaks off: a %s one', async (_, bytes) => {
    expect(await send(cutOff(bytes))).toMatchObject({ status: 400, msa: ['AE', 'C1'] });
    expect(await bytesKept()).toBe(0);
  });

  test('when it is compressed', async () => {
    const refusal = { status: 415, msa: ['AR', 'C1'] };
    expect(await send(aMessage(), { 'content-encoding': 'gzip' })).toMatchObject(refusal);
  });
});

describe('a control id that is used again for other content', () => {
  test('is refused, and told of with its feed', async () => {
    expect(await send(aMessage())).toMatchObject({ status: 200, msa: ['AA', 'C1'] });
    expect(await send(aMessage({ family: 'Changed' }))).toMatchObject({ status: 409, msa: ['AE', 'C1'] });
    const told = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.filter(({ event }) => event === 'control-id-reused')).toMatchObject([{ feed: 'rzz-tie' }]);
  });

  test('is none when the same content comes again', async () => {
    await send(aMessage());
    expect(await send(aMessage())).toMatchObject({ status: 200, msa: ['AA', 'C1'] });
    expect(logged.join('\n')).not.toContain('control-id-reused');
  });
});
