/** Turns one accepted message into records: parse, identify, map, commit. Doing it again changes nothing. */
import { ExchangeError, type Issue } from '../core/errors.js';
import type { Feed } from '../core/feed.js';
import { parseHl7v2 } from '../core/formats/hl7v2/parse.js';
import type { Hl7Message } from '../core/formats/hl7v2/types.js';
import { sessionKeyOf, sessionSubject } from '../core/identity/keys.js';
import { sessionKeyIdentifier, type MentionedPerson } from '../core/identity/patient-identifiers.js';
import { convertHl7v2, requireMappable, understand } from '../core/mapping/convert.js';
import { readEventTime } from '../core/mapping/event-time.js';
import type { PackRegistry } from '../core/mapping/engine/pack-registry.js';
import { builtInPacks } from '../core/mapping/packs/built-in-packs.js';
import type { Conversion, PackReference } from '../core/mapping/types.js';
import { boundEventTime } from '../core/records/bound-event-time.js';
import { boundEffect, joinEffects } from '../core/records/plan-receipt.js';
import type { RecordChange } from '../core/records/types.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import {
  countsOf,
  placeOf,
  type MessageReceipt,
  type MessageStage,
  type MessageStatus,
  type MessageStore,
  type ReceiptCounts,
} from '../ports/message-store.js';
import type { RawArchive } from '../ports/raw-archive.js';
import { toEnvelope } from './accept-message.js';
import { commitConversion, type CommitDependencies, type ConfirmPatient } from './commit-conversion.js';
import { identifyPeople, type IdentifiedPatient, type IdentifyDependencies } from './identify-patient.js';
import { receiptOnQueue } from './receipt-on-queue.js';
import { ClaimLapsed, confirmClaims, doubtsOf } from './verify-claims.js';
import { Overtaken, whileAccepted } from './while-accepted.js';

export interface NormaliseDependencies extends IdentifyDependencies, CommitDependencies {
  readonly archive: RawArchive;
  readonly messages: MessageStore;
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Where the packs of the feeds are found; default: the packs that come with the exchange. */
  readonly packs?: PackRegistry;
  /** Sees how long each stage takes; default: nobody does. */
  readonly inStage?: <T>(stage: MessageStage, work: () => Promise<T>) => Promise<T>;
  /**
   * Told of what a message did, before its receipt says that it is done; default: nobody is. When it rejects, the message
   * is not done, and is delivered again. So nothing is done of which whoever is told did not hear, whichever delivery did it.
   */
  readonly tell?: (envelope: MessageEnvelope, outcome: NormaliseOutcome) => Promise<void>;
}

export interface NormaliseOutcome extends ReceiptCounts {
  readonly status: 'normalised' | 'failed';
  /** Where it failed; absent when it did not. */
  readonly stage?: MessageStage;
  /** Absent when it failed before any pack was asked. */
  readonly pack?: PackReference;
  readonly messageType?: string;
  readonly issues: readonly Issue[];
  readonly changes: readonly RecordChange[];
  /** Places of populated fields that no rule maps or ignores: nothing is dropped silently. */
  readonly unmapped: readonly string[];
}

/** What became of a message, now or when it was delivered before. */
export interface SettledMessage extends Omit<NormaliseOutcome, 'status'> {
  readonly status: Exclude<MessageStatus, 'accepted'>;
}

/**
 * Normalises one message, unless that was done before or it was decided about meanwhile, and records what became of it.
 * Failures that no repetition cures end as a failed receipt; those that one may cure are thrown, so that the queue
 * delivers the message again.
 */
export async function normaliseMessage(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
): Promise<SettledMessage> {
  const held = await receiptOnQueue(deps, envelope);
  // What became of it stands, also what an operator decided: a repetition that is still on the queue has no effect.
  if (held !== undefined && held.status !== 'accepted') return outcomeOf(held, held.status);
  const records = whileAccepted(deps, envelope.messageId);
  try {
    return await finish(deps, envelope, await processMessage({ ...deps, records }, envelope));
  } catch (error) {
    if (!(error instanceof Overtaken) || error.receipt.status === 'accepted') throw error;
    return outcomeOf(error.receipt, error.receipt.status);
  }
}

