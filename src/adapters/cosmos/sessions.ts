/**
 * Sessions: what a caller wrote through one process it reads through any other. Under session consistency only a read that
 * carries the token of a write is sure to see it, and each client of the database knows only what it was answered itself; so
 * tokens travel with the callers.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PluginConfig } from '@azure/cosmos';
import topology from '../../../infra/topology/cosmos.json' with { type: 'json' };

/** How far each range of the records has come, as far as a caller knows: `0:-1#12,1:-1#7`. */
export type SessionToken = string;

const tokenHeader = 'x-ms-session-token';
/** Records are what callers read and write; the ranges of other containers have names of their own. */
const recordsPath = `/dbs/${topology.database}/colls/records/`;

type Ranges = Map<string, string>;
const sessions = new AsyncLocalStorage<Ranges>();

/** Does work that sees whatever is known by a token, and tells what is known in the end; `''` for nothing. */
export async function inSession<T>(
  known: SessionToken,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly known: SessionToken }> {
  const ranges: Ranges = new Map();
  learn(ranges, known);
  const result = await sessions.run(ranges, work);
  return { result, known: print(ranges) };
}

/** The plugin by which the requests of a client take part in the session of the work that makes them. */
export const sessionPlugin: PluginConfig = {
  on: 'request',
  async plugin(context, _diagnostics, next) {
    const ranges = sessions.getStore();
    const isOfRecords = `${context.path ?? ''}/`.replace(/^\/?/, '/').startsWith(recordsPath);
    if (ranges === undefined || !isOfRecords) return next(context);
    // What the process knows by itself counts beside what the caller brought, range by range.
    const asked = new Map(ranges);
    const own: unknown = context.headers?.[tokenHeader];
    if (typeof own === 'string') learn(asked, own);
    if (asked.size > 0) context.headers = { ...context.headers, [tokenHeader]: print(asked) };
    const response = await next(context);
    const token: unknown = response.headers[tokenHeader];
    if (typeof token === 'string') learn(ranges, token);
    return response;
  },
};

const print = (ranges: Ranges): SessionToken =>
  [...ranges].map(([range, place]) => `${range}:${place}`).join(',');

/** Remembers the later place of each range: answers may overtake each other. */
function learn(ranges: Ranges, token: SessionToken): void {
  for (const part of token.split(',')) {
    const [range = '', place = ''] = part.split(':');
    const held = ranges.get(range);
    if (place !== '' && (held === undefined || isLater(place, held))) ranges.set(range, place);
  }
}

/** `version#lsn`, with the places of regions behind it. */
function isLater(place: string, held: string): boolean {
  const [[version = 0, lsn = 0], [heldVersion = 0, heldLsn = 0]] = [place, held].map((text) =>
    text.split('#', 2).map(Number),
  ) as [number[], number[]];
  return version === heldVersion ? lsn > heldLsn : version > heldVersion;
}
