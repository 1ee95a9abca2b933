/** Public samples that the project keeps beside the repository: absent from a plain clone. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { splitBatch } from '../../../../src/core/formats/hl7v2/batch.js';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { contentOf, writeHl7v2, writeSegments } from '../../../../src/core/formats/hl7v2/write.js';

const folder = join(process.cwd(), '..', 'shared', 'samples');

const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.includes('hl7v2'))
      .map((entry) => join(entry.parentPath, entry.name))
  : [];

if (files.length === 0) {
  test.skip('public samples are not here (../shared/samples): nothing was checked', () => undefined);
} else {
  describe('public samples', () => {
    test.each(files.map((file) => [relative(folder, file), file]))('%s', (_, file) => {
      const bytes = readFileSync(file);
      const messages = [...splitBatch(bytes)];
      expect(messages.length).toBeGreaterThan(0);
      for (const sent of messages) {
        const message = parseHl7v2(sent);
        expect(Buffer.from(writeHl7v2(message)).equals(sent)).toBe(true);
        expect(message.msh.value(9)).not.toBe('');
        const lines = message.text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
        const content = message.segments.map((segment) => contentOf(segment, message.delimiters));
        expect(writeSegments(content, message.delimiters)).toBe(lines.map((line) => `${line}\r`).join(''));
      }
    });
  });
}
