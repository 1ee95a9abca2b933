import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';

/**
 * Applies the operations of a patch in their order, all or none; `resource` stays as it is.
 *
 * @param applyOne changes its argument, or says why it does not
 * @param placeOf where in the patch an operation stands
 */
export function applyOperations<Operation>(
  resource: Resource,
  operations: readonly Operation[],
  applyOne: (target: Resource, operation: Operation) => string | undefined,
  placeOf: (index: number) => string,
): Result<Resource, Issue> {
  const target = structuredClone(resource);
  for (const [index, operation] of operations.entries()) {
    const detail = applyOne(target, operation);
    if (detail !== undefined)
      return fail({ code: 'HDE_PATCH_INVALID', severity: 'error', location: placeOf(index), detail });
  }
  return ok(target);
}
