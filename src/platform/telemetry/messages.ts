/** Messages as they are told of: what became of each, how long it took and what it cost. */
import type { Acceptance } from '../../app/accept-message.js';
import type { SettledMessage } from '../../app/normalise-message.js';
import type { MessageEnvelope } from '../../ports/message-queue.js';
import type { MessageStage } from '../../ports/message-store.js';
import { tallied, type Tally } from './charges.js';
import { codeOf, inSpan, type Telemetry } from './telemetry.js';

/** Takes a message in, and tells of it. */
export async function observedAcceptance(
  telemetry: Telemetry,
  feed: string,
  accept: () => Promise<Acceptance>,
): Promise<Acceptance> {
  if (!telemetry.isOn) return accept();
  const tally: Tally = { requestUnits: 0 };
  const acceptance = await tallied(tally, accept);
  const { outcome, receipt } = acceptance;
  const { messageType, size } = receipt;
  telemetry.record('Message.Received', 1, { feed, messageType, outcome });
  telemetry.record('Message.Size', size, { feed, messageType });
  telemetry.record('Message.RequestCharge', tally.requestUnits, { feed, messageType, phase: 'accept' });
  return acceptance;
}

/** Does a stage of the work on a message. */
export type InStage = <T>(stage: MessageStage, work: () => Promise<T>) => Promise<T>;

/** How the work on a message is seen while it is done. */
export interface MessageObserver {
  /** What made the message wait, or the span of the work on it, as a traceparent. */
  readonly traceparent: string | undefined;
  readonly inStage: InStage;
  /** Told of each failed attempt that another one follows. */
  readonly retried: (error: unknown) => void;
}

/** Sees nothing; the trace goes on as it came. */
const unseen = (traceparent: string | undefined): MessageObserver => ({
  traceparent,
  inStage: (_stage, work) => work(),
  retried: () => undefined,
});

/** Works on a message, and tells of it. @param now of the clock that says when messages are accepted */
export async function observedMessage(
  telemetry: Telemetry,
  { feed, messageId, receivedAt }: MessageEnvelope,
  parent: string | undefined,
  now: Date,
  work: (observer: MessageObserver) => Promise<SettledMessage>,
): Promise<SettledMessage> {
  // A tally alone would make every promise of the process dearer (async hooks).
  if (!telemetry.isOn) return work(unseen(parent));
  await telemetry.ready();
  telemetry.record('Message.Wait', Math.max(0, now.getTime() - Date.parse(receivedAt)), { feed });
  const tally: Tally = { requestUnits: 0 };
  const started = performance.now();
  const stages: [MessageStage, number][] = [];
  const attributes = { feed, messageId };
  return inSpan(telemetry, 'normalise', { kind: 'consumer', parent, attributes }, async (span) => {
    const inStage: InStage = async (stage, within) => {
      const began = performance.now();
      try {
        return await inSpan(telemetry, 'stage', { attributes: { stage } }, within);
      } finally {
        stages.push([stage, performance.now() - began]);
      }
    };
    const observer: MessageObserver = {
      traceparent: span.traceparent,
      inStage,
      retried: (error) => {
        telemetry.record('Message.Retried', 1, { feed, errorCode: codeOf(error) });
      },
    };
    const settled = await tallied(tally, () => work(observer));
    const { status: outcome, messageType } = settled;
    const errorCode = settled.issues.find(({ severity }) => severity === 'error')?.code;
    const count = settled.changes.length;
    const { requestUnits } = tally;
    span.set({ messageType, outcome, errorCode, count, requestUnits });
    const of = { feed, messageType };
    telemetry.record('Message.Processed', 1, { ...of, outcome, errorCode });
    telemetry.record('Message.Duration', performance.now() - started, { ...of, outcome });
    telemetry.record('Message.RequestCharge', requestUnits, { ...of, phase: 'normalise' });
    for (const [stage, ms] of stages) telemetry.record('Message.StageDuration', ms, { ...of, stage });
    return settled;
  });
}

/** Records that the deliveries of a message are used up, and tells of it. @param record answers whether it failed by this */
export async function observedDeadLetter<T extends string>(
  telemetry: Telemetry,
  { feed, messageId, traceparent: parent }: MessageEnvelope,
  record: () => Promise<T>,
): Promise<T> {
  await telemetry.ready();
  const attributes = { feed, messageId };
  return inSpan(telemetry, 'dead-letter', { kind: 'consumer', parent, attributes }, async (span) => {
    const status = await record();
    const outcome = status === 'failed' ? 'failed' : 'left';
    telemetry.record('Message.DeadLettered', 1, { feed, outcome });
    span.set({ outcome });
    return status;
  });
}
