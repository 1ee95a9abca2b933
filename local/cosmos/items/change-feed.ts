import { badRequest } from '../errors.js';
import type { Json } from '../json.js';
import type { Container } from '../storage/container.js';
import type { StoredItem } from '../storage/stored-item.js';
import type { RangeStore, Version } from '../storage/range-store.js';
import type { Scope } from './scope.js';
import { isInScope } from './scope.js';

export interface FeedRequest {
  /** Exactly one range must follow from the scope: the client asks range by range. */
  readonly scope: Scope;
  /** All versions and deletes instead of the latest version of each item. */
  readonly full: boolean;
  /** `*` for "from now", or the entity tag of an earlier answer. */
  readonly ifNoneMatch: string | undefined;
  /** Milliseconds since 1970: only items written later. */
  readonly since: number | undefined;
  readonly maxItems: number;
  readonly nowSeconds: number;
}

/** A page of changes; no entries means that there is nothing new (304). */
export interface FeedPage {
  readonly entries: readonly Json[];
  readonly range: number;
  /** Where to go on: the LSN of the last change that the page covers. */
  readonly lsn: number;
}

/** The LSN of a tag such as `"17"`; undefined for "from the beginning". */
function startOf(ifNoneMatch: string | undefined): number | undefined {
  if (ifNoneMatch === undefined) return undefined;
  const lsn = /^"?(\d+)"?$/.exec(ifNoneMatch)?.[1];
  if (lsn === undefined)
    throw badRequest('The If-None-Match header of a change feed must be an LSN in quotes.');
  return Number(lsn);
}

function rangeOf(container: Container, { key, range }: Scope): number {
  if (key !== undefined && container.keyReader.isFull(key))
    return container.locate(key.parts, key.text).range;
  if (range === undefined) throw badRequest('A change feed needs a partition key or a partition key range.');
  return range;
}

function isWanted(container: Container, request: FeedRequest, item: StoredItem): boolean {
  if (request.since !== undefined && item.ts * 1000 <= request.since) return false;
  return (
    isInScope(container, request.scope, item.partition) && !container.isExpired(item, request.nowSeconds)
  );
}

/**
 * Takes entries until the page is full, but never ends it inside a commit: what one batch wrote has one LSN and
 * stays together.
 */
function takePage<T extends { readonly lsn: number }>(entries: Iterable<T>, maxItems: number): readonly T[] {
  const taken: T[] = [];
  for (const entry of entries) {
    if (taken.length >= maxItems && entry.lsn !== taken.at(-1)?.lsn) break;
    taken.push(entry);
  }
  return taken;
}

function* filter<T>(entries: Iterable<T>, isIncluded: (entry: T) => boolean): Generator<T> {
  for (const entry of entries) if (isIncluded(entry)) yield entry;
}

function describe(version: Version): Json {
  const { operation, previous, current } = version;
  return {
    current: current?.document ?? {},
    ...(operation === 'delete' && previous !== undefined ? { previous: previous.document } : {}),
    metadata: {
      lsn: version.lsn,
      crts: version.ts,
      operationType: operation,
      previousImageLSN: 0,
      ...(version.expired ? { timeToLiveExpired: true } : {}),
      ...(operation === 'delete' && previous !== undefined ? { id: previous.id } : {}),
    },
  };
}

interface FeedEntry {
  readonly lsn: number;
  readonly entry: Json;
}

function allVersions(
  container: Container,
  request: FeedRequest,
  store: RangeStore,
  from: number | undefined,
): readonly FeedEntry[] {
  if (from === undefined) {
    throw badRequest('The all-versions-and-deletes feed starts from now or from a continuation only.');
  }
  const versions = store.versionsAfter(from);
  if (versions === undefined) {
    throw badRequest('The continuation is older than what the all-versions-and-deletes feed retains.');
  }
  const wanted = filter(versions, ({ partition }) => isInScope(container, request.scope, partition));
  return takePage(wanted, request.maxItems).map((version) => ({
    lsn: version.lsn,
    entry: describe(version),
  }));
}

function latestVersions(
  container: Container,
  request: FeedRequest,
  store: RangeStore,
  from: number,
): readonly FeedEntry[] {
  const wanted = filter(store.writtenAfter(from), (item) => isWanted(container, request, item));
  return takePage(wanted, request.maxItems).map(({ document, lsn }) => ({
    lsn,
    entry: { ...document, _lsn: lsn },
  }));
}

/**
 * Reads the change feed of one range.
 *
 * @throws CosmosError 400 when the request has no range or its position cannot be served.
 */
export function readChangeFeed(container: Container, request: FeedRequest): FeedPage {
  const range = rangeOf(container, request.scope);
  const store = container.ranges[range];
  if (store === undefined) throw badRequest('The partition key range does not exist.');
  if (request.ifNoneMatch === '*') return { entries: [], range, lsn: store.lsn };
  const from = startOf(request.ifNoneMatch);
  const page = request.full
    ? allVersions(container, request, store, from)
    : latestVersions(container, request, store, from ?? 0);
  return { entries: page.map(({ entry }) => entry), range, lsn: page.at(-1)?.lsn ?? store.lsn };
}
