/**
 * Replaces links in a resource (FHIR R4 section 3.1.0.11.2): references, elements of type uri, url, oid and uuid, and the
 * addresses in its narrative; those of type canonical stay. It loads the table of elements: import it when it is needed.
 */
import type { Resource } from 'fhir/r4.js';
import { type Element, elementsOf } from '../elements.js';
import { fieldsOf } from '../search/shapes.js';

type Resolve = (link: string) => string | undefined;

const linkTypes: ReadonlySet<string> = new Set(['uri', 'url', 'oid', 'uuid']);

/** The resource with its links replaced by what they resolve to; those that resolve to nothing stay as they are. */
export function rewriteLinks<T extends Resource>(resource: T, resolve: Resolve): T {
  return rewriteFields(resource, resource.resourceType, resolve) as T;
}

function rewriteFields(value: unknown, type: string, resolve: Resolve): unknown {
  const fields = fieldsOf(value);
  const elements = fields && elementsOf(typeOf(fields, type));
  if (fields === undefined || elements === undefined) return value;
  return Object.fromEntries(
    Object.entries(fields).map(([name, child]) => {
      const isCompanion = name.startsWith('_');
      const element = elements.get(isCompanion ? name.slice(1) : name);
      if (element === undefined) return [name, child];
      const own = isCompanion ? { ...element, type: 'Element' } : element;
      const rewrite = (item: unknown) => rewriteItem(item, own, type, resolve);
      return [name, Array.isArray(child) ? child.map(rewrite) : rewrite(child)];
    }),
  );
}

/** A resource inside of another one says its type itself. */
const typeOf = (fields: Readonly<Record<string, unknown>>, type: string): string =>
  type === 'Resource' && typeof fields['resourceType'] === 'string' ? fields['resourceType'] : type;

function rewriteItem(item: unknown, { name, type }: Element, owner: string, resolve: Resolve): unknown {
  if (typeof item !== 'string') return rewriteFields(item, type, resolve);
  if (type === 'xhtml') return rewriteNarrative(item, resolve);
  const isLink = linkTypes.has(type) || (owner === 'Reference' && name === 'reference');
  return isLink ? (resolve(item) ?? item) : item;
}

const rewriteNarrative = (div: string, resolve: Resolve): string =>
  div.replace(
    /(<(?:a|img)\b[^<>]*?\s(?:href|src)\s*=\s*)(["'])([^"']*)\2/gi,
    (whole, before: string, quote: string, link: string) => {
      const target = resolve(link);
      return target === undefined ? whole : `${before}${quote}${target}${quote}`;
    },
  );
