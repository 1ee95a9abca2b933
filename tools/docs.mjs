/**
 * `npm run docs`: writes the parts of docs/reference that follow from the code. With `--check` it writes nothing and
 * fails, naming the pages, when they differ.
 */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { accessMatrixPage } from './docs/access-matrix-page.mjs';
import { mappingPage, recordIdsPage } from './docs/mapping-pages.mjs';
import { threatModelPage } from './docs/threat-model.mjs';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);
const checkOnly = process.argv.includes('--check');
const differing = [];

async function load(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here(), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

async function writePage(file, page) {
  const text = await format(page, { ...(await resolveConfig(here(file))), filepath: file });
  const held = existsSync(here(file)) ? await readFile(here(file), 'utf8') : undefined;
  if (held === text) return;
  if (checkOnly) differing.push(file);
  else await writeFile(here(file), text);
}

/** Replaces the table of a page, or the first one after a heading. */
async function writeTable(file, columns, rows, heading = '# ') {
  const page = await readFile(here(file), 'utf8');
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
  const start = page.indexOf('\n| ', page.indexOf(`${heading}`)) + 1;
  const end = page.indexOf('\n\n', start);
  await writePage(file, `${page.slice(0, start)}${table}${end < 0 ? '\n' : page.slice(end)}`);
}

const { errors, servedTypes, ukPack } = await load(`
  export { servedTypes } from './src/core/fhir/interactions.js';
  export { errors } from './src/core/errors.js';
  import { extendPack } from './src/core/mapping/engine/extend-pack.js';
  import { hl7v2Base } from './src/core/mapping/packs/hl7v2-base/pack.js';
  import { hl7v2Uk } from './src/core/mapping/packs/hl7v2-uk/pack.js';
  export const ukPack = extendPack(hl7v2Base, hl7v2Uk);
`);
await writeTable(
  'docs/reference/errors.md',
  ['Code', 'HTTP', 'FHIR issue', 'ACK', 'Table 0357', 'Disposition', 'Text'],
  Object.entries(errors).map(([code, { http, fhir, ack, condition, disposition, text }]) => [
    `\`${code}\``,
    ...[http, fhir, ack, condition, disposition, text],
  ]),
);

const parameters = JSON.parse(await readFile(here('src/core/fhir/search/r4-parameters.json'), 'utf8'));
// The file has those of other types, too, which are answered in another way, or not at all.
const isServed = ([type]) => type === 'Resource' || servedTypes.some((served) => served.type === type);
await writeTable(
  'docs/reference/fhir-api.md',
  ['Type', 'Parameter', 'Kind', 'Expression'],
  Object.entries(parameters)
    .filter(isServed)
    .flatMap(([type, rows]) =>
      rows.map(({ code, type: kind, expression }) => [
        type,
        `\`${code}\``,
        kind,
        `\`${expression.replaceAll('|', '\\|')}\``,
      ]),
    ),
  '## What is compared',
);

const charges = JSON.parse(await readFile(here('bench/results/charges.json'), 'utf8'));
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
await writeTable(
  'docs/reference/fhir-api.md',
  ['Interaction', 'Request', 'RU', 'Requests to the database'],
  charges.interactions.map(({ interaction, request, requestUnits, requests }) => [
    ...[interaction, code(request), requestUnits, requests],
  ]),
  '## What it costs',
);
await writeTable(
  'docs/reference/fhir-api.md',
  ['Type', 'Parameter', 'UK Core Access', 'Asked', 'RU'],
  charges.parameters.map(({ type, parameter, expectation, query, requestUnits }) => [
    ...[type, parameter, expectation, code(query), requestUnits],
  ]),
  '### UK Core Access',
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

const telemetry = JSON.parse(await readFile(here('infra/topology/metrics.json'), 'utf8'));
const telemetryPage = 'docs/reference/telemetry.md';
const codes = (names) => names.map(code).join(', ');
await writeTable(
  telemetryPage,
  ['Span', 'Meaning', 'Attributes'],
  Object.entries(telemetry.spans).map(([name, { description, attributes }]) => [
    ...[code(name), description, codes(attributes)],
  ]),
  '## One trace',
);
await writeTable(
  telemetryPage,
  ['Metric', 'Kind', 'Unit', 'Attributes', 'Meaning'],
  Object.entries(telemetry.metrics).map(([name, { kind, unit, attributes, description }]) => [
    ...[code(name), kind, code(unit), codes(attributes), description],
  ]),
  '## Metrics',
);
const known = {
  containers: 'containers of Cosmos DB',
  errors: '[errors](errors.md)',
  feeds: 'configured feeds',
};
Object.assign(known, { reasons: 'roles, [reasons](access-model.md), errors', routes: 'routes' });
await writeTable(
  telemetryPage,
  ['Attribute', 'Meaning', 'Values'],
  Object.entries(telemetry.attributes).map(([name, { description, values, pattern, from }]) => [
    ...[code(name), description, values?.join(', ') ?? known[from] ?? code(pattern)],
  ]),
  '## Attributes',
);

const { document } = await load(`
  import manifest from './package.json';
  import { openApiDocument } from './src/platform/openapi/document.js';
  export const document = openApiDocument(manifest.version);
`);
await writePage('docs/reference/openapi.json', JSON.stringify(document));

const identities = here('src/core/mapping/transforms/identities');
const sources = (await readdir(identities)).map((file) => readFile(join(identities, file), 'utf8'));
await writePage('docs/reference/mapping.md', mappingPage(ukPack));
await writePage('docs/reference/record-ids.md', recordIdsPage(ukPack, await Promise.all(sources)));

const access = await load(`
  export { fhirRoutes } from './src/core/fhir/interactions.js';
  export { printMatrix } from './src/core/governance/access-matrix.js';
  export { actionsOfInteraction } from './src/core/governance/access-vocabulary.js';
  export { decisionReasons, obligations } from './src/core/governance/decision-reasons.js';
`);
const accessModel = 'docs/reference/access-model.md';
await writeTable(
  accessModel,
  ['Code', 'Outcome', 'Meaning'],
  Object.entries(access.decisionReasons).map(([reason, { outcome, text }]) => [code(reason), outcome, text]),
  '## Reasons',
);
await writeTable(
  accessModel,
  ['Code', 'Meaning'],
  Object.entries(access.obligations).map(([obligation, text]) => [code(obligation), text]),
  '## Obligations',
);
await writeTable(
  accessModel,
  ['Method', 'Address', 'Actions'],
  access.fhirRoutes
    .filter(({ interaction }) => Object.hasOwn(access.actionsOfInteraction, interaction))
    .map(({ interaction, method, template }) => [
      ...[method, code(`/fhir/${template}`), access.actionsOfInteraction[interaction].join(', ')],
    ]),
  '## Interactions',
);
await writePage('docs/reference/access-matrix.md', accessMatrixPage(access.printMatrix()));

const threatModel = JSON.parse(await readFile(here('docs/reference/threat-model.json'), 'utf8'));
await writePage('docs/reference/threat-model.md', threatModelPage(threatModel));
const { rules } = await load(`export { rules } from './tools/infra/rules/all.js';`);
await writeTable(
  'docs/reference/infrastructure.md',
  ['Rule', 'Says'],
  rules.map(({ name, says }) => [code(name), says]),
  '## Rules',
);

if (differing.length > 0) {
  console.error(`Not up to date, run "npm run docs": ${differing.join(', ')}`);
  process.exitCode = 1;
}
