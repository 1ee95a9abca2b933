import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadApp } from '../../../local/functions-host/app-loader.js';

describe('a folder that holds no app is refused', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'app-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('when it has no package.json', async () => {
    await expect(loadApp(folder)).rejects.toThrow(/has no package\.json/);
  });

  test.each([
    ['{}', /"main" must be a pattern/],
    ['{ "main": "dist/*.js" }', /"main" is "dist\/\*\.js", which matches no file/],
    ['[]', /must hold a JSON object/],
  ])('when its package.json is %s', async (content, message) => {
    writeFileSync(join(folder, 'package.json'), content);
    await expect(loadApp(folder)).rejects.toThrow(message);
  });
});
