/** Reference pages that must agree with the code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
import settings from '../../infra/topology/settings.json' with { type: 'json' };
import { errors } from '../../src/core/errors.js';

const firstCells = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);

test('docs/reference/errors.md lists exactly the registered errors as they are defined', () => {
  const rows = readFileSync('docs/reference/errors.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `HDE_'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
  const expected = Object.entries(errors).map(([code, { http, fhir, ack, condition, disposition, text }]) => [
    `\`${code}\``,
    String(http),
    fhir,
    ack,
    condition,
    disposition,
    text,
  ]);
  expect(rows).toEqual(expected);
});

test('docs/reference/settings.md lists exactly the settings', () => {
  expect(firstCells('docs/reference/settings.md')).toEqual(settings.settings.map(({ name }) => name));
});

test('docs/reference/dependencies.md gives a reason for each runtime dependency', () => {
  expect(firstCells('docs/reference/dependencies.md')).toEqual(Object.keys(manifest.dependencies));
});

describe('Markdown links', () => {
  const pages = ['.', 'docs', 'samples', 'local', 'bench', 'test', 'infra']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: folder !== '.', withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
        .map((entry) => join(entry.parentPath, entry.name)),
    );

  test.each(pages.map((page) => [page]))('of %s lead to files that exist', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
      ([, to = '']) => to,
    );
    expect(links.filter((to) => !existsSync(join(dirname(page), to)))).toEqual([]);
  });
});
