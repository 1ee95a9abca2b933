/** Where an element of a record comes from. */
import type { Resource } from 'fhir/r4.js';
import { nameOf } from '../src/core/converter/converted-bundle.js';
import type { LineageEntry } from '../src/core/mapping/types.js';
import { describeRow, indent, type Explained } from './explained.js';
import { viewSource } from './source-view.js';
import { exit, type Terminal } from './terminal.js';
import { leavesOf, valueAt, withoutIndices } from './elements.js';

/** Explains every leaf at or below an element; an element that does not exist gets near ones. */
export function explainElement(explained: Explained, selector: string, terminal: Terminal): number {
  const resources = resourcesOf(explained);
  const { candidates, path, isNamed } = choose(resources, selector);
  for (const resource of candidates) {
    const found = findLineage(explained, resource, path);
    if (found.length === 0) continue;
    terminal.out(found.map((entry) => explainEntry(explained, entry, resource)).join('\n'));
    if (!isNamed) terminal.out(noteOthers(candidates, resource));
    return exit.done;
  }
  const silent = candidates.find((resource) => valueAt(resource, path) !== undefined);
  if (silent !== undefined) {
    terminal.out(explainSilent(explained, silent, path));
    return exit.done;
  }
  terminal.err(`The message makes no ${selector}.\n${nearElements(resources, selector)}`);
  return exit.refused;
}

const resourcesOf = ({ converted }: Explained): Resource[] =>
  (converted.bundle.entry ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource]));

interface Choice {
  readonly candidates: readonly Resource[];
  /** Below the resource, empty for all of it. */
  readonly path: string;
  /** Whether the selector names the record by its id. */
  readonly isNamed: boolean;
}

/** `Patient.name`, or `Patient/<id>.name`: ids may hold dots, so they are looked for, not parsed. */
function choose(resources: readonly Resource[], selector: string): Choice {
  const named = resources.find((each) => isAtOrBelow(selector, nameOf(each)));
  if (named !== undefined)
    return { candidates: [named], path: selector.slice(nameOf(named).length + 1), isNamed: true };
  const dot = selector.indexOf('.');
  const type = dot === -1 ? selector : selector.slice(0, dot);
  return {
    candidates: resources.filter(({ resourceType }) => resourceType === type),
    path: dot === -1 ? '' : selector.slice(dot + 1),
    isNamed: false,
  };
}

function isAtOrBelow(element: string, above: string): boolean {
  if (!element.startsWith(above)) return false;
  const next = element.charAt(above.length);
  return above === '' || next === '' || next === '.' || next === '[';
}

/** Lineage at or below a path; else that of the nearest element above it which has any. */
function findLineage({ converted }: Explained, resource: Resource, path: string): LineageEntry[] {
  const name = nameOf(resource);
  const own = converted.lineage.filter((entry) => entry.resource === name);
  const pathOf = ({ element }: LineageEntry) => element.slice(resource.resourceType.length + 1);
  const exact = own.filter((entry) => isAtOrBelow(pathOf(entry), path));
  if (exact.length > 0) return exact;
  const loose = own.filter((entry) => isAtOrBelow(withoutIndices(pathOf(entry)), path));
  if (loose.length > 0) return loose;
  if (valueAt(resource, path) === undefined) return [];
  const above = own.filter((entry) => isAtOrBelow(path, pathOf(entry)));
  const longest = Math.max(...above.map(({ element }) => element.length));
  return above.filter(({ element }) => element.length === longest);
}

/** A value without lineage of its own belongs to what the same rule wrote beside it, such as an identifier's system. */
function explainSilent(explained: Explained, resource: Resource, path: string): string {
  const title = `${resource.resourceType}.${path} = ${JSON.stringify(valueAt(resource, path))}\n`;
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const [beside] = findLineage(explained, resource, parent);
    if (beside !== undefined)
      return `${title}  written together with\n\n${explainEntry(explained, beside, resource)}`;
  }
  return `${title}  set by the exchange: ids, profiles, and what FHIR requires where the message is silent\n`;
}

/** `name` for `name[0]`, `name[0]` for `name[0].family`. */
const parentOf = (path: string): string =>
  path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));

function explainEntry(explained: Explained, entry: LineageEntry, resource: Resource): string {
  const { element, source, start, end, rule } = entry;
  const value = valueAt(resource, element.slice(resource.resourceType.length + 1));
  const lines = describeRow(explained.rows.get(rule), rule);
  const message = source === undefined ? undefined : explained.messageOf(source);
  const view =
    message === undefined || start === undefined || end === undefined
      ? []
      : viewSource(message.text, { start, end }, explained.isColoured);
  const title = `${element}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}`;
  return `${title}\n${indent([`from  ${placeOf(source)}`, ...lines, ...view.map((line) => `      ${line}`)])}`;
}

const placeOf = (source: string | undefined): string =>
  source ?? 'nothing in the message: a constant or a reference to another record';

function noteOthers(candidates: readonly Resource[], shown: Resource): string {
  const others = candidates.filter((each) => each !== shown).map(nameOf);
  return others.length === 0 ? '' : `\nThis is ${nameOf(shown)}; there are also:\n${indent(others)}`;
}

const MOST_SUGGESTED = 8;

/** Elements that resemble the wanted one in any case and at any index, nearest first; the types when that is wrong. */
function nearElements(resources: readonly Resource[], selector: string): string {
  const [type = ''] = selector.toLowerCase().split(/[./]/);
  const near = resources.filter(({ resourceType }) => resourceType.toLowerCase() === type);
  if (near.length === 0) {
    const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
    return `It makes records of these types: ${types.join(', ')}\n`;
  }
  const known = new Set(
    near.flatMap((each) => leavesOf(each).map(({ path }) => `${each.resourceType}.${path}`)),
  );
  const wanted = withoutIndices(selector).toLowerCase();
  const ranked = [...known].sort((a, b) => likeness(b, wanted) - likeness(a, wanted));
  return `Near it are:\n${indent(ranked.slice(0, MOST_SUGGESTED))}`;
}

/** Characters that two paths have in common from the start; the same last step counts as much as eight of them. */
function likeness(element: string, wanted: string): number {
  const path = withoutIndices(element).toLowerCase();
  let common = 0;
  while (common < path.length && path.charAt(common) === wanted.charAt(common)) common++;
  return common + (lastStep(path) === lastStep(wanted) ? 8 : 0);
}

const lastStep = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
