import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';

const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface RunningAzurite {
  readonly connectionString: string;
  /** Ends it at once (`kill -9`). */
  kill(): Promise<void>;
  /** Ends it and deletes its data. */
  close(): Promise<void>;
}

/**
 * Azurite's blob service in a process of its own.
 *
 * @param options where its data are, by default a temporary folder; arguments of Node
 */
export async function startAzurite(
  options: { readonly folder?: string; readonly args?: readonly string[] } = {},
): Promise<RunningAzurite> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'hde-azurite-')));
  const port = await freePort();
  const main = resolve('node_modules/azurite/dist/src/blob/main.js');
  const args = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder];
  const child = spawn(
    process.execPath,
    [...(options.args ?? []), main, ...args, '--disableTelemetry', '--skipApiVersionCheck', '--silent'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((done) =>
    child.once('exit', () => {
      done();
    }),
  );
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('successfully listens on')) break;
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    kill,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`,
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) =>
    server.close(() => {
      done();
    }),
  );
  return port;
}