async function finish(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
  outcome: NormaliseOutcome,
): Promise<NormaliseOutcome> {
  await deps.tell?.(envelope, outcome);
  const firstError = outcome.issues.find(({ severity }) => severity === 'error');
  await deps.messages.update(
    envelope.messageId,
    {
      status: outcome.status,
      finishedAt: deps.clock.now().toISOString(),
      issues: outcome.issues,
      changes: outcome.changes,
      unmapped: outcome.unmapped,
      ...countsOf(outcome),
      ...(outcome.stage === undefined ? {} : { stage: outcome.stage }),
      ...(outcome.pack === undefined ? {} : { pack: outcome.pack }),
      ...(firstError === undefined ? {} : { errorCode: firstError.code }),
    },
    // A redelivered message may come after its receipt was completed: what is written there stays.
    { unlessFinished: true, attempts: 1 },
  );
  return outcome;
}

function outcomeOf(receipt: MessageReceipt, status: SettledMessage['status']): SettledMessage {
  const { messageType, stage, pack, issues, changes, unmapped = [] } = receipt;
  return {
    status,
    ...(messageType === undefined ? {} : { messageType }),
    ...(stage === undefined ? {} : { stage }),
    ...(pack === undefined ? {} : { pack }),
    issues,
    changes,
    unmapped,
    ...countsOf(receipt),
  };
}

/** How far the processing of a message has come. */
interface Progress {
  stage: MessageStage;
  pack?: PackReference;
}

/** Converts and commits one message, without a word about it in its receipt. @throws what a repetition may cure */
export async function processMessage(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
): Promise<NormaliseOutcome> {
  const progress: Progress = { stage: 'read' };
  try {
    return await convertAndCommit(deps, envelope, progress);
  } catch (error) {
    const known = error instanceof ExchangeError ? error : undefined;
    if (known === undefined || known.definition.disposition === 'retry') throw error;
    return { status: 'failed', ...progress, issues: [known.toIssue()], changes: [], unmapped: [] };
  }
}

/** Comes to a stage, and does its work. */
function enter<T>(
  { inStage }: NormaliseDependencies,
  progress: Progress,
  stage: MessageStage,
  work: () => Promise<T>,
): Promise<T> {
  progress.stage = stage;
  return inStage === undefined ? work() : inStage(stage, work);
}

/** Others who change what a message relies on are few: whoever loses this often meets a fault, not a race. */
const maxAttempts = 5;

/** Identifies the people of a message anew when the record of one of them does not bear out why they were meant. */
async function convertAndCommit(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
  progress: Progress,
): Promise<NormaliseOutcome> {
  for (let count = 1; count <= maxAttempts; count++) {
    try {
      const { conversion, people } = await convertMessage(deps, envelope, progress, count > 1);
      const identified = people.flatMap(({ issues }) => issues);
      const found = { changes: [], issues: [...identified, ...conversion.issues] };
      const confirm = confirmationOf(deps, envelope, people);
      const committed = await enter(deps, progress, 'commit', () =>
        commitConversion(deps, envelope, conversion, confirm),
      );
      const effect = joinEffects([found, committed]);
      const { messageType, pack } = conversion;
      return { status: 'normalised', messageType, pack, ...boundEffect(effect), ...unmappedOf(conversion) };
    } catch (error) {
      if (!(error instanceof ClaimLapsed)) throw error;
    }
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

/** By partition: nothing is written about somebody whom the identifiers of the message no longer mean. */
function confirmationOf(
  deps: NormaliseDependencies,
  { messageId }: MessageEnvelope,
  people: readonly IdentifiedPatient[],
): ConfirmPatient {
  const meant = (partition: string) => people.filter(({ patientKey }) => patientKey === partition);
  return {
    concerns: (partition) => meant(partition).length > 0,
    confirm: async (partition, holder) => {
      await confirmClaims(deps, meant(partition), holder, messageId);
      return doubtsOf(meant(partition), holder);
    },
  };
}

async function convertMessage(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
  progress: Progress,
  verifies: boolean,
): Promise<{ conversion: Conversion; people: readonly IdentifiedPatient[] }> {
  const { packs = builtInPacks } = deps;
  const feed = deps.feeds.get(envelope.feed);
  if (feed === undefined) throw new ExchangeError('HDE_FEED_UNKNOWN');
  const message = await enter(deps, progress, 'read', () => readMessage(deps, envelope));
  const { messageId, receivedAt } = envelope;
  const identified = await enter(deps, progress, 'identify', async () => {
    progress.pack = packs.find(feed.pack).reference;
    // Before anything is claimed: a message that is refused must leave no trace in anybody's identity.
    requireMappable(message, feed, packs);
    const { people, support, event } = understand(message, feed, packs);
    await followEarlier(deps, envelope, people);
    const { earliest, latest } = readEventTime(message, feed.timeZone, receivedAt, []);
    const renumbering =
      support.renumbers?.includes(event) === true
        ? { latestEventTime: latest, joins: support.joins?.includes(event) === true }
        : undefined;
    return identifyPeople(deps, people, { messageId, eventTime: earliest, renumbering, verifies });
  });
  const context = { feed, people: identified, receivedAt, registry: packs };
  const conversion = await enter(deps, progress, 'map', () => mapMessage(message, context));
  return {
    conversion: boundEventTime(conversion, receivedAt),
    people: [...identified.values()],
  };
}

async function readMessage(
  { archive }: NormaliseDependencies,
  envelope: MessageEnvelope,
): Promise<Hl7Message> {
  const bytes = await archive.get(envelope.archivePath);
  // It was archived before it was queued: whoever does not find it now may find it later.
  if (bytes === undefined) throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail: 'raw archive' });
  return parseHl7v2(bytes);
}

