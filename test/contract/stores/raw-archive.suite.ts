/** The rules of `RawArchive`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExchangeError } from '../../../src/core/errors.js';
import type { RawArchive } from '../../../src/ports/raw-archive.js';

export interface OpenedRawArchive {
  readonly archive: RawArchive;
  close(): Promise<void>;
}

export function describeRawArchive(name: string, open: () => Promise<OpenedRawArchive>): void {
  describe(`the raw archive on ${name}`, () => {
    let opened: OpenedRawArchive;
    let archive: RawArchive;
    beforeAll(async () => {
      opened = await open();
      archive = opened.archive;
    });
    afterAll(() => opened.close());

    test('gives back every byte, whatever it is', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await archive.put('feed/message/all', bytes, 'application/octet-stream');
      expect([...(await archive.get('feed/message/all'))!]).toEqual([...bytes]);
    });

    test('knows nothing that was never stored', async () => {
      expect(await archive.get('feed/message/none')).toBeUndefined();
    });

    test('never changes what is stored', async () => {
      await archive.put('feed/message/once', Uint8Array.of(1), 'text/plain');
      await archive.put('feed/message/once', Uint8Array.of(2), 'text/plain');
      expect([...(await archive.get('feed/message/once'))!]).toEqual([1]);
    });

    /** Three megabytes in uneven pieces, so that no piece is a block. */
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 251);
    async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += 70_001)
        yield await Promise.resolve(bytes.subarray(at, at + 70_001));
    }

    test('stores a stream under the name that it gets at its end', async () => {
      const unnamed = await archive.putUnnamed(inPieces(large), 'text/plain');
      expect(await archive.get('feed/message/late-name')).toBeUndefined();
      await unnamed.putAt('feed/message/late-name');
      await unnamed.discard();
      expect(Buffer.compare((await archive.get('feed/message/late-name'))!, large)).toBe(0);
      const { entries } = await archive.list('', { limit: 5000 });
      expect(entries.filter(({ path }) => path.startsWith('.'))).toEqual([]);
    });

    test('never changes what is stored when a stream gets the same name', async () => {
      await archive.put('feed/message/taken', Uint8Array.of(1), 'text/plain');
      const unnamed = await archive.putUnnamed(inPieces(large), 'text/plain');
      await unnamed.putAt('feed/message/taken');
      await unnamed.discard();
      expect([...(await archive.get('feed/message/taken'))!]).toEqual([1]);
    });

    test('stores nothing of a stream that breaks off, and says why', async () => {
      const before = await archive.list('', { limit: 5000 });
      const broken = async function* () {
        yield* inPieces(large);
        throw new ExchangeError('HDE_PAYLOAD_TOO_LARGE');
      };
      await expect(archive.putUnnamed(broken(), 'text/plain')).rejects.toMatchObject({
        code: 'HDE_PAYLOAD_TOO_LARGE',
      });
      expect(await archive.list('', { limit: 5000 })).toEqual(before);
    });

    test('lists what begins with a prefix, page by page', async () => {
      const started = Date.now() - 60_000;
      const paths = ['c', 'a', 'e', 'b', 'd'].map((name) => `listed/${name}/1`);
      for (const path of paths) await archive.put(path, Uint8Array.of(1), 'text/plain');
      await archive.put('listed-not/a/1', Uint8Array.of(1), 'text/plain');
      const found: string[] = [];
      let continuation: string | undefined;
      let pages = 0;
      do {
        const page = await archive.list('listed/', {
          limit: 2,
          ...(continuation === undefined ? {} : { continuation }),
        });
        expect(page.entries.length).toBeLessThanOrEqual(2);
        found.push(...page.entries.map(({ path }) => path));
        for (const { storedAt } of page.entries) expect(Date.parse(storedAt)).toBeGreaterThan(started);
        continuation = page.continuation;
        pages += 1;
      } while (continuation !== undefined);
      expect(found).toEqual([...paths].sort());
      expect(pages).toBeGreaterThanOrEqual(3);
      expect((await archive.list('nobody/', { limit: 2 })).entries).toEqual([]);
    });
  });
}
