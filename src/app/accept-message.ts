/** Takes a message into custody: archive first, then queue, and only then a positive answer. */
import { ExchangeError, type Issue } from '../core/errors.js';
import type { Feed } from '../core/feed.js';
import { messageIdOf, sessionKeyOf } from '../core/identity/keys.js';
import { identifierToken } from '../core/identity/tokens.js';
import { mostIdentifiers } from '../core/mapping/convert.js';
import type { PackRegistry } from '../core/mapping/engine/pack-registry.js';
import type { Clock } from '../ports/clock.js';
import type { MessageEnvelope, MessageQueue } from '../ports/message-queue.js';
import type { MessageReceipt, MessageStore } from '../ports/message-store.js';
import type { RawArchive } from '../ports/raw-archive.js';
import type { BacklogGate } from './backlog.js';
import { readHl7Envelope, readNames, type Hl7Envelope, type Names } from './read-hl7-envelope.js';
import type { ReceivedBody } from './receive-body.js';

export interface AcceptDependencies {
  readonly archive: RawArchive;
  readonly messages: MessageStore;
  readonly queue: MessageQueue;
  readonly clock: Clock;
  readonly identitySecret: string;
  /** Holds intake back while too much waits; default: it never does. */
  readonly backlog?: BacklogGate;
  /** Where the packs of the feeds are found; default: the packs that come with the exchange. */
  readonly packs?: PackRegistry;
}

export interface IncomingMessage {
  readonly feed: Feed;
  readonly body: ReceivedBody;
  readonly contentType: string;
  readonly traceparent?: string;
  /** ISO instant at which it was received; default: now. */
  readonly receivedAt?: string;
}

export interface Acceptance {
  /** `failed`: kept for an operator, but it cannot be processed as it is. */
  readonly outcome: 'accepted' | 'duplicate' | 'failed';
  readonly receipt: MessageReceipt;
}

/**
 * Accepts one message. The same bytes under the same control id are a duplicate, whenever they come; other bytes
 * under a known control id throw HDE_CONTROL_ID_REUSED. A message that cannot be read is archived and recorded as
 * failed, so that nothing a sender hands over is ever lost.
 */
export async function acceptMessage(deps: AcceptDependencies, message: IncomingMessage): Promise<Acceptance> {
  if (message.body.size === 0) throw new ExchangeError('HDE_PAYLOAD_EMPTY');
  await deps.backlog?.admit();
  const receipt = describeMessage(deps, message);
  await archive(deps, receipt, message);
  return keepMessage(deps, receipt);
}

/**
 * Keeps the receipt of a message that is archived, and puts the message on the queue.
 *
 * @throws ExchangeError HDE_CONTROL_ID_REUSED
 */
export async function keepMessage(deps: AcceptDependencies, receipt: MessageReceipt): Promise<Acceptance> {
  const { created, receipt: held } = await deps.messages.create(receipt);
  if (!created && held.sha256 !== receipt.sha256) {
    throw new ExchangeError('HDE_CONTROL_ID_REUSED', { location: 'MSH-10' });
  }
  if (!created) await deps.messages.update(held.id, {}, { duplicates: 1 });
  // Whatever an operator decided about it holds, however often its sender repeats it.
  if (held.status === 'failed' && held.errorCode === 'HDE_DELIVERY_EXHAUSTED') await takeUpAgain(deps, held);
  if (held.status === 'accepted') await deps.queue.send(toEnvelope(held));
  // What an operator dismissed or corrected is done with: its sender must not send it in another way as well.
  if (held.status === 'failed' && held.queuedAt === undefined) return { outcome: 'failed', receipt: held };
  return { outcome: created ? 'accepted' : 'duplicate', receipt: held };
}

async function archive(
  deps: AcceptDependencies,
  { archivePath }: MessageReceipt,
  { body: { bytes, unnamed }, contentType }: IncomingMessage,
): Promise<void> {
  if (unnamed === undefined) await deps.archive.put(archivePath, bytes, contentType);
  else await unnamed.putAt(archivePath);
}

/**
 * A repetition of a message that only ran out of deliveries is another chance: nothing was wrong with it. It is
 * archived again by now, in case that was what was missing.
 */
