/**
 * Request charges near those that the real service was seen to make for small documents: read 1, create and
 * delete 6.67, update by upsert 10.67, replace 11.05. They grow with size as Microsoft documents it (a read of
 * 100 kB costs about 10). Good for comparing designs, not for a bill.
 */
const baseCharges = {
  read: 1,
  create: 6.67,
  update: 10.67,
  replace: 11.05,
  delete: 6.67,
  patch: 11.05,
} as const;

export type ChargedOperation = keyof typeof baseCharges;

const round = (charge: number): number => Math.round(charge * 100) / 100;

/** The charge of an operation on one item of that many bytes. */
export function itemCharge(operation: ChargedOperation, bytes: number): number {
  const kilobytes = Math.max(1, bytes / 1024);
  return round(baseCharges[operation] * (1 + 0.09 * (kilobytes - 1)));
}

/** The charge of a page of query or feed results; documents that no index narrowed down cost extra. */
export const queryCharge = (page: {
  readonly rows: number;
  readonly bytes: number;
  readonly scanned: number;
}): number => round(2.25 + 0.013 * page.rows + (0.02 * page.bytes) / 1024 + 0.05 * page.scanned);

/** The charge of reading or changing a database or container. */
export const metadataCharge = 1;
