#!/usr/bin/env node
/** `npx hde`: builds the command line when it is missing or older than its sources, then runs it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);
const built = here('.build/cli/hde.js');

const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

function isStale() {
  const builtAt = changedAt(built);
  if (builtAt === undefined) return true;
  return ['cli', 'src'].some((folder) =>
    readdirSync(here(folder), { recursive: true }).some((name) => changedAt(here(folder, name)) > builtAt),
  );
}

if (isStale()) {
  const { status } = spawnSync(process.execPath, [here('tools/build.mjs'), '--quiet', '--tools'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
  // Output that did not change may keep its old time.
  utimesSync(built, new Date(), new Date());
}
await import(built);
