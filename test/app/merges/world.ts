/** A small exchange with a queue in sessions, for trying every order in which things can happen. */
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { receiptId } from '../../../src/core/records/ids.js';
import type { MessageEnvelope } from '../../../src/ports/message-queue.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import type { Replicas } from '../../support/replicas.js';
import { watched } from '../../support/watched.js';
import type { Scenario } from './scenarios.js';

/** Stands for a process that ends: no code of the exchange catches it. */
export class Killed extends Error {}

/** What a delivery comes to. */
export type Delivered = 'done' | 'waits' | 'killed';

/** What a worker writes: before each of these it may die. */
const writes = new Set(['commit', 'update']);

export interface World {
  readonly exchange: MemoryExchange;
  /** Envelopes by session, in the order of delivery. */
  readonly sessions: Map<string, MessageEnvelope[]>;
  /** Takes a message into custody, without putting it on the queue: its process may end in between. */
  accept(bytes: Uint8Array): Promise<MessageEnvelope>;
  /** Puts a message on the queue. */
  send(envelope: MessageEnvelope): void;
  /** Delivers the head of a session; `before` may wait, or throw `Killed`. It is asked before each write, or as wanted. */
  deliver(
    session: string,
    before?: () => Promise<void>,
    isStep?: (name: string) => boolean,
  ): Promise<Delivered>;
}

/** @param replicas each delivery is by a process of its own, which sees of others no more than it must; default: by one */
export function createWorld(replicas?: Replicas): World {
  let minute = 0;
  const memory = { ...createMemoryExchange(), ...(replicas && { records: replicas.records }) };
  const exchange = { ...memory, clock: { now: () => new Date(Date.UTC(2026, 2, 30, 12, minute)) } };
  const sessions = new Map<string, MessageEnvelope[]>();
  return {
    exchange,
    sessions,
    async accept(bytes) {
      minute += 1;
      return acceptBytes(exchange, bytes);
    },
    send(envelope) {
      sessions.set(envelope.sessionKey, [...(sessions.get(envelope.sessionKey) ?? []), envelope]);
    },
    async deliver(session, before = () => Promise.resolve(), isStep = (name) => writes.has(name)) {
      const [envelope, ...others] = sessions.get(session) ?? [];
      if (envelope === undefined) return 'done';
      const records = replicas?.begin() ?? exchange.records;
      const outcome = await deliverOnce({ ...exchange, records }, envelope, (name) =>
        isStep(name) ? before() : Promise.resolve(),
      );
      if (outcome === 'done') sessions.set(session, others);
      return outcome;
    },
  };
}

async function deliverOnce(
  exchange: MemoryExchange,
  envelope: MessageEnvelope,
  step: (name: string) => Promise<void>,
): Promise<Delivered> {
  const { messages, records, identities } = exchange;
  try {
    await normaliseMessage(
      {
        ...exchange,
        messages: watched(messages, step),
        records: watched(records, step),
        identities: watched(identities, step),
      },
      envelope,
    );
    return 'done';
  } catch (error) {
    if (error instanceof Killed) return 'killed';
    if (error instanceof ExchangeError && error.code === 'HDE_MERGE_WAITS') return 'waits';
    throw error;
  }
}

/** Everybody's partitions, in the order of their keys. */
async function partitionsOf({ records }: MemoryExchange): Promise<string[]> {
  const found = new Set<string>();
  for (const mrn of ['A', 'B']) {
    const { documents } = await records.findByIdentifier('Patient', `|${mrn}`, { limit: 10 });
    for (const { partition } of documents) found.add(partition);
  }
  return [...found].sort();
}

/** What readers see of everybody, without what tells when and in how many steps it was written. */
export async function visible(exchange: MemoryExchange): Promise<string> {
  const seen: unknown[] = [];
  for (const partition of await partitionsOf(exchange)) {
    const { documents } = await exchange.records.listPartition(partition, undefined, { limit: 100 });
    for (const { resource, standing, cleared } of documents) {
      const { meta, ...facts } = resource;
      seen.push({ ...facts, security: meta?.security, standing, cleared });
    }
  }
  return JSON.stringify(seen, sorted, 1);
}

/** Properties have no order. */
const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Records that readers see without the rest of the message that made them so, or which the receipt does not know. */
export async function halfSeen({ records }: MemoryExchange, all: readonly string[]): Promise<string[]> {
  const half: string[] = [];
  const exchange = { records } as MemoryExchange;
  for (const partition of await partitionsOf(exchange)) {
    const { documents } = await records.listPartition(partition, undefined, { limit: 100 });
    const loaded = await records.load(partition, all.map(receiptId));
    for (const { id, source } of documents)
      if (!loaded.has(receiptId(source.messageId))) half.push(`${id} without its receipt`);
    for (const { document } of loaded.values()) {
      if (document.kind !== 'receipt') continue;
      for (const { resourceType, id, versionId, change } of document.changes) {
        const current = documents.find((each) => each.fhirId === id && each.resourceType === resourceType);
        if (change !== 'late' && (current?.versionId ?? 0) < versionId) half.push(`${id} behind its receipt`);
      }
    }
  }
  return half;
}

/** What readers see when one message after the other is done, in the order of arrival. */
export async function inOrder({ messages }: Scenario): Promise<string> {
  const world = createWorld();
  for (const { bytes } of messages) {
    const envelope = await world.accept(bytes);
    world.send(envelope);
    if ((await world.deliver(envelope.sessionKey)) !== 'done') throw new Error('a message alone waits');
  }
  return visible(world.exchange);
}
