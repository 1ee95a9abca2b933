/**
 * `npm run cost`: what three sizes of deployment cost a month (docs/operations/cost.md). Writes the tables of that page;
 * with `--check` it writes nothing and fails when they differ. Prices and figures: bench/cost/*.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { costPage } from './cost/page.js';

const file = 'docs/operations/cost.md';
const held = readFileSync(file, 'utf8');
const text = await format(costPage(held), { ...(await resolveConfig(file)), filepath: file });
if (text === held) console.log(`${file} is up to date`);
else if (process.argv.includes('--check')) {
  console.error(`${file} is not up to date, run "npm run cost"`);
  process.exitCode = 1;
} else {
  writeFileSync(file, text);
  console.log(`${file} written`);
}