async function takeUpAgain(
  { messages, queue, clock }: AcceptDependencies,
  held: MessageReceipt,
): Promise<void> {
  const queuedAt = clock.now().toISOString();
  const again = await messages.transition(held.id, ['failed'], { status: 'accepted', queuedAt });
  if (again !== undefined) await queue.send(toEnvelope(again));
}

/** The receipt of a message, as it is before anything is done about it. */
export function describeMessage(
  deps: Pick<AcceptDependencies, 'clock' | 'packs' | 'identitySecret'>,
  message: IncomingMessage,
): MessageReceipt {
  const { sha256, size } = message.body;
  const now = deps.clock.now().toISOString();
  const { receivedAt = now } = message;
  const read = readEnvelope(message, deps.packs);
  const id = messageIdOf(
    message.feed.id,
    read.envelope?.sender ?? '',
    read.envelope?.controlId ?? '',
    sha256,
  );
  const common = {
    id,
    feed: message.feed.id,
    sha256,
    size,
    archivePath: `${message.feed.id}/${id}/${sha256}`,
    receivedAt,
    duplicates: 0,
    requeued: 0,
    resubmitted: 0,
    changes: [],
    history: [],
    ...namedBy(deps.identitySecret, read.envelope ?? readNames(message.body.bytes, message.feed)),
    ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
  };
  if (read.issue !== undefined) {
    return {
      ...common,
      status: 'failed',
      stage: 'accept',
      attempts: 1,
      sessionKey: id,
      finishedAt: now,
      errorCode: read.issue.code,
      issues: [read.issue],
      ...(read.envelope === undefined ? {} : { pack: read.envelope.pack }),
    };
  }
  const sessionKey = sessionKeyOf(deps.identitySecret, message.feed.id, read.envelope.subject ?? id);
  const waiting = { status: 'accepted', queuedAt: now, acceptedAt: now } as const;
  return { ...common, ...waiting, attempts: 0, sessionKey, issues: [] };
}

/** HL7 v2.7 and later: MSH-10 has at most 199 characters. */
const longestControlId = 199;

/**
 * By what a message is found. Bounded, because a receipt must fit into one document whatever a sender writes: a longer
 * control id is left out, and of more identifiers only the first find the message.
 */
export function namedBy(
  secret: string,
  { messageType, controlId, identifiers }: Names = { controlId: '', identifiers: [] },
): Pick<MessageReceipt, 'messageType' | 'controlId' | 'subjects'> {
  const searched = controlId.trim();
  const tokens = identifiers
    .slice(0, mostIdentifiers)
    .map(({ system, value }) => identifierToken(secret, system, value));
  return {
    ...(messageType === undefined ? {} : { messageType }),
    ...(searched === '' || searched.length > longestControlId ? {} : { controlId: searched }),
    subjects: [...new Set(tokens)],
  };
}

type ReadEnvelope =
  | { readonly envelope: Hl7Envelope; readonly issue?: undefined }
  | { readonly envelope?: Hl7Envelope; readonly issue: Issue };

/** What the queue needs to know of a message; a message that cannot be read is described by its issue. */
function readEnvelope(
  { body: { bytes }, feed }: IncomingMessage,
  packs: PackRegistry | undefined,
): ReadEnvelope {
  try {
    const envelope = readHl7Envelope(bytes, feed, packs);
    return envelope.refusal === undefined ? { envelope } : { envelope, issue: envelope.refusal };
  } catch (error) {
    if (!(error instanceof ExchangeError) || error.definition.disposition !== 'triage') throw error;
    return { issue: error.toIssue() };
  }
}

/** What travels on the queue for a receipt; also used to put a forgotten message there again. */
export function toEnvelope(receipt: MessageReceipt): MessageEnvelope {
  return {
    messageId: receipt.id,
    feed: receipt.feed,
    archivePath: receipt.archivePath,
    sessionKey: receipt.sessionKey,
    receivedAt: receipt.receivedAt,
    ...(receipt.resubmitted === 0 ? {} : { resubmitted: receipt.resubmitted }),
    ...(receipt.correctionOf === undefined ? {} : { correctionOf: receipt.correctionOf }),
    ...(receipt.traceparent === undefined ? {} : { traceparent: receipt.traceparent }),
  };
}
