/** Azurite as the local stack starts it: what it answered for is there after `kill -9`. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startAzurite } from '../../support/azurite.js';
import { bundle } from '../functions-host/host-process.js';

let preload: Awaited<ReturnType<typeof bundle>>;
let folder = '';
let azurite: Awaited<ReturnType<typeof startAzurite>>;
let container: ContainerClient;

const start = async (): Promise<void> => {
  azurite = await startAzurite({ folder, args: ['--import', pathToFileURL(preload.file).href] });
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('raw');
};

const killAndStart = async (): Promise<void> => {
  await azurite.kill();
  await start();
};

const put = (name: string, text: string) =>
  container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text));
const read = async (name: string) => (await container.getBlobClient(name).downloadToBuffer()).toString();
const names = async (prefix = ''): Promise<string[]> => {
  const found: string[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix })) found.push(name);
  return found;
};

beforeAll(async () => {
  preload = await bundle('local/stack/azurite/keep-index.ts');
});

afterAll(() => preload.remove());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `hde-azurite-${randomUUID()}`));
  await start();
  await container.create();
});

afterEach(async () => {
  await azurite.close();
  await rm(folder, { recursive: true, force: true });
});

/** A start takes seconds on a busy machine. */
const patience = 120_000;

test(
  'what was answered for outlives kills in the same moment, and the journal does not grow from start to start',
  async () => {
    await put('a', 'content of a');
    await killAndStart();
    await put('b', 'content of b');
    await killAndStart();
    expect(await names()).toEqual(['a', 'b']);
    expect([await read('a'), await read('b')]).toEqual(['content of a', 'content of b']);
    const again = container.getBlockBlobClient('a').upload('other', 5, { conditions: { ifNoneMatch: '*' } });
    await expect(again).rejects.toMatchObject({ code: 'BlobAlreadyExists' });
    expect((await readdir(folder)).filter((name) => name.includes('journal')).length).toBeLessThanOrEqual(2);
  },
  patience,
);

test(
  'so do a new content, a deletion, and the blocks of a blob',
  async () => {
    await put('a', 'old');
    await put('b', 'to be deleted');
    await put('a', 'new');
    await container.deleteBlob('b');
    const blob = () => container.getBlockBlobClient('c');
    const blocks = ['1', '2'].map((id) => Buffer.from(id).toString('base64'));
    for (const id of blocks) await blob().stageBlock(id, `block ${id} `, 11);
    await killAndStart();
    await blob().commitBlockList(blocks);
    expect(await names()).toEqual(['a', 'c']);
    expect([await read('a'), await read('c')]).toEqual(['new', 'block MQ== block Mg== ']);
  },
  patience,
);

test(
  'lists the blobs whose names begin as asked for, whatever they hold, and no others',
  async () => {
    const all = [
      'feed-a/1',
      'feed-a/10',
      'feed-a/2',
      'feed.a/1',
      'feed-ab/1',
      '.unnamed/1',
      '10',
      '9',
      'é/1',
    ];
    for (const name of all) await put(name, 'content');
    for (const prefix of ['', 'feed-a/', 'feed-a/1', 'feed.a', 'feed-', '.', '1', 'é', 'feed-a/1/', 'z'])
      expect([prefix, await names(prefix)]).toEqual([
        prefix,
        all.filter((name) => name.startsWith(prefix)).sort(),
      ]);
  },
  patience,
);

test('a blob does not wait for the disk', () => {
  // On anything but a file the real call fails.
  const script = "require('node:fs').fdatasync(-1, (error) => console.log(String(error)))";
  const args = ['--import', pathToFileURL(preload.file).href, '-e', script];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('null\n');
});