/**
 * Keeps the order of acceptance where the queue does not: of what was resubmitted, and across the sessions of several
 * people. What was accepted earlier and stands behind a message in its own session is done now, because to wait in front
 * of it would be to wait for ever. Then a message about several people, such as a merge, is held back until all that was
 * accepted before it about the others is done. So whatever was accepted first waits for nobody.
 */
async function followEarlier(
  deps: NormaliseDependencies,
  envelope: MessageEnvelope,
  people: readonly MentionedPerson[],
): Promise<void> {
  const others = otherSessions(deps, envelope, people);
  if (others.size === 0 && envelope.resubmitted === undefined) return;
  const { messages } = deps;
  const place = placeOf({ receivedAt: envelope.receivedAt, id: envelope.messageId });
  for (const earlier of await messages.listEarlier(envelope.sessionKey, place))
    await normaliseMessage(deps, toEnvelope(earlier));
  for (const session of others) {
    if ((await messages.listEarlier(session, place)).length > 0) throw new ExchangeError('HDE_MERGE_WAITS');
  }
}

/** The sessions of the people whom a message mentions, but its own. */
function otherSessions(
  { identitySecret }: NormaliseDependencies,
  envelope: MessageEnvelope,
  people: readonly MentionedPerson[],
): Set<string> {
  const sessions = new Set<string>();
  for (const { identifiers } of people) {
    const identifier = sessionKeyIdentifier(identifiers);
    if (identifier !== undefined)
      sessions.add(sessionKeyOf(identitySecret, envelope.feed, sessionSubject(identifier)));
  }
  sessions.delete(envelope.sessionKey);
  return sessions;
}

/** As many places as a receipt names; a message with more has a feed whose mapping needs work as a whole. */
const mostUnmapped = 200;

function unmappedOf({ ledger }: Conversion): Pick<NormaliseOutcome, 'unmapped' | 'unmappedCount'> {
  const places = new Set(ledger.filter(({ fate }) => fate === 'unmapped').map(({ source }) => source));
  const unmapped = [...places].slice(0, mostUnmapped);
  return places.size > unmapped.length ? { unmapped, unmappedCount: places.size } : { unmapped };
}

/** A fault in a mapping is the same on every delivery: repeating it only delays the operator. */
function mapMessage(...input: Parameters<typeof convertHl7v2>): Promise<Conversion> {
  try {
    return Promise.resolve(convertHl7v2(...input));
  } catch (error) {
    return Promise.reject(
      error instanceof ExchangeError ? error : new ExchangeError('HDE_MAPPING_FAILED', { cause: error }),
    );
  }
}
