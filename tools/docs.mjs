/** `npm run docs`: writes the tables of docs/reference that follow from the code. A test compares them with it. */
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);

async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [here(file)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

/** Replaces the table of a page, which is its last part. */
async function writeTable(file, columns, rows) {
  const page = await readFile(here(file), 'utf8');
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
  const text = `${page.slice(0, page.indexOf('\n| ') + 1)}${table}\n`;
  await writeFile(here(file), await format(text, { ...(await resolveConfig(here(file))), filepath: file }));
}

const { errors } = await load('src/core/errors.ts');
await writeTable(
  'docs/reference/errors.md',
  ['Code', 'HTTP', 'FHIR issue', 'ACK', 'Table 0357', 'Disposition', 'Text'],
  Object.entries(errors).map(([code, { http, fhir, ack, condition, disposition, text }]) => [
    `\`${code}\``,
    ...[http, fhir, ack, condition, disposition, text],
  ]),
);

const { settings } = JSON.parse(await readFile(here('infra/topology/settings.json'), 'utf8'));
await writeTable(
  'docs/reference/settings.md',
  ['Setting', 'Kind', 'Required', 'Meaning'],
  settings.map(({ name, kind, required, description }) => [
    `\`${name}\``,
    kind,
    required ? 'yes' : 'no',
    description,
  ]),
);
