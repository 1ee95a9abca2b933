/**
 * Whether the codes of a resource are those that R4 requires of their elements (bindings of the strength `required`, FHIR
 * R4 section 4.1.5). It loads the table of elements and that of codes: import it when it is needed.
 */
import type { Issue } from '../../errors.js';
import { type ElementsByName, elementsOf, isPrimitiveType } from '../elements.js';
import table from '../r4-required-codes.json' with { type: 'json' };
import { fieldsOf, listOf } from '../search/shapes.js';

/** What R4 allows an element to say. */
interface Binding {
  /** Name of the value set. */
  readonly set: string;
  readonly isCode: (code: string) => boolean;
  readonly isCoding: (system: string, code: string) => boolean;
}

/** Codes of sets that nobody lists have a syntax: media types that of BCP 13, currencies that of ISO 4217. */
const mimetypes = { set: 'mimetypes', syntax: /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:;.*)?$/s };
const openSets: ReadonlyMap<string, { readonly set: string; readonly syntax: RegExp }> = new Map([
  ['Attachment.contentType', mimetypes],
  ['Binary.contentType', mimetypes],
  ['Money.currency', { set: 'currencies', syntax: /^[A-Z]{3}$/ }],
]);

const setNames: ReadonlyMap<string, string> = new Map(Object.entries(table.bindings));
const sets = new Map<string, Readonly<Record<string, string>>>(Object.entries(table.sets));
const read = new Map<string, Binding | undefined>();

/** The binding of an element by its path: `Patient.gender`. */
function bindingOf(path: string): Binding | undefined {
  if (read.has(path)) return read.get(path);
  const binding = readBinding(path);
  read.set(path, binding);
  return binding;
}

function readBinding(path: string): Binding | undefined {
  const open = openSets.get(path);
  if (open !== undefined)
    return { set: open.set, isCode: (code) => open.syntax.test(code), isCoding: () => false };
  const set = setNames.get(path);
  if (set === undefined) return undefined;
  const bySystem = Object.entries(sets.get(set) ?? {}).map(
    ([system, codes]) => [system, codes.split(' ')] as const,
  );
  const codes = new Set(bySystem.flatMap(([, listed]) => listed));
  const codings = new Set(bySystem.flatMap(([system, listed]) => listed.map((code) => `${system}|${code}`)));
  return {
    set,
    isCode: (code) => codes.has(code),
    isCoding: (system, code) => codings.has(`${system}|${code}`),
  };
}

/** What is wrong with the codes of a resource that has the shape of its type. No value of it appears. */
export function checkCodes(resource: unknown): Issue[] {
  const issues: Issue[] = [];
  checkResource(resource, '', issues);
  return issues;
}

function checkResource(value: unknown, place: string, issues: Issue[]): void {
  const type = fieldsOf(value)?.['resourceType'];
  if (typeof type === 'string') checkFields(value, type, place === '' ? type : place, issues);
}

function checkFields(value: unknown, type: string, place: string, issues: Issue[]): void {
  const elements = elementsOf(type);
  if (elements === undefined) return;
  for (const [name, content] of Object.entries(fieldsOf(value) ?? {}))
    checkNamed(elements, name, content, { type, place, issues });
}

interface Context {
  readonly type: string;
  readonly place: string;
  readonly issues: Issue[];
}

function checkNamed(
  elements: ElementsByName,
  name: string,
  content: unknown,
  { type, place, issues }: Context,
): void {
  const element = elements.get(name) ?? elements.get(name.replace(/^_/, ''));
  if (element === undefined) return;
  const isCompanion = element.name !== name;
  const binding = isCompanion ? undefined : bindingOf(`${type}.${name}`);
  const isPlain = isPrimitiveType(element.type) && !isCompanion;
  if (binding === undefined && isPlain) return;
  for (const [index, item] of listOf(content).entries()) {
    const at = `${place}.${element.name}${element.repeats ? `[${index}]` : ''}`;
    if (binding !== undefined && !isOneOf(item, binding))
      issues.push({
        code: 'HDE_CODE_INVALID',
        severity: 'error',
        location: at,
        detail: `a code of the value set ${binding.set}`,
      });
    if (element.type === 'Resource') checkResource(item, at, issues);
    else if (!isPlain) checkFields(item, isCompanion ? 'Element' : element.type, at, issues);
  }
}

/**
 * A code, or of a concept one of its codings. What has an extension in the place of a value says nothing that could be
 * compared: null of a code, a concept without codings and text, and codings without a code (FHIR R4 section 2.4.0.1).
 */
function isOneOf(value: unknown, { isCode, isCoding }: Binding): boolean {
  if (value === null) return true;
  if (typeof value === 'string') return isCode(value);
  const { coding, text, extension } = fieldsOf(value) ?? {};
  if (coding === undefined && text === undefined) return extension !== undefined;
  const codings = listOf(coding).map((each) => fieldsOf(each) ?? {});
  if (codings.length > 0 && codings.every(isExtended)) return true;
  return codings.some(({ system, code }) => isCoding(String(system), String(code)));
}

/** Whether a coding has an extension in the place of its code. */
const isExtended = ({ code, _code, extension }: Readonly<Record<string, unknown>>): boolean =>
  code === undefined && (extension !== undefined || _code !== undefined);
