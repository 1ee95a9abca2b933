/** Parts of resources, for clients that do not need all of them (FHIR R4 sections 3.1.1.5.8 and 3.1.1.5.9). */
import type { Bundle, BundleEntry, Meta, Resource } from 'fhir/r4.js';
import { type Element, elementsOf, isPart } from './elements.js';

/** Which part of its resources a client wants: one of the two. */
export interface View {
  readonly summary?: 'true' | 'text' | 'data' | 'count';
  /** Names of elements, of a choice the common one without `[x]` (`value`) or that of one type (`valueQuantity`). */
  readonly elements?: readonly string[];
}

/** Marks a resource that is not whole: it must not be written back as it is. */
export const subsetted = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
} as const;

type Fields = Readonly<Record<string, unknown>>;
type Keeps = (element: Element) => boolean;

/** What any part of a resource has: without it nobody could tell which it is, or that its rules are others. */
const always: ReadonlySet<string> = new Set(['id', 'meta', 'implicitRules']);

/**
 * The part of a resource that a view shows, marked as such. Mandatory elements always stay, and those that change how
 * the rest is to be understood: an allergy that was refuted shall not look like one. Of a Bundle of results, the view is
 * of the resources in it; `_elements` is of the matches, not of what is included with them.
 */
export function subsetResource(resource: Resource, view: View): Resource {
  if (resource.resourceType === 'OperationOutcome') return resource;
  return isResults(resource) ? subsetBundle(resource, view) : mark(partOf(resource, view));
}

const isResults = (resource: Resource): resource is Bundle =>
  resource.resourceType === 'Bundle' && ['searchset', 'history'].includes((resource as Bundle).type);

function subsetBundle(bundle: Bundle, view: View): Bundle {
  if (view.summary === 'count') {
    const { entry: _entry, link, ...rest } = bundle;
    const self = link?.filter(({ relation }) => relation === 'self') ?? [];
    return self.length === 0 ? rest : { ...rest, link: self };
  }
  const entry = bundle.entry?.map((each) => subsetEntry(each, view));
  return entry === undefined ? bundle : { ...bundle, entry };
}

function subsetEntry(entry: BundleEntry, view: View): BundleEntry {
  const { resource, search } = entry;
  if (resource === undefined || (view.elements !== undefined && search?.mode === 'include')) return entry;
  return { ...entry, resource: subsetResource(resource, view) };
}

function partOf(resource: Resource, { summary, elements }: View): Resource {
  switch (summary) {
    case 'data': {
      const { text: _text, ...rest } = resource as Resource & { readonly text?: unknown };
      return rest;
    }
    case 'text':
      return pick(resource, ({ name, isMandatory }) => name === 'text' || isMandatory);
    case 'true':
      return withContained(resource, pick(resource, isInSummary, isInSummary));
    default: {
      const wanted = new Set(elements);
      return withContained(
        resource,
        pick(
          resource,
          ({ name, definedAs, isMandatory }) => isMandatory || wanted.has(definedAs) || wanted.has(name),
        ),
      );
    }
  }
}

const isInSummary: Keeps = ({ isSummary, isMandatory }) => isSummary || isMandatory;

/** The elements to keep, in their order; of parts of the resource those that `below` keeps, all without it. */
function pick(resource: Resource, keeps: Keeps, below?: Keeps): Resource {
  const { resourceType, ...fields } = resource;
  const keepsTop: Keeps = (element) => always.has(element.name) || keeps(element);
  return { resourceType, ...pickFields(resourceType, fields, keepsTop, below) };
}

function pickFields(type: string, fields: Fields, keeps: Keeps, below: Keeps | undefined): Fields {
  const elements = elementsOf(type);
  const kept = Object.entries(fields).flatMap(([key, value]): [string, unknown][] => {
    const element = elements?.get(key.replace(/^_/, ''));
    if (element === undefined || !(element.isModifier || keeps(element))) return [];
    if (below === undefined || !isPart(element.type)) return [[key, value]];
    const inner = (each: unknown) => pickFields(element.type, each as Fields, below, below);
    return [[key, Array.isArray(value) ? value.map(inner) : inner(value)]];
  });
  return Object.fromEntries(kept);
}

/** Contained resources stay where what is kept refers to one. */
function withContained(resource: Resource, part: Resource): Resource {
  const { contained } = resource as { readonly contained?: unknown };
  if (contained === undefined || 'contained' in part || !JSON.stringify(part).includes('"#')) return part;
  return { ...part, contained } as Resource;
}

function mark(resource: Resource): Resource {
  const { resourceType, id, meta = {}, ...rest } = resource;
  const { tag = [] }: Meta = meta;
  if (tag.some(({ system, code }) => system === subsetted.system && code === subsetted.code)) return resource;
  const head = id === undefined ? { resourceType } : { resourceType, id };
  return { ...head, meta: { ...meta, tag: [...tag, { ...subsetted }] }, ...rest };
}
