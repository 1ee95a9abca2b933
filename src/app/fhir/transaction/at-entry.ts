import { ExchangeError, type Issue } from '../../../core/errors.js';

/** Where a finding about a request is in the Bundle whose entry asks for it. */
function placeIn(index: number, location: string | undefined): string {
  const entry = `Bundle.entry[${index}]`;
  if (location === undefined) return entry;
  if (location.startsWith('Bundle.')) return location;
  if (location === 'If-None-Exist') return `${entry}.request.ifNoneExist`;
  if (location === 'id' || location === 'resourceType') return `${entry}.resource.${location}`;
  // What is wrong with a resource as a whole is told of its type.
  if (/^[A-Z][A-Za-z]+$/.test(location)) return `${entry}.resource`;
  const [, path] = /^[A-Z][A-Za-z]+\.(.+)$/.exec(location) ?? [];
  return path === undefined ? `${entry}.request.url` : `${entry}.resource.${path}`;
}

const relocate = (index: number, issue: Issue): Issue => ({
  ...issue,
  location: placeIn(index, issue.location),
});

/** A failure of an entry as one of its Bundle: with the place in the Bundle. */
function atEntry(index: number, error: unknown): unknown {
  if (!(error instanceof ExchangeError)) return error;
  const { code, location, detail, retryAfterSeconds, others, cause } = error;
  return new ExchangeError(code, {
    location: placeIn(index, location),
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    others: others.map((issue) => relocate(index, issue)),
    cause,
  });
}

/** Does something for an entry: what fails tells the place in the Bundle. */
export async function forEntry<T>(index: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw atEntry(index, error);
  }
}

/** The same of what is decided at once. */
export const decidedForEntry =
  <A extends readonly unknown[], T>(index: number, decide: (...args: A) => T) =>
  (...args: A): T => {
    try {
      return decide(...args);
    } catch (error) {
      throw atEntry(index, error);
    }
  };
