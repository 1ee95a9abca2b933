/** What became of each message, and whether that is what the sample day expects. */
import type { SampleMessage } from '../../samples/acute-trust.js';
import type { FailureReason } from './acknowledgement.js';
import type { Answer, Receipt } from './exchange-client.js';

/** A message and what the exchange said when it was sent. */
export interface SentMessage {
  readonly message: SampleMessage;
  readonly answer: Answer;
}

/** `unsettled`: accepted, but its receipt says nothing final. */
export type Outcome = 'normalised' | 'duplicate' | 'failed' | 'unsettled';

export interface AccountedMessage {
  readonly message: SampleMessage;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly reason?: FailureReason;
}

const UNKNOWN_REASON: FailureReason = { code: 'unknown', text: 'the exchange gives no reason' };

function reasonOf(receipt: Receipt | undefined, answer: Answer): FailureReason {
  const issue = receipt?.issues.find(({ severity }) => severity === 'error') ?? receipt?.issues[0];
  if (issue === undefined) return answer.reason ?? UNKNOWN_REASON;
  const { code, location, text } = issue;
  return { code, text, ...(location === undefined ? {} : { location }) };
}

/**
 * Finds the outcome of each message from its answer and its receipt.
 *
 * A message that had to be sent several times and is then called a duplicate, although its bytes had not been
 * answered before, is a duplicate of its own lost attempt: it counts by what became of it. A duplicate of a message
 * that failed has failed as well.
 *
 * @param sent in the order of the answers within each lane
 * @param since ISO instant at which the run began: what the exchange received before is none of this run's attempts
 */
export function accountFor(
  sent: readonly SentMessage[],
  receipts: ReadonlyMap<string, Receipt>,
  since: string,
): readonly AccountedMessage[] {
  const answered = new Set<string>();
  return sent.map(({ message, answer }) => {
    const firstAnswer = !answered.has(message.text);
    answered.add(message.text);
    const receipt = answer.receiptId === undefined ? undefined : receipts.get(answer.receiptId);
    if (answer.state === 'failed' || receipt?.status === 'failed') {
      return { message, outcome: 'failed', reason: reasonOf(receipt, answer) };
    }
    if (receipt === undefined) return { message, outcome: 'unsettled' };
    const ownLostAttempt = firstAnswer && answer.attempts > 1 && receipt.receivedAt >= since;
    const outcome = answer.state === 'duplicate' && !ownLostAttempt ? 'duplicate' : 'normalised';
    return { message, outcome };
  });
}

/** A failure in the words of the summary. */
export interface Failure extends FailureReason {
  readonly sequence: number;
  readonly controlId: string;
  /** The sample day means this message to fail. */
  readonly expected: boolean;
}

/** Where and when a run took place; times in milliseconds. */
export interface Run {
  /** Base address of the exchange. */
  readonly url: string;
  /** ISO instant of its beginning. */
  readonly since: string;
  /** From the first request until every message was answered. */
  readonly acceptElapsed: number;
  /** From the first request until the last receipt had settled. */
  readonly elapsed: number;
}

export interface DemoSummary extends Run {
  readonly sent: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly failures: readonly Failure[];
  /** Messages that ended otherwise than the sample day expects. */
  readonly surprises: readonly AccountedMessage[];
  /** Records that this run changed, by kind of change (`created`, `updated`, `late`). */
  readonly changes: Readonly<Record<string, number>>;
  /** Requests that had to be repeated. */
  readonly retries: number;
  /** Messages over `elapsed`. */
  readonly messagesPerSecond: number;
  /** FHIR id of the patient with the most records in this run. */
  readonly patientId: string | undefined;
  /** Every message is accounted for, and exactly those failed that were meant to. */
  readonly complete: boolean;
}

/** In a second run everything that does not fail is a duplicate. */
function isSurprise({ message, outcome }: AccountedMessage): boolean {
  if (outcome === 'unsettled') return true;
  if (message.expected === 'failed') return outcome !== 'failed';
  return outcome === 'failed' || (message.expected === 'duplicate' && outcome !== 'duplicate');
}

/**
 * The patient about whom the messages changed the most records. The id of a patient's record is the patient's own id,
 * or begins with it and a full stop.
 */
function richestPatient(receipts: ReadonlyMap<string, Receipt>): string | undefined {
  const records = new Map<string, Set<string>>();
  const changed = [...receipts.values()].flatMap((receipt) => receipt.records);
  for (const { resourceType, id } of changed) if (resourceType === 'Patient') records.set(id, new Set());
  for (const { id } of changed) records.get(id.split('.')[0] ?? '')?.add(id);
  return [...records].sort(([, left], [, right]) => right.size - left.size)[0]?.[0];
}

/** Adds up a run. */
export function summarise(
  sent: readonly SentMessage[],
  receipts: ReadonlyMap<string, Receipt>,
  run: Run,
): DemoSummary {
  const accounted = accountFor(sent, receipts, run.since);
  const outcomes = { normalised: 0, duplicate: 0, failed: 0, unsettled: 0 };
  const changes: Record<string, number> = {};
  accounted.forEach(({ outcome }, index) => {
    outcomes[outcome] += 1;
    if (outcome !== 'normalised') return;
    for (const { change } of receipts.get(sent[index]?.answer.receiptId ?? '')?.records ?? []) {
      changes[change] = (changes[change] ?? 0) + 1;
    }
  });
  const surprising = accounted.filter(isSurprise);
  return {
    ...run,
    sent: sent.length,
    outcomes,
    failures: accounted.flatMap(({ message, reason }) =>
      reason === undefined
        ? []
        : [
            {
              ...reason,
              sequence: message.sequence,
              controlId: message.controlId,
              expected: message.expected === 'failed',
            },
          ],
    ),
    surprises: surprising,
    changes,
    retries: sent.reduce((sum, { answer }) => sum + answer.attempts - 1, 0),
    messagesPerSecond: run.elapsed > 0 ? (sent.length * 1000) / run.elapsed : 0,
    patientId: richestPatient(receipts),
    complete: surprising.length === 0,
  };
}
