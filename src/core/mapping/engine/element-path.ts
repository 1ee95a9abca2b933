/** Element paths in rules (`hospitalization.extension(AdmissionMethod).valueCodeableConcept`), compiled to writers. */
import type { Json } from './run.js';

/** Where a rule writes in a resource. */
export interface ElementWriter {
  /** Path without type and indices, as `MappedRecord.removed` names it: `period.end`, `extension[url=...]`. */
  readonly path: string;
  readonly appends: boolean;
  /** The element that `write` would fill, below the given root and with indices: `Patient.name[1]`. */
  locate(resource: Json): string;
  isFilled(resource: Json): boolean;
  write(resource: Json, value: unknown): void;
}

type PathStep =
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'item'; readonly name: string; readonly index: number }
  | { readonly kind: 'extension'; readonly url: string };

const STEP = /^(?:extension\((\w+)\)|(_?[a-z]\w*)(?:\[(\d+)\])?)$/i;

/**
 * Compiles an element path.
 *
 * @param extensions extension urls by the names that paths use
 * @param root what located elements begin with, such as the type of the resource
 * @returns the writer, or a sentence that says what is wrong with the path
 */
export function compileElementPath(
  text: string,
  extensions: ReadonlyMap<string, string>,
  root = '',
): ElementWriter | string {
  const appends = text.endsWith('[+]');
  const steps: PathStep[] = [];
  for (const part of (appends ? text.slice(0, -3) : text).split('.')) {
    const match = STEP.exec(part);
    if (match === null) return `"${part}" is not an element`;
    const [, extension, name = '', index] = match;
    if (extension !== undefined) {
      const url = extensions.get(extension);
      if (url === undefined) return `extension ${extension} is not defined`;
      steps.push({ kind: 'extension', url });
    } else {
      steps.push(
        index === undefined ? { kind: 'property', name } : { kind: 'item', name, index: Number(index) },
      );
    }
  }
  const last = steps.pop();
  if (last === undefined || (appends && last.kind !== 'property')) return `"${text}" names no element`;
  return createWriter(steps, last, appends, root);
}

function createWriter(
  parents: readonly PathStep[],
  last: PathStep,
  appends: boolean,
  root: string,
): ElementWriter {
  const path = removablePath([...parents, last]);
  const name = fixedName([...parents, last], root);
  return {
    path,
    appends,
    locate(resource) {
      if (name !== undefined && !appends) return name;
      let at: unknown = resource;
      let element = root;
      for (const step of parents) {
        if (name === undefined) element = join(element, nameStep(at, step));
        at = descend(at, step);
      }
      element = name ?? join(element, nameStep(at, last));
      return appends ? `${element}[${lengthOf(descend(at, last))}]` : element;
    },
    isFilled(resource) {
      if (appends) return false;
      if (parents.length === 0 && last.kind === 'property') return resource[last.name] !== undefined;
      let at: unknown = resource;
      for (const step of parents) at = descend(at, step);
      return descend(at, last) !== undefined;
    },
    write(resource, value) {
      let at: Json = resource;
      for (const step of parents) at = open(at, step);
      if (!appends) set(at, last, value);
      else if (last.kind === 'property') listAt(at, last.name).push(value);
    },
  };
}

/** The element that a path means in every resource; undefined below extensions, which are counted as they come. */
function fixedName(steps: readonly PathStep[], root: string): string | undefined {
  if (steps.some(({ kind }) => kind === 'extension')) return undefined;
  return steps.reduce((element, step) => join(element, nameStep(undefined, step)), root);
}

/** `name[+]` as `name`; an extension as a whole, which is nothing without its value (FHIR R4 ext-1). */
function removablePath(steps: readonly PathStep[]): string {
  let path = '';
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'extension') return join(path, `extension[url=${step.url}]`);
    path = join(path, steps[index + 1]?.kind === 'extension' ? step.name : step.name.replace(/^_/, ''));
  }
  return path;
}

const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`);
const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

function nameStep(at: unknown, step: PathStep): string {
  switch (step.kind) {
    case 'property':
      // `_birthDate` is how JSON writes what belongs to the element birthDate beside its value.
      return step.name.startsWith('_') ? step.name.slice(1) : step.name;
    case 'item':
      return `${step.name}[${step.index}]`;
    case 'extension': {
      const list = extensionsOf(at);
      const index = list.findIndex(({ url }) => url === step.url);
      return `extension[${index === -1 ? list.length : index}]`;
    }
  }
}

function descend(at: unknown, step: PathStep): unknown {
  if (typeof at !== 'object' || at === null) return undefined;
  switch (step.kind) {
    case 'property':
      return (at as Json)[step.name];
    case 'item': {
      const list = (at as Json)[step.name];
      return Array.isArray(list) ? (list as unknown[])[step.index] : undefined;
    }
    case 'extension':
      return extensionsOf(at).find(({ url }) => url === step.url);
  }
}

/** Descends, creating what is missing. */
function open(at: Json, step: PathStep): Json {
  const existing = descend(at, step);
  if (typeof existing === 'object' && existing !== null) return existing as Json;
  const created: Json = step.kind === 'extension' ? { url: step.url } : {};
  set(at, step, created);
  return created;
}

function set(at: Json, step: PathStep, value: unknown): void {
  switch (step.kind) {
    case 'property':
      at[step.name] = value;
      return;
    case 'item':
      listAt(at, step.name)[step.index] = value;
      return;
    case 'extension':
      listAt(at, 'extension').push(value);
  }
}

const listAt = (at: Json, name: string): unknown[] => (at[name] ??= []) as unknown[];

function extensionsOf(at: unknown): readonly { readonly url: string }[] {
  const list = typeof at === 'object' && at !== null ? (at as Json)['extension'] : undefined;
  return Array.isArray(list) ? (list as { url: string }[]) : [];
}
