import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { playSampleDay } from '../../../local/demo/play.js';
import { loadSampleDay } from '../../../samples/acute-trust.js';
import { createFakeClock } from './fake-clock.js';

interface Stored {
  readonly id: string;
  readonly status: string;
  reads: number;
}

/** An exchange that keeps the HTTP contract and nothing else; `disturb` may spoil a request before it is handled. */
class FakeExchange {
  readonly stored = new Map<string, Stored>();
  readonly arrivals: string[] = [];
  readonly requests: IncomingMessage[] = [];
  disturb: (request: IncomingMessage, response: ServerResponse, count: number) => boolean = () => false;
  private server: Server | undefined;

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      void this.handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    if (request.method === 'POST' && this.disturb(request, response, this.requests.length)) return;
    if (request.method === 'POST') this.accept(text, response, this.requests.length);
    else this.answerReceipt(request.url ?? '', response);
  }

  private accept(text: string, response: ServerResponse, count: number): void {
    const id = createHash('sha256').update(text).digest('hex');
    const known = this.stored.has(id);
    const failed = !text.startsWith('MSH|') || text.includes('\rPID|1||||');
    if (!known) this.stored.set(id, { id, status: failed ? 'failed' : 'normalised', reads: 0 });
    this.arrivals.push(id);
    if (this.loseAnswer(count)) {
      response.destroy();
      return;
    }
    const refused = !text.startsWith('MSH|');
    const status = refused ? 'failed' : known ? 'duplicate' : 'accepted';
    response.writeHead(refused ? 400 : 200, {
      'content-type': 'application/hl7-v2+er7',
      'x-hde-receipt': id,
      'x-hde-status': status,
    });
    response.end('MSH|^~\\&|HDE\rMSA|AA|1\r');
  }

  loseAnswer: (count: number) => boolean = () => false;

  private answerReceipt(url: string, response: ServerResponse): void {
    const stored = this.stored.get(url.split('/').at(-1) ?? '');
    if (stored === undefined) {
      response.writeHead(404).end();
      return;
    }
    stored.reads += 1;
    const pending = stored.reads === 1 && stored.id.startsWith('0');
    const issue = { code: 'HDE_HL7_NO_PATIENT', severity: 'error', location: 'PID-3', text: 'No patient.' };
    response.end(
      JSON.stringify({
        id: stored.id,
        status: pending ? 'accepted' : stored.status,
        receivedAt: '2026-03-29T00:00:00.000Z',
        issues: stored.status === 'failed' ? [issue] : [],
        records:
          stored.status === 'failed'
            ? []
            : [{ resourceType: 'Patient', id: 'p1', versionId: 1, change: 'created' }],
      }),
    );
  }
}

const exchange = { current: new FakeExchange() };
afterEach(async () => {
  await exchange.current.stop();
});

async function play(prepare: (fake: FakeExchange) => void = () => undefined, limit?: number) {
  const fake = new FakeExchange();
  exchange.current = fake;
  prepare(fake);
  const url = await fake.start();
  let text = '';
  const options = {
    url,
    token: 'test-token',
    clock: createFakeClock(),
    output: { write: (part: string) => (text += part) },
    ...(limit === undefined ? {} : { limit }),
  };
  return { fake, options, text: () => text, run: () => playSampleDay(options) };
}

const day = loadSampleDay();
const idOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const countOf = (expected: string, limit?: number): number =>
  day.slice(0, limit).filter((message) => message.expected === expected).length;

/** Enough of the day to hold duplicates and failures, where a test needs no more. */
const PART = 380;

describe('playSampleDay', () => {
  test('accounts for every message of the day', async () => {
    const { run, text, fake } = await play();
    const summary = await run();
    expect(summary).toMatchObject({
      complete: true,
      sent: day.length,
      retries: 0,
      patientId: 'p1',
      outcomes: {
        normalised: countOf('normalised'),
        duplicate: countOf('duplicate'),
        failed: countOf('failed'),
        unsettled: 0,
      },
    });
    expect(text()).toContain(`Every message is accounted for: ${day.length} sent`);
    const first = fake.requests.find(({ method }) => method === 'POST');
    expect(first?.url).toBe('/ingest/rzz-tie');
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer test-token',
      'content-type': 'application/hl7-v2+er7; charset=utf-8',
    });
  }, 120_000);

  test('calls everything that does not fail a duplicate when it is played again', async () => {
    const { run } = await play(undefined, PART);
    await run();
    const { outcomes, complete, changes } = await run();
    const failed = countOf('failed', PART);
    expect(outcomes).toEqual({ normalised: 0, duplicate: PART - failed, failed, unsettled: 0 });
    expect([complete, changes]).toEqual([true, {}]);
  });

  test('comes to the same result when connections break before and after a message is taken', async () => {
    const { run, fake } = await play((disturbed) => {
      disturbed.disturb = (_, response, count) => {
        if (count % 7 !== 0) return false;
        if (count % 2 === 0) response.destroy();
        else response.writeHead(503, { 'retry-after': '1' }).end();
        return true;
      };
      disturbed.loseAnswer = (count) => count % 11 === 0;
    }, PART);
    const summary = await run();
    const part = day.slice(0, PART);
    expect(summary.outcomes).toEqual({
      normalised: countOf('normalised', PART),
      duplicate: countOf('duplicate', PART),
      failed: countOf('failed', PART),
      unsettled: 0,
    });
    expect([summary.complete, summary.retries > 50]).toEqual([true, true]);
    for (const lane of new Set(part.map((message) => message.lane))) {
      const wanted = new Set(part.filter((message) => message.lane === lane).map(({ text }) => idOf(text)));
      const firstArrivals = [...new Set(fake.arrivals)].filter((id) => wanted.has(id));
      expect(firstArrivals).toEqual([...wanted]);
    }
  });

  test('sends only the beginning of the day when it is limited', async () => {
    const { run } = await play(undefined, 5);
    expect(await run()).toMatchObject({ sent: 5, complete: true });
  });

  test.each([
    [401, 'the token is not accepted'],
    [403, 'the token may not do this'],
    [404, 'there is no feed rzz-tie'],
  ])('stops at once when the exchange answers %i', async (status, meaning) => {
    const { run, fake } = await play((refusing) => {
      refusing.disturb = (_, response) => {
        response.writeHead(status).end();
        return true;
      };
    });
    await expect(run()).rejects.toThrow(meaning);
    expect(fake.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(16);
  });

  test('says at once that nothing is there to play to', async () => {
    const { run, options } = await play();
    await exchange.current.stop();
    await expect(run()).rejects.toThrow(
      /^no exchange is ready at http.*ECONN.*Is it started \(npm start\)\?$/,
    );
    expect(options.clock.now()).toBeLessThan(20_000);
  });

  test('gives up when the exchange goes away in the middle and stays away', async () => {
    const { run, options } = await play((fake) => {
      fake.disturb = (_, response, count) => {
        if (count > 30) response.destroy();
        return count > 30;
      };
    });
    await expect(run()).rejects.toThrow(/^no lasting answer within 120 s \(/);
    expect(options.clock.now()).toBeGreaterThan(100_000);
  });

  test('ends when it is told to', async () => {
    const controller = new AbortController();
    const { options } = await play((fake) => {
      fake.disturb = (_, __, count) => {
        if (count === 20) controller.abort(new Error('stopped'));
        return count >= 20;
      };
    });
    await expect(playSampleDay({ ...options, signal: controller.signal })).rejects.toThrow('stopped');
  });
});
