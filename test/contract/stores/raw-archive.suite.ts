/** The rules of `RawArchive`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
