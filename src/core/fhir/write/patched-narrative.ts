/** What becomes of the narrative of a resource whose data a patch changes. */
import type { Resource } from 'fhir/r4.js';
import { sameJson } from '../../records/equal.js';
import type { ReadResource } from '../decimals.js';
import { fieldsOf } from '../search/shapes.js';

/** Narratives that were made of the data beside them; `additional` ones say something else as well. */
const made: ReadonlySet<unknown> = new Set(['generated', 'extensions']);

/**
 * After a patch no narrative may say what the data no longer do (FHIR R4 section 3.1.0.6): one that was made from them is
 * left out when they change and it stays as it was.
 */
export function withoutOutdatedNarrative(patched: ReadResource, before: Resource): ReadResource {
  const [now, then] = [partsOf(patched.resource), partsOf(before)];
  const isTold = made.has(fieldsOf(now.text)?.['status']) && sameJson(now.text, then.text);
  if (!isTold || sameJson(now.data, then.data)) return patched;
  const { text: _text, ...resource } = patched.resource as Resource & { readonly text?: unknown };
  return { ...patched, resource };
}

/** The narrative of a resource, and its data. */
function partsOf(resource: Resource): { readonly text: unknown; readonly data: unknown } {
  const { text, meta: _meta, ...data } = resource as Resource & { readonly text?: unknown };
  return { text, data };
}
