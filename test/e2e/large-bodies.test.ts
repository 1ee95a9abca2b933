/** Large bodies over HTTP, on the real local stack: they flow through, and what breaks off leaves nothing behind. */
import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  blobContainerOf,
  createBlobRawArchive,
  openBlobService,
} from '../../src/adapters/blob/raw-archive.js';
import type { RawArchive } from '../../src/ports/raw-archive.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let token: string;
let archive: RawArchive;

beforeAll(async () => {
  stack = await startStack('large-bodies');
  token = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  const service = await openBlobService({
    kind: 'connection-string',
    connectionString: stack.settings['HDE_STORAGE']!,
  });
  archive = createBlobRawArchive(blobContainerOf(service, 'raw-messages'));
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

/** A letter with a document of so many megabytes. */
function aLetter(controlId: string, megabytes: number): Buffer {
  const parts = aMessage({
    type: 'MDM^T02',
    controlId,
    more: [
      'PV1|1|O',
      `TXA|1|CN|PDF|20260330100000||||||||${controlId}||||||AU`,
      `OBX|1|ED|DOC^Letter||^application^pdf^Base64^${'QUJD'.repeat(megabytes * 262_144)}||||||F`,
    ],
  });
  return Buffer.from(parts);
}

const pathsOf = async (prefix: string): Promise<string[]> =>
  (await archive.list(prefix, { limit: 5000 })).entries.map(({ path }) => path);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Begins a request without a Content-Length. */
function beginPost(): { socket: ReturnType<typeof request>; answer: Promise<IncomingMessage> } {
  const socket = request(`${stack.url}/ingest/rzz-tie`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2+er7' },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    socket.once('response', resolve);
    socket.once('error', reject);
  });
  answer.catch(() => undefined);
  return { socket, answer };
}

describe('a large body', () => {
  test('is archived byte for byte, and a duplicate when it comes again', async () => {
    const bytes = aLetter('BIG1', 4);
    const first = await post(stack, bytes, { token });
    expect([first.status, first.headers.get('x-hde-status')]).toEqual([200, 'accepted']);
    const [path, ...others] = (await pathsOf('rzz-tie/')).filter((each) =>
      each.includes(first.headers.get('x-hde-receipt')!),
    );
    expect(others).toEqual([]);
    expect(path?.endsWith(sha256(bytes.subarray(0, -1)))).toBe(true);
    expect(sha256((await archive.get(path!))!)).toBe(sha256(bytes));
    const again = await post(stack, bytes, { token });
    expect(again.headers.get('x-hde-status')).toBe('duplicate');
    expect(again.headers.get('x-hde-receipt')).toBe(first.headers.get('x-hde-receipt'));
    expect(await pathsOf('.unnamed/')).toEqual([]);
  }, 60_000);

  test('that is cut in the middle leaves nothing, and the exchange goes on', async () => {
    const before = await pathsOf('');
    const bytes = aLetter('CUT1', 4);
    const { socket, answer } = beginPost();
    await new Promise<void>((resolve) => {
      socket.write(bytes.subarray(0, 3_000_000), () => {
        resolve();
      });
    });
    socket.destroy();
    await expect(answer).rejects.toThrow();
    expect((await post(stack, aMessage({ controlId: 'AFTER-CUT' }), { token })).status).toBe(200);
    await eventually(
      () => pathsOf('.unnamed/'),
      (paths) => paths.length === 0,
    );
    expect((await pathsOf('')).length).toBe(before.length + 1);
  }, 60_000);

  test('over the limit of its feed is refused while it comes, without a stated length', async () => {
    const before = await pathsOf('');
    const { socket, answer } = beginPost();
    socket.on('error', () => undefined);
    const beginning = aLetter('OVER1', 1);
    socket.write(beginning.subarray(0, -10));
    const more = Buffer.alloc(1_000_000, 'A');
    for (let megabytes = 0; megabytes < 12; megabytes++) socket.write(more);
    socket.end();
    const response = await answer;
    response.resume();
    expect(response.statusCode).toBe(413);
    expect(await pathsOf('')).toEqual(before);
  }, 60_000);
});
