/** The use cases over stores in memory, for tests of what messages do to records. */
import { createMemoryIdentityStore } from '../../src/adapters/memory/identity-store.js';
import {
  createMemoryMessageQueue,
  type MemoryMessageQueue,
} from '../../src/adapters/memory/message-queue.js';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { createMemoryRawArchive } from '../../src/adapters/memory/raw-archive.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { acceptMessage, type AcceptDependencies } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { createKnownShared } from '../../src/app/known-shared.js';
import type { NormaliseDependencies } from '../../src/app/normalise-message.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import { sampleFeed } from './feeds.js';

export type MemoryExchange = AcceptDependencies & NormaliseDependencies & { queue: MemoryMessageQueue };

/** An empty exchange with the feed of the sample trust; its clock goes on by a minute whenever it is read. */
export function createMemoryExchange(): MemoryExchange {
  let minute = 0;
  return {
    archive: createMemoryRawArchive(),
    messages: createMemoryMessageStore(),
    records: createMemoryRecordStore(),
    identities: createMemoryIdentityStore(),
    queue: createMemoryMessageQueue(),
    clock: { now: () => new Date(Date.UTC(2026, 2, 30, 12, minute++)) },
    knownShared: createKnownShared(),
    feeds: new Map([[sampleFeed.id, sampleFeed]]),
    identitySecret: 'a secret that only this test knows',
  };
}

/** Hands in a message; answers what the queue holds of it. */
export async function acceptBytes(
  exchange: MemoryExchange,
  bytes: Uint8Array,
  feed = sampleFeed,
): Promise<MessageEnvelope> {
  await acceptMessage(exchange, { feed, body: wholeBody(bytes), contentType: '' });
  return exchange.queue.sent.at(-1)!;
}
