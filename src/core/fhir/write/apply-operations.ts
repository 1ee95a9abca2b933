import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import type { ReadResource } from '../decimals.js';
import { readWritten, withWritten } from './written-numbers.js';

/**
 * Applies the operations of a patch in their order, all or none; `resource` stays as it is.
 *
 * @param applyOne changes its argument, whose numbers are as written (`written-numbers.ts`), or says why it does not
 * @param placeOf where in the patch an operation stands
 */
export function applyOperations<Operation>(
  { resource, decimals }: ReadResource,
  operations: readonly Operation[],
  applyOne: (target: Resource, operation: Operation) => string | undefined,
  placeOf: (index: number) => string,
): Result<ReadResource, Issue> {
  const target = withWritten(resource, decimals);
  for (const [index, operation] of operations.entries()) {
    const detail = applyOne(target, operation);
    if (detail !== undefined)
      return fail({ code: 'HDE_PATCH_INVALID', severity: 'error', location: placeOf(index), detail });
  }
  return ok(readWritten(target));
}
