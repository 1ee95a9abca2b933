/** What is said when the compiler is there, and does not do its work. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compile } from '../../tools/infra/compiler.js';

let folder = '';
const command = (name: string, script: string): string => {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hde-compiler-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the compiler', () => {
  test('that takes too long is a problem of the file, with what to do', () => {
    const { diagnostics } = compile(command('slow', 'exec sleep 30'), 'infra/main.bicep', 200);
    expect(diagnostics).toEqual([expect.stringMatching(/^infra\/main\.bicep .*no answer in 0\.2 seconds/)]);
  });

  test('that does not start is a problem, not a clean file', () => {
    const { diagnostics } = compile(join(folder, 'nowhere'), 'infra/main.bicep');
    expect(diagnostics).toEqual([expect.stringMatching(/does not run \(ENOENT\): see BICEP_PATH/)]);
  });

  test('that ends without a word and in failure is a problem', () => {
    expect(compile(command('mute', 'exit 3'), 'infra/main.bicep').diagnostics).toEqual(['exit 3']);
  });

  test('gives its warnings, and what it built', () => {
    const verbose = command('verbose', 'echo "$1 $2"; echo "a.bicep(1,2) : Warning no-unused-vars: x" >&2');
    expect(compile(verbose, 'infra/main.dev.bicepparam')).toEqual({
      diagnostics: ['a.bicep(1,2) : Warning no-unused-vars: x'],
      output: 'build-params infra/main.dev.bicepparam\n',
    });
  });
});
