/** `npx hde`: converts and explains messages on the command line (docs/reference/cli.md). */
import { buffer } from 'node:stream/consumers';
import { run } from './run.js';

// Whoever reads the output may have seen enough (`hde coverage . | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isColoured: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  environment: process.env,
  readInput: () => buffer(process.stdin),
});
