/** A mutant that no longer changes anything proves nothing. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { mutantNames, mutants } from '../../chaos/mutants/mutants.js';

test.each(mutantNames)('%s replaces a text that is there exactly once', async (name) => {
  for (const { file, find, replace } of mutants[name]) {
    expect((await readFile(file, 'utf8')).split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
});
