/**
 * `npm run capacity`: the busiest time of deployments from a practice group to a country, and which limit each meets
 * first (docs/operations/capacity.md). Writes the tables of that page; with `--check` it fails when they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { capacityPage } from './capacity/page.js';

const file = 'docs/operations/capacity.md';
const held = readFileSync(file, 'utf8');
const text = await format(capacityPage(held), { ...(await resolveConfig(file)), filepath: file });
if (text === held) console.log(`${file} is up to date`);
else if (process.argv.includes('--check')) {
  console.error(`${file} is not up to date, run "npm run capacity"`);
  process.exitCode = 1;
} else {
  writeFileSync(file, text);
  console.log(`${file} written`);
}
