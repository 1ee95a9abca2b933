/**
 * Turns the search parameters of a type into one tree of elements, so that one walk over a resource finds the values of
 * them all and looks only at what some parameter is about.
 */
import {
  parametersOf,
  type ComponentDefinition,
  type ParameterDefinition,
  type ValueKind,
} from './definitions.js';
import { addEntry, finishDraft, type IndexDraft } from './draft.js';
import { addBoolean, extractOf, isReferenceTo, type ChooseExtract, type Extract } from './extract.js';
import { fieldsOf } from './shapes.js';
import type { ComponentValue } from './types.js';

/** Takes one value of an element. */
type Take = (value: unknown, draft: IndexDraft) => void;

/** An element, what is taken from its values, and the elements in it. */
export interface ElementTree {
  readonly name: string;
  readonly takes: Take[];
  readonly children: ElementTree[];
}

/** Fills a draft from the value of an element, or from each where it repeats. */
export function visitElement(tree: ElementTree, value: unknown, draft: IndexDraft): void {
  if (!Array.isArray(value)) visitValue(tree, value, draft);
  else for (const each of value) visitValue(tree, each, draft);
}

function visitValue({ takes, children }: ElementTree, value: unknown, draft: IndexDraft): void {
  if (value === undefined || value === null) return;
  for (const take of takes) take(value, draft);
  const fields = children.length === 0 ? undefined : fieldsOf(value);
  if (fields === undefined) return;
  for (const child of children) {
    const inner = fields[child.name];
    if (inner !== undefined) visitElement(child, inner, draft);
  }
}

/** What documents say of themselves beside the resource, so that the index need not. */
const outsideIndex: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** The tree of a type's parameters. */
export function compileType(type: string): ElementTree {
  return compileTree(parametersOf(type).filter(({ code }) => !outsideIndex.has(code)));
}

/**
 * The tree of some parameters, with what is to be done with the values that they select.
 *
 * @throws Error for a path of the table that its kind of parameter cannot be about
 */
export function compileTree(
  definitions: readonly ParameterDefinition[],
  choose: ChooseExtract = extractOf,
): ElementTree {
  const root = newElement('');
  for (const definition of definitions) {
    const { code, type, paths, components = [], isPresence = false } = definition;
    if (isPresence) root.takes.push(takePresence(definition));
    else if (type !== 'composite') plantValues(root, { code, type, paths }, choose);
    else for (const path of paths) elementAt(root, path).takes.push(takeComposite(code, components, choose));
  }
  return root;
}

const newElement = (name: string): ElementTree => ({ name, takes: [], children: [] });

/** `telecom[system=phone]:ContactPoint` */
const pathForm = /^([\w.]+)(?:\[(?:(\w+)=([^\]]*)|(\w+))\])?:(\w+)$/;

/** A parameter by whose paths values are taken. */
type PlainDefinition = Pick<ParameterDefinition, 'code' | 'paths'> & { readonly type: ValueKind };

function plantValues(root: ElementTree, { code, type, paths }: PlainDefinition, choose: ChooseExtract): void {
  for (const path of paths) {
    const [, elements = '', name, wanted = '', target, datatype = ''] = pathForm.exec(path) ?? [];
    const extract = choose(code, type, datatype);
    if (extract === undefined) throw new Error(`${code}: cannot take ${path} as a ${type}`);
    elementAt(root, elements).takes.push(filtered(extract, code, name, wanted, target));
  }
}

function filtered(
  extract: Extract,
  code: string,
  name: string | undefined,
  wanted: string,
  target: string | undefined,
): Take {
  if (name !== undefined) {
    return (value, draft) => {
      if (fieldsOf(value)?.[name] === wanted) extract(value, code, draft);
    };
  }
  if (target !== undefined) {
    return (value, draft) => {
      if (isReferenceTo(value, target)) extract(value, code, draft);
    };
  }
  return (value, draft) => {
    extract(value, code, draft);
  };
}

function elementAt(root: ElementTree, path: string): ElementTree {
  let element = root;
  for (const name of path === '' ? [] : path.split('.')) {
    let child = element.children.find((candidate) => candidate.name === name);
    if (child === undefined) {
      child = newElement(name);
      element.children.push(child);
    }
    element = child;
  }
  return element;
}

/** Whether any of the elements is there and not false: of a resource without them, the answer is no. */
function takePresence({ code, paths }: ParameterDefinition): Take {
  const names = paths.map((path) => path.slice(0, path.indexOf(':')));
  return (value, draft) => {
    const fields = fieldsOf(value) ?? {};
    addBoolean(
      draft,
      code,
      names.some((name) => (fields[name] ?? false) !== false),
    );
  };
}

/** The components' values within one element; nothing where one of them has none, since no search could match. */
function takeComposite(
  code: string,
  components: readonly ComponentDefinition[],
  choose: ChooseExtract,
): Take {
  const parts = components.map((component) => {
    const tree = newElement('');
    plantValues(tree, component, choose);
    return { tree, kind: component.type };
  });
  return (value, draft) => {
    const together: ComponentValue[] = [];
    for (const { tree, kind } of parts) {
      const part: IndexDraft = {};
      visitElement(tree, value, part);
      const values = finishDraft(part)[kind];
      if (values === undefined) return;
      together.push({ [kind]: values });
    }
    addEntry(draft, 'composite', code, together);
  };
}
