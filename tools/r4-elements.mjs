/**
 * `node tools/r4-elements.mjs`: writes cli/r4-elements.json, the elements of FHIR R4 by which `hde pack check` judges
 * what rules write, from the type definitions of the specification (@types/fhir). `--check` writes nothing and fails
 * when the file differs.
 *
 * Each type is a line of its base and its elements, `DomainResource identifier:Identifier* active`: `*` repeats, no type
 * is a primitive.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const here = (...parts) => join(import.meta.dirname, '..', ...parts);
const INTERFACE = /^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}/gms;
const PROPERTY = /^ {2}(?:readonly )?([a-z]\w*)\??: (.+?)(?: \| undefined)?;$/gm;

/** An element and its type, as the file holds them. */
function printElement([, name, text]) {
  const isList = text.endsWith('[]');
  const type = isList ? text.slice(0, -2) : text;
  const printed = /^[A-Z]\w*$/.test(type) ? `:${type}` : '';
  return `${name}${printed}${isList ? '*' : ''}`;
}

/** The table from the text of the type definitions. */
export function elementsOf(definitions) {
  const text = definitions.replace(/\/\*.*?\*\//gs, '');
  const table = {};
  for (const [, name, base = '', body] of text.matchAll(INTERFACE)) {
    const elements = [...body.matchAll(PROPERTY)].map(printElement);
    table[name] = [base, ...elements.filter((each) => !each.startsWith('resourceType'))].join(' ');
  }
  return `${JSON.stringify(table, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const table = elementsOf(await readFile(here('node_modules/@types/fhir/r4.d.ts'), 'utf8'));
  const file = here('cli/r4-elements.json');
  if (!process.argv.includes('--check')) await writeFile(file, table);
  else if ((await readFile(file, 'utf8')) !== table) {
    console.error('cli/r4-elements.json differs from the definitions: node tools/r4-elements.mjs');
    process.exit(1);
  }
}
