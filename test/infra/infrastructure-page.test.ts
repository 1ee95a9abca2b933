/** docs/reference/infrastructure.md names files that exist and every rule with what it says. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { rules } from '../../tools/infra/rules/all.js';

const page = readFileSync('docs/reference/infrastructure.md', 'utf8');
const rowsOf = (heading: string): readonly (readonly string[])[] => {
  const [, section = ''] = page.split(`${heading}\n`);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const [, , ...rows] = table.trim().split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

test('each row beside the original names the file that does it', () => {
  const files = rowsOf('## Beside the original').map((cells) => cells[3]?.replaceAll('`', '') ?? '');
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test('each rule is listed with what it says (npm run docs)', () => {
  expect(rowsOf('## Rules')).toEqual(rules.map(({ name, says }) => [`\`${name}\``, says]));
});
