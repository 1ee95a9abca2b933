import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle, startHostProcess } from './host-process.js';
import type { HostProcess } from './host-process.js';

const appDir = join(import.meta.dirname, 'fixtures/timers');
let built: Awaited<ReturnType<typeof bundle>>;
let host: HostProcess;

beforeAll(async () => {
  built = await bundle('local/functions-host/main.ts');
  host = await startHostProcess(built.file, { appDir, env: { EVERY: '* * * * * *' } });
});

afterAll(async () => {
  await host.stop();
  await built.remove();
});

const named = (events: readonly unknown[][], name: string) => events.filter(([first]) => first === name);

describe('timer functions', () => {
  test('run at startup when they ask for it, and are told their schedule', async () => {
    await host.untilEvents((events) => named(events, 'startup').length > 0);
    const year = new Date().getUTCFullYear() + 1;
    expect(named(host.events, 'startup')[0]).toEqual([
      'startup',
      {
        schedule: { adjustForDST: true },
        scheduleStatus: {
          last: '0001-01-01T00:00:00',
          lastUpdated: '0001-01-01T00:00:00',
          next: `${year}-01-01T00:00:00.000Z`,
        },
        isPastDue: false,
      },
    ]);
  });

  test('run on their schedule and never twice at once', async () => {
    await host.untilEvents((events) => named(events, 'every').length >= 3, 20_000);
    expect(named(host.events, 'every').map(([, running]) => running)).not.toContain(2);
  });

  test('are tried again as their retry policy says, and told so', async () => {
    await host.untilEvents((events) => named(events, 'retried').length >= 3);
    expect(named(host.events, 'retried').map(([, retry]) => retry)).toEqual([
      null,
      { retryCount: 1, maxRetryCount: 2, exception: expect.objectContaining({ message: 'not yet' }) },
      { retryCount: 2, maxRetryCount: 2, exception: expect.objectContaining({ message: 'not yet' }) },
    ]);
  });

  test('can be run by hand', async () => {
    const before = named(host.events, 'startup').length;
    const run = async (name: string) =>
      (await fetch(`${host.url}/admin/functions/${name}`, { method: 'POST' })).status;
    expect(await run('Startup')).toBe(202);
    await host.untilEvents((events) => named(events, 'startup').length > before);
    expect(await run('absent')).toBe(404);
  });
});
