/** Operators edit a message that cannot be processed; the edited copy takes its place, and the original is kept. */
import { ExchangeError } from '../../core/errors.js';
import type { Feed } from '../../core/feed.js';
import type { Principal } from '../../core/governance/access.js';
import { encodeText } from '../../core/formats/hl7v2/charset.js';
import { parseHl7v2 } from '../../core/formats/hl7v2/parse.js';
import { correctionIdOf, sessionKeyOf } from '../../core/identity/keys.js';
import type { MessageReceipt, OperatorAction } from '../../ports/message-store.js';
import { namedBy } from '../accept-message.js';
import { hashOf } from '../content-hash.js';
import { readHl7Envelope, type Hl7Envelope } from '../read-hl7-envelope.js';
import { findMessage } from './operators.js';
import { actionOf } from './reasons.js';
import { statusConflict } from './status-conflict.js';
import { open, takePlace, takeUp, type TakenUp } from './take-up.js';
import type { TriageDependencies } from './triage-dependencies.js';

export interface Correction {
  /** The whole message as it should be. Line ends may be any. */
  readonly text: string;
  readonly reason: string;
  readonly traceparent?: string | undefined;
}

/**
 * Puts an edited copy in the place of a message that had failed or was dismissed. The copy is a message of its own, in the
 * session of its own patient; it has the time of receipt of its original, because editing makes a message no newer.
 *
 * The copy is first kept as failed, then the original is given up for it, and only then it is taken up: whatever
 * breaks off in between, never are both processed, and an operator finds one of them. Correcting in the same way
 * again goes on where it broke off.
 *
 * @returns the copy
 * @throws ExchangeError HDE_FORBIDDEN, HDE_RECEIPT_NOT_FOUND, HDE_MESSAGE_STATUS, HDE_REQUEST_INVALID for a text or reason
 * that is not acceptable, or what the exchange would have against the edited message
 */
export async function correctMessage(
  deps: TriageDependencies,
  principal: Principal,
  id: string,
  correction: Correction,
): Promise<TakenUp> {
  const original = await findMessage(deps, principal, id);
  const feed = deps.feeds.get(original.feed);
  if (feed === undefined) throw new ExchangeError('HDE_FEED_UNKNOWN');
  const action = actionOf(deps, principal, 'corrected', correction.reason);
  const bytes = bytesOf(correction.text, feed);
  const copy = describeCopy(deps, original, feed, bytes, { ...correction, action });
  // An edited copy that has not taken the place of its original yet is no message to edit: the original is.
  const isPending = original.errorCode === 'HDE_CORRECTION_PENDING';
  if (isPending)
    throw new ExchangeError('HDE_MESSAGE_STATUS', { detail: 'an edited copy: correct its original instead' });
  if (!open.includes(original.status) && original.correctedBy !== copy.id)
    throw statusConflict(original.status, open);
  await deps.archive.put(copy.archivePath, bytes, 'application/hl7-v2+er7');
  const { receipt: held } = await deps.messages.create(copy);
  await takePlaceOrGiveUp(deps, held, original.id, action);
  if (held.errorCode !== 'HDE_CORRECTION_PENDING') return { receipt: held };
  // It may have lost the place to its original before, which has failed again since.
  return takeUp(deps, held.id, open);
}

/** A copy whose original went another way must not be taken up by mistake. */
async function takePlaceOrGiveUp(
  deps: TriageDependencies,
  copy: MessageReceipt,
  originalId: string,
  action: OperatorAction,
): Promise<void> {
  try {
    await takePlace(deps, copy.id, originalId, action);
  } catch (error) {
    if (error instanceof ExchangeError && error.code === 'HDE_MESSAGE_STATUS')
      await deps.messages.transition(copy.id, ['failed'], { status: 'dismissed' });
    throw error;
  }
}

/** The text in the character set that its own MSH-18 declares. */
function bytesOf(text: string, feed: Feed): Uint8Array {
  const lines = `${text.replace(/\r\n|\n/g, '\r').replace(/\r+$/, '')}\r`;
  const declared = parseHl7v2(lines).msh.value(18);
  const bytes = encodeText(lines, declared);
  if (bytes.length > feed.maxBytes)
    throw new ExchangeError('HDE_PAYLOAD_TOO_LARGE', { detail: `at most ${feed.maxBytes} bytes` });
  // What the character set lacks would silently become something else.
  if (parseHl7v2(bytes).text !== parseHl7v2(lines).text)
    throw new ExchangeError('HDE_HL7_ENCODING', {
      location: 'MSH-18',
      detail: 'a character set that has every character of the message',
    });
  return bytes;
}

function describeCopy(
  deps: TriageDependencies,
  original: MessageReceipt,
  feed: Feed,
  bytes: Uint8Array,
  { traceparent, action }: { readonly traceparent?: string | undefined; readonly action: OperatorAction },
): MessageReceipt {
  const sha256 = hashOf(bytes);
  if (sha256 === original.sha256)
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'text', detail: 'a text that was changed' });
  const envelope = readAcceptable(bytes, feed, deps);
  const id = correctionIdOf(original.id, sha256);
  return {
    id,
    feed: feed.id,
    status: 'failed',
    stage: 'accept',
    errorCode: 'HDE_CORRECTION_PENDING',
    issues: [{ code: 'HDE_CORRECTION_PENDING', severity: 'error' }],
    ...namedBy(deps.identitySecret, envelope),
    sha256,
    size: bytes.length,
    archivePath: `${feed.id}/${id}/${sha256}`,
    sessionKey: sessionKeyOf(deps.identitySecret, feed.id, envelope.subject ?? id),
    receivedAt: original.receivedAt,
    duplicates: 0,
    requeued: 0,
    resubmitted: 0,
    attempts: 0,
    pack: envelope.pack,
    changes: [],
    correctionOf: original.id,
    history: [action],
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** @throws ExchangeError what would end as failed again at once: the operator is still there to mend it */
function readAcceptable(bytes: Uint8Array, feed: Feed, { packs }: TriageDependencies): Hl7Envelope {
  const envelope = readHl7Envelope(bytes, feed, packs);
  const { refusal } = envelope;
  if (refusal === undefined) return envelope;
  const { code, location, detail } = refusal;
  throw new ExchangeError(code, {
    ...(location === undefined ? {} : { location }),
    ...(detail === undefined ? {} : { detail }),
  });
}
