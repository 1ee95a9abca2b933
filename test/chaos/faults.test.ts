/** Faults are what they claim to be: refused before the store, or cut after it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stallMs, startHttpProxy, type FaultyLink } from '../../chaos/faults/http-proxy.js';
import { refuseAsCosmos } from '../../chaos/faults/refusals.js';
import { cosmosLog, serviceBusLog, tearTail } from '../../chaos/faults/torn-tail.js';
import { createRandom } from '../../chaos/random.js';
import { replayLog } from '../../local/cosmos/storage/commit-log.js';
import { OperationLog } from '../../local/service-bus/storage/log.js';

describe('a network that fails', () => {
  let store: Server;
  let reached: number;
  let link: FaultyLink | undefined;

  beforeEach(async () => {
    reached = 0;
    store = createServer((_, response) => {
      reached += 1;
      response.end('done');
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    await link?.close();
    store.close();
  });

  const start = async (faultShare: number): Promise<string> => {
    link = await startHttpProxy({
      port: 0,
      target: (store.address() as AddressInfo).port,
      random: createRandom('faults'),
      faultShare,
      refuse: refuseAsCosmos,
    });
    return `http://127.0.0.1:${link.port}/`;
  };

  const ask = async (url: string): Promise<number> => {
    try {
      const response = await fetch(url);
      await response.text();
      return response.status;
    } catch {
      return 0;
    }
  };

  test('lets everything pass when it is calm', async () => {
    const url = await start(0);
    expect(await ask(url)).toBe(200);
  });

  test('refuses before the store and cuts answers after it', async () => {
    const url = await start(1);
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(url)));
    expect(new Set(answers)).toEqual(new Set([0, 429, 503]));
    // What was cut reached the store, and nothing else did. A client may repeat what was cut by itself.
    expect(reached).toBe(link!.counts['answer-cut']);
    expect(reached).toBeGreaterThan(0);
  });

  test('stalls for long at times, and mostly not', () => {
    const random = createRandom('stalls');
    const stalls = Array.from({ length: 10_000 }, () => stallMs(random)).sort((a, b) => a - b);
    expect(stalls[0]).toBeGreaterThanOrEqual(50);
    expect(stalls.at(-1)).toBeGreaterThan(1400);
    expect(stalls.at(-1)).toBeLessThanOrEqual(1500);
    expect(stalls[5000]).toBeLessThan(200);
    expect(stalls[8900]).toBeLessThan(1000);
    expect(stalls[9100]).toBeGreaterThan(1000);
  });

  test('lets nothing be heard while it is frozen, though the store has done it', async () => {
    const url = await start(0);
    link!.freeze();
    expect(await ask(url)).toBe(0);
    expect(reached).toBeGreaterThan(0);
    link!.thaw();
    expect(await ask(url)).toBe(200);
  });
});

describe('a torn log', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hde-torn-'));
    await mkdir(join(folder, 'cosmos'));
    await mkdir(join(folder, 'service-bus'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const acknowledged = '{"op":"format","version":1}\n';

  test('keeps what was acknowledged and loses bytes behind it', async () => {
    const log = cosmosLog(folder);
    await writeFile(log.file, `${acknowledged}{"op":"sequence","value":7}\n`);
    expect(tearTail(log, acknowledged.length, createRandom('tear'))).toBeGreaterThan(0);
    const text = await readFile(log.file, 'utf8');
    expect(text.startsWith(acknowledged)).toBe(true);
    expect(replayLog(log.file, () => undefined)).toBe(1);
  });

  test('gets half an entry where nothing may be cut, from which both stores recover', async () => {
    const cosmos = cosmosLog(folder);
    await writeFile(cosmos.file, acknowledged);
    expect(tearTail(cosmos, acknowledged.length, createRandom('tear'))).toBe(0);
    expect(replayLog(cosmos.file, () => undefined)).toBe(1);
    expect(await readFile(cosmos.file, 'utf8')).toBe(acknowledged);

    const broker = serviceBusLog(folder);
    const fresh = OperationLog.open(broker.file);
    fresh.replay(() => undefined);
    const { size } = fresh;
    fresh.close();
    tearTail(broker, size, createRandom('tear'));
    const again = OperationLog.open(broker.file);
    again.replay(() => undefined);
    expect(again.size).toBe(size);
    again.close();
  });
});
