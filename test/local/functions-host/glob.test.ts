import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findFiles } from '../../../local/functions-host/glob.js';

let folder = '';
const files = [
  'index.js',
  'dist/index.js',
  'dist/functions/a.js',
  'dist/functions/b.mjs',
  'dist/functions/deep/c.js',
  'dist/functions/a.js.map',
  'dist/node_modules/x/d.js',
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glob-'));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const found = (pattern: string) => findFiles(folder, pattern).map((file) => relative(folder, file));

describe('the pattern in "main"', () => {
  test.each([
    ['index.js', ['index.js']],
    ['./dist/functions/*.js', ['dist/functions/a.js']],
    ['dist/{index.js,functions/*.js}', ['dist/functions/a.js', 'dist/index.js']],
    ['dist/functions/*.{js,mjs}', ['dist/functions/a.js', 'dist/functions/b.mjs']],
    [
      'dist/{index,functions/{a,b}}.{js,mjs}',
      ['dist/functions/a.js', 'dist/functions/b.mjs', 'dist/index.js'],
    ],
    ['dist/functions/?.js', ['dist/functions/a.js']],
    ['**/c.js', ['dist/functions/deep/c.js']],
    [
      'dist/functions/**',
      ['dist/functions/a.js', 'dist/functions/a.js.map', 'dist/functions/b.mjs', 'dist/functions/deep/c.js'],
    ],
    ['dist/functions/**/*.js', ['dist/functions/a.js', 'dist/functions/deep/c.js']],
    ['nowhere/*.js', []],
    ['index.js/x', []],
  ])('%s', (pattern, expected) => {
    expect(found(pattern)).toEqual(expected);
  });

  test('node_modules is never entered', () => {
    expect(found('**/*.js')).not.toContain('dist/node_modules/x/d.js');
  });
});
