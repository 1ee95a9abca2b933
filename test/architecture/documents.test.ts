/** Reference pages that must agree with the code. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };

const firstCells = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);

test('what npm run docs writes is up to date', () => {
  const { status, stderr } = spawnSync(process.execPath, ['tools/docs.mjs', '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('docs/reference/dependencies.md gives a reason for each runtime dependency', () => {
  expect(firstCells('docs/reference/dependencies.md')).toEqual(Object.keys(manifest.dependencies));
});

describe('Markdown links', () => {
  const pages = ['.', 'docs', 'samples', 'local', 'bench', 'test', 'infra']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: folder !== '.', withFileTypes: true })
        .filter(({ parentPath }) => !parentPath.includes('node_modules'))
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
