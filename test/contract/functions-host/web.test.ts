import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle, startHostProcess } from './host-process.js';
import type { HostProcess } from './host-process.js';

const appDir = join(import.meta.dirname, 'fixtures/web');
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

let built: Awaited<ReturnType<typeof bundle>>;

beforeAll(async () => {
  built = await bundle('local/functions-host/main.ts');
});

afterAll(async () => {
  await built.remove();
});

/** Sends bytes as they are and gives the first line of the answer. */
function sendRaw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n')[0]!);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe.each([
  ['buffered', {}],
  ['streamed', { STREAM: '1' }],
])('HTTP functions, %s', (mode, env) => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await startHostProcess(built.file, { appDir, env });
  });

  afterAll(async () => {
    expect(await host.stop()).toBe(0);
  });

  test('all functions of the app are listed', () => {
    expect(host.functions).toEqual([
      ...['breaks', 'hooked', 'nothing', 'patient', 'raw', 'rejects', 'size', 'slow', 'throws', 'ticks'],
    ]);
  });

  test('a request reaches its function with parameters, query, headers and trace', async () => {
    const url = `${host.url}/API/Patients/a%20b/4?q=x%20y`;
    const response = await fetch(url, { headers: { 'X-In': 'yes', traceparent } });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-echo': 'yes',
      etag: 'W/"1"',
    });
    expect(response.headers.get('set-cookie')).toMatch(
      /^a=b%20c; Max-Age=60; Path=\/; (?:SameSite=Lax; HttpOnly|HttpOnly; SameSite=Lax)$/,
    );
    expect(await response.json()).toEqual({
      url,
      params: { id: 'a b', version: '4' },
      query: { q: 'x y' },
      traceParent: traceparent,
      body: null,
    });
  });

  test('a request without trace begins a new one', async () => {
    const { traceParent } = (await (await fetch(`${host.url}/api/patients/1`)).json()) as {
      traceParent: string;
    };
    expect(traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-\d\d$/);
  });

  test('text and bytes arrive and return unchanged', async () => {
    const put = await fetch(`${host.url}/api/patients/1`, { method: 'PUT', body: 'größer' });
    expect([put.status, await put.json()]).toEqual([201, expect.objectContaining({ body: 'größer' })]);
    const raw = await fetch(`${host.url}/api/raw/any/depth`, {
      method: 'POST',
      body: Buffer.from([1, 2, 0, 255]),
    });
    expect(Buffer.from(await raw.arrayBuffer()).toString('hex')).toBe('ff000201');
  });

  test('a large body without a declared length arrives whole', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 64; i += 1) controller.enqueue(Buffer.alloc(65_536));
        controller.close();
      },
    });
    const response = await fetch(`${host.url}/api/size`, {
      method: 'POST',
      body,
      duplex: 'half',
    });
    expect(await response.json()).toEqual({ size: 64 * 65_536 });
  });

  test('HEAD runs the function and sends no body', async () => {
    const response = await fetch(`${host.url}/api/patients/1`, { method: 'HEAD' });
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([
      200,
      'W/"1"',
      '',
    ]);
  });

  test.each([
    ['DELETE', '/api/patients/1'],
    ['HEAD', '/api/raw/x'],
    ['GET', '/api/patients/1/notanumber'],
    ['GET', '/api/patients'],
    ['GET', '/patients/1'],
  ])('%s %s is 404: the real host tells a wrong method no other way', async (method, path) => {
    const response = await fetch(host.url + path, { method });
    expect([response.status, await response.text()]).toEqual([404, '']);
  });

  test('a function that throws is 500 with an empty body, and its error is logged', async () => {
    const response = await fetch(`${host.url}/api/throws`, { method: 'POST', body: 'x' });
    expect([response.status, await response.text()]).toEqual([500, '']);
    await host.untilLogs((logs) => logs.some((line) => /error Function\.throws .*kaput/.test(line)));
  });

  test('a function that returns nothing is 204', async () => {
    expect((await fetch(`${host.url}/api/nothing`)).status).toBe(204);
  });

  test('a promise that nobody catches is logged and kills nothing', async () => {
    expect(await (await fetch(`${host.url}/api/rejects`)).text()).toBe('fine');
    await host.untilLogs((logs) =>
      logs.some((line) => /error Worker Unhandled rejection: .*nobody caught me/.test(line)),
    );
    expect((await fetch(`${host.url}/api/patients/1`)).status).toBe(200);
  });

  test('hooks see and change inputs and results', async () => {
    expect(await (await fetch(`${host.url}/api/hooked`)).text()).toBe(
      'swapped by the hook, changed by the hook',
    );
    expect(host.events).toContainEqual(['appStart', expect.any(Array)]);
    expect(host.events).toContainEqual(['post', true, { body: 'swapped by the hook' }]);
  });

  test('what the handler logs is a line of its category', async () => {
    await fetch(`${host.url}/api/patients/1`);
    await host.untilLogs((logs) =>
      logs.some((line) => line.endsWith('Z information Function.patient.User asked for GET')),
    );
  });

  test('a body declared above 100 MB is 413 before it is sent', async () => {
    const head = 'POST /api/size HTTP/1.1\r\nHost: x\r\nContent-Length: 104857601\r\n\r\n';
    expect(await sendRaw(host.url, head)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test.each([
    'GET http://x/api/patients/1 HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /api/patients/1 HTTP/1.1\r\nHost: a b\r\n\r\n',
  ])('a target or host that makes no URL is 400', async (head) => {
    expect(await sendRaw(host.url, head)).toBe('HTTP/1.1 400 Bad Request');
  });

  test('clients that go away in the middle of a request or an answer leave nothing running', async () => {
    const port = Number(new URL(host.url).port);
    const leave = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () =>
          socket.write(text, () => setImmediate(() => socket.destroy())),
        );
        socket.once('close', () => {
          resolve();
        });
      });
    const half = 'POST /api/size HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf';
    const slow = 'GET /api/slow?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n';
    await Promise.all([...Array(20)].flatMap(() => [leave(half), leave(slow)]));
    expect((await fetch(`${host.url}/api/patients/1`)).status).toBe(200);
    // That nothing is left running shows when the host stops at once, below.
  });

  if (mode === 'buffered') return;

  test('chunks arrive as they are written', async () => {
    const response = await fetch(`${host.url}/api/ticks`);
    const times: number[] = [];
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      times.push(performance.now());
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe('tick 0\ntick 1\ntick 2\n');
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(120);
  });

  test('an answer that breaks off is no complete answer', async () => {
    const response = await fetch(`${host.url}/api/breaks`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('function keys', () => {
  let host: HostProcess;

  beforeAll(async () => {
    host = await startHostProcess(built.file, { appDir, args: ['--keys', 'k1,k2'] });
  });

  afterAll(async () => {
    await host.stop();
  });

  const status = async (path: string, headers = {}) =>
    (await fetch(`${host.url}${path}`, { headers })).status;

  test('open functions of level "function", as header or in the query', async () => {
    expect(await status('/api/patients/1')).toBe(401);
    expect(await status('/api/patients/1', { 'x-functions-key': 'wrong' })).toBe(401);
    expect(await status('/api/patients/1', { 'x-functions-key': 'k2' })).toBe(200);
    expect(await status('/api/patients/1?code=k1')).toBe(200);
  });

  test('are not asked for by anonymous functions', async () => {
    expect(await status('/api/ticks')).toBe(200);
  });
});

describe('stopping', () => {
  test('lets a running request end and takes no new one', async () => {
    const host = await startHostProcess(built.file, { appDir });
    const answer = fetch(`${host.url}/api/slow?ms=700`).then((response) => response.text());
    await host.untilEvents((events) => events.some(([name]) => name === 'slow'));
    const stopped = host.stop();
    await host.untilLogs((logs) => logs.some((line) => line.includes('SIGTERM: stopping')));
    await expect(fetch(`${host.url}/api/ticks`)).rejects.toThrow();
    expect(await answer).toBe('done');
    expect(await stopped).toBe(0);
    expect(host.events.at(-1)).toEqual(['appTerminate']);
  });

  test('waits no longer than it may', async () => {
    const host = await startHostProcess(built.file, { appDir, args: ['--drain-ms', '200'] });
    const answer = fetch(`${host.url}/api/slow?ms=20000`).then(
      () => 'answered',
      () => 'cut off',
    );
    await host.untilEvents((events) => events.some(([name]) => name === 'slow'));
    expect(await host.stop()).toBe(0);
    expect(await answer).toBe('cut off');
    expect(host.logs.join('\n')).toContain('1 invocations did not end in time');
  });
});
