/** The rules of `ExportFiles`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExportFiles } from '../../../src/ports/export-files.js';

export interface OpenedExportFiles {
  readonly files: ExportFiles;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

export function describeExportFiles(name: string, open: () => Promise<OpenedExportFiles>): void {
  describe(`the files of exports on ${name}`, () => {
    let opened: OpenedExportFiles;
    let files: ExportFiles;
    const read = async (path: string): Promise<string | undefined> => {
      const content = await files.read(path);
      if (content === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    beforeAll(async () => {
      opened = await open();
      files = opened.files;
    });
    afterAll(() => opened.close());

    test('are there once they are finished, with the parts that are named, in their order', async () => {
      const path = 'j1/Patient.1.ndjson';
      for (const part of ['a', 'b', 'c']) await files.stage(path, `block-${part}`, bytes(`${part}\n`));
      expect(await read(path)).toBeUndefined();
      await files.finish(path, ['block-c', 'block-a']);
      expect(await read(path)).toBe('c\na\n');
    });

    test('are finished again with the same result', async () => {
      const path = 'j2/Patient.1.ndjson';
      await files.stage(path, 'block-a', bytes('a\n'));
      for (let times = 1; times <= 2; times++) await files.finish(path, ['block-a']);
      // What somebody staged in vain.
      await files.stage(path, 'block-x', bytes('x\n'));
      await files.finish(path, ['block-a']);
      expect(await read(path)).toBe('a\n');
    });

    test('are deleted with their export, and no others', async () => {
      for (const path of ['j3/Patient.1.ndjson', 'j3/Patient.2.ndjson', 'j33/Patient.1.ndjson']) {
        await files.stage(path, 'block-a', bytes('a\n'));
        await files.finish(path, ['block-a']);
      }
      await files.stage('j3/Observation.1.ndjson', 'block-a', bytes('a\n'));
      for (let times = 1; times <= 2; times++) await files.deleteAll('j3');
      expect(await read('j3/Patient.1.ndjson')).toBeUndefined();
      expect(await read('j3/Patient.2.ndjson')).toBeUndefined();
      expect(await read('j33/Patient.1.ndjson')).toBe('a\n');
    });
  });
}
