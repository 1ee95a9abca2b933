/** What the messages of a circle mean, from nothing: the very use case that normalises them, over a store that is thrown away. */
import type { ErrorCode } from '../../core/errors.js';
import type { Feed } from '../../core/feed.js';
import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';
import type { RawArchive } from '../../ports/raw-archive.js';
import type { RecordStore } from '../../ports/record-store.js';
import { toEnvelope } from '../accept-message.js';
import { createKnownShared } from '../known-shared.js';
import { processMessage, type NormaliseDependencies } from '../normalise-message.js';
import type { Circle, CircleMessage } from './circle.js';

export interface RebuildDependencies extends NormaliseDependencies {
  /** An empty store that is kept by nobody. */
  readonly createScratch: () => RecordStore;
}

export interface RebuiltCircle {
  readonly records: RecordStore;
  /** Messages that would fail. */
  readonly failures: readonly { readonly messageId: string; readonly errorCode: ErrorCode }[];
}

/**
 * Replays the messages of a circle in the order of their commits.
 *
 * @param packOf the pack by which a message is read (`hl7v2-uk@1.0.0`)
 * @throws PackError when a pack is not registered; MissingMessage also where the feed of one is not
 */
export async function rebuildCircle(
  deps: RebuildDependencies,
  { messages }: Circle,
  packOf: (message: CircleMessage) => string,
): Promise<RebuiltCircle> {
  const records = deps.createScratch();
  const knownShared = createKnownShared();
  const failures: { messageId: string; errorCode: ErrorCode }[] = [];
  for (const message of messages) {
    const { receipt } = message;
    // Nobody knows any more by which rules it was read: its facts would look lost.
    if (!deps.feeds.has(receipt.feed)) throw new MissingMessage();
    const feeds = withPack(deps.feeds, receipt.feed, packOf(message));
    const clock = { now: () => new Date(message.committedAt) };
    const replay = { ...deps, ...isolation(deps), records, knownShared, feeds, clock };
    const outcome = await processMessage(replay, toEnvelope(receipt));
    const [error] = outcome.issues.filter(({ severity }) => severity === 'error');
    if (outcome.status === 'failed' && error !== undefined)
      failures.push({ messageId: receipt.id, errorCode: error.code });
  }
  return { records, failures };
}

/** Feeds of which one is read by a pack; by its own when none is named. */
export function withPack(
  feeds: ReadonlyMap<string, Feed>,
  id: string,
  pack: string | undefined,
): ReadonlyMap<string, Feed> {
  const feed = feeds.get(id);
  return feed === undefined || pack === undefined || feed.pack === pack
    ? feeds
    : new Map([[id, { ...feed, pack }]]);
}

/** A message that took effect cannot be read any more: its bytes are no longer in the archive, or its feed is gone. */
export class MissingMessage extends Error {
  override readonly name = 'MissingMessage';
}

const archivesNothing = () => Promise.reject(new Error('a replay archives nothing'));

/** An archive in which a message that is not there is a `MissingMessage`. */
export const readsOnly = (archive: RawArchive): RawArchive => ({
  put: archivesNothing,
  putUnnamed: archivesNothing,
  list: (prefix, page) => archive.list(prefix, page),
  get: async (path) => {
    const bytes = await archive.get(path);
    if (bytes === undefined) throw new MissingMessage();
    return bytes;
  },
});

/** A replay claims no identifier and waits for nobody: all of its messages took effect before. */
const isolation = ({ archive, identities, messages }: NormaliseDependencies) => ({
  archive: readsOnly(archive),
  identities: {
    find: async (tokens) => mapValues(await identities.find(tokens), timeless),
    load: async (tokens) =>
      mapValues(await identities.load(tokens), (held) => ({ ...held, claim: timeless(held.claim) })),
    claim: (claim) => Promise.resolve(claim),
    replace: () => Promise.resolve('replaced'),
  } satisfies IdentityStore,
  messages: { ...messages, listEarlier: () => Promise.resolve([]) },
});

/**
 * A claim of a client, as of no time. No message of the replay states what the client wrote, nor when: who was filed by it
 * would be taken for somebody else.
 */
const timeless = ({ claimedAt, ...claim }: IdentityClaim): IdentityClaim => claim;

const mapValues = <V>(map: ReadonlyMap<string, V>, change: (value: V) => V): Map<string, V> =>
  new Map([...map].map(([key, value]) => [key, change(value)]));
