/**
 * Whether a Bundle of requests has the shape that R4 gives it. What nobody reads is refused: a precondition under a wrong
 * name, or as a list, would be passed over, and with it what the client relies on. It loads the table of elements: import
 * it when it is needed.
 */
import type { Issue } from '../../errors.js';
import { fail } from '../../result.js';
import { fieldsOf, listOf } from '../search/shapes.js';
import { checkResource } from '../write/check-resource.js';
import type { RequestBundle } from './read-bundle.js';

/** What is wrong with a Bundle, its entries aside. */
export function checkBundle(resource: object): Issue[] {
  const { entry, ...envelope } = resource as { readonly entry?: unknown };
  const isList = entry === undefined || Array.isArray(entry);
  return checkResource(isList ? envelope : resource).map((fault) => ofBundle(fault));
}

/** The entries of a Bundle: also what is wrong with one of them fails it. The resources in them are not checked. */
export function checkEntries(resource: object, entries: RequestBundle['entries']): RequestBundle['entries'] {
  const rows = listOf(fieldsOf(resource)?.['entry']);
  return entries.map((entry, index) => {
    if (!entry.ok) return entry;
    const { resource: _resource, ...row } = fieldsOf(rows[index]) ?? {};
    const [fault] = checkResource({ resourceType: 'Bundle', type: 'batch', entry: [row] });
    return fault === undefined ? entry : fail(ofBundle(fault, index));
  });
}

const ofBundle = ({ location, ...issue }: Issue, index = 0): Issue => ({
  ...issue,
  code: 'HDE_BUNDLE_INVALID',
  location: location?.replace('Bundle.entry[0]', `Bundle.entry[${index}]`) ?? 'Bundle',
});
