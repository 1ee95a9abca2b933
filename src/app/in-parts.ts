/** Does work for each of many: so many at once, and those that follow when these are done. */
export async function inParts<T>(
  all: readonly T[],
  size: number,
  work: (each: T) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < all.length; start += size)
    await Promise.all(all.slice(start, start + size).map(work));
}
