/**
 * An esbuild plugin that builds a program otherwise than its sources say: each edit replaces one text of one module.
 * Tests use it to show that they notice what is broken on purpose.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * @param edits list of `{ file, find, replace }`; `file` is relative to `root`, `find` occurs in it exactly once
 * @returns the plugin; it fails the build when a text is not there once, or a file is never loaded
 */
export const replaceText = (edits, root) => ({
  name: 'replace-text',
  setup(build) {
    const pending = new Set(edits);
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const own = edits.filter(({ file }) => resolve(root, file) === path);
      if (own.length === 0) return undefined;
      let contents = await readFile(path, 'utf8');
      for (const edit of own) {
        const parts = contents.split(edit.find);
        if (parts.length !== 2) {
          return { errors: [{ text: `${edit.file} holds ${parts.length - 1} times: ${edit.find}` }] };
        }
        contents = parts.join(edit.replace);
        pending.delete(edit);
      }
      return { contents, loader: 'ts' };
    });
    build.onEnd(() => ({
      errors: [...pending].map(({ file }) => ({ text: `${file} is not part of the program` })),
    }));
  },
});
