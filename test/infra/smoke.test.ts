import { execFile } from 'node:child_process';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';

const script = join(import.meta.dirname, '../../tools/infra/smoke.mjs');
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

async function smokeOf(listener: RequestListener): Promise<{ status: number | null; lines: string[] }> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return run(`http://127.0.0.1:${port}`);
}

function run(...args: string[]): Promise<{ status: number | null; lines: string[] }> {
  return new Promise((resolve) => {
    const env = { ...process.env, HDE_SMOKE_SECONDS: '0' };
    const child = execFile(process.execPath, [script, ...args], { env }, (_error, stdout) => {
      resolve({ status: child.exitCode, lines: stdout.trim().split('\n') });
    });
  });
}

const bodies: Readonly<Record<string, string>> = {
  '/health/live': '{"live":true}',
  '/health/ready': '{"ready":true}',
  '/fhir/metadata': '{"resourceType":"CapabilityStatement"}',
  '/openapi.json': '{"openapi":"3.1.0"}',
};

const exchange = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
  const body = bodies[url];
  response.writeHead(body === undefined ? 401 : 200).end(body ?? '{}');
};

describe('the smoke test of a deployment', () => {
  it('is content with an exchange that answers as it should', async () => {
    const { status, lines } = await smokeOf(exchange);

    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
    expect(status).toBe(0);
  });

  it.each([
    [
      'that lets anybody read',
      '/fhir/Patient',
      200,
      '{}',
      'nobody reads records without a token: 200 instead of 401',
    ],
    [
      'that is not ready',
      '/health/ready',
      503,
      '{}',
      'everything that it needs is there: 503 instead of 200',
    ],
    ['that is something else', '/fhir/metadata', 200, '<html>', 'an answer without CapabilityStatement'],
  ])('fails on one %s', async (_case, path, code, body, expected) => {
    const { status, lines } = await smokeOf((request, response) => {
      if (request.url === path) response.writeHead(code).end(body);
      else exchange(request, response);
    });

    expect(lines.filter((line) => line.startsWith('NOT ')).join('\n')).toContain(expected);
    expect(status).toBe(1);
  });

  it('fails where nobody answers', async () => {
    const { status, lines } = await run('http://127.0.0.1:9');

    expect(lines.every((line) => line.startsWith('NOT '))).toBe(true);
    expect(status).toBe(1);
  });

  it('says how it is used', async () => {
    expect((await run('exchange')).status).toBe(2);
  });
});
