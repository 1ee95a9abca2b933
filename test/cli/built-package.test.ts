/** The built converter as others import it: bundled here, so that no earlier build is needed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(join(tmpdir(), 'hde-package-'));
const built = join(folder, 'convert.js');

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { status, stderr } = spawnSync(process.execPath, [
    'tools/build.mjs',
    '--quiet',
    '--converter',
    folder,
  ]);
  if (status !== 0) throw new Error(String(stderr));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('imports nothing but modules of Node', () => {
  const text = readFileSync(built, 'utf8');
  const imported = [...text.matchAll(/(?:^import\b[^;]*?from |\bimport\(|\brequire\()\s*["']([^"']+)["']/gm)];
  const names = imported.map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.startsWith('node:'))).toEqual([]);
});

test('converts in a process of its own, far from any package', () => {
  const message = 'MSH|^~\\&|PAS|RXX|||20240105||ADT^A28|1|P|2.4\rPID|1||9990000018^^^NHS^NH||Khan^Amira\r';
  const program = `
    import { convert } from './convert.js';
    const { bundle } = convert(${JSON.stringify(message)}, { format: 'hl7v2' });
    console.log(bundle.entry[0].resource.name[0].family);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'Khan\n', stderr: '' });
});
