/** What one atomic batch can hold. */
import { Buffer } from 'node:buffer';
import type { CommitOperation } from './types.js';

/** Limits of a transactional batch (Azure Cosmos DB service limits); some bytes are left for the envelope. */
const mostOperations = 100;
const mostBytes = 1_900_000;

/** Whether operations can be one batch. */
export const fitsOneBatch = (operations: readonly CommitOperation[]): boolean =>
  countThatFit(operations.map((operation) => [operation])) === operations.length;

/**
 * How many groups of operations, from the first, can be one batch beside others.
 *
 * @param beside how many small operations the batch holds besides
 */
export function countThatFit(groups: readonly (readonly CommitOperation[])[], beside = 0): number {
  let operations = beside;
  let bytes = beside * 1_000;
  for (const [count, group] of groups.entries()) {
    operations += group.length;
    for (const { document } of group) bytes += Buffer.byteLength(JSON.stringify(document));
    if (operations > mostOperations || bytes > mostBytes) return count;
  }
  return groups.length;
}
