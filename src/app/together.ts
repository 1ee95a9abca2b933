/** The values of promises and of what is known already. */
type Known<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * `Promise.all` for what is mostly known at once: a promise only where one of the values is one. Where work is followed
 * from promise to promise (`AsyncLocalStorage`), each of them costs about a microsecond, and a read makes few others.
 */
export const together = <T extends readonly unknown[]>(values: T): Known<T> | Promise<Known<T>> =>
  values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as Known<T>);

/** What follows from a value: at once where it is known, else once it is. */
export const whenKnown = <T, R>(value: T | Promise<T>, next: (known: T) => R | Promise<R>): R | Promise<R> =>
  value instanceof Promise ? value.then(next) : next(value);

/** All values, once every work has ended: nothing goes on behind the back of whoever is told that one has failed (the first). */
export async function onceAllEnded<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}
