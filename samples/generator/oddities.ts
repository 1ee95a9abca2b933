/** What goes wrong on the wire: messages sent twice, and messages that no receiver can use. */
import { HOUR, MINUTE } from './calendar.js';
import { segment } from './hl7.js';
import type { EventType, OddityKind, PlannedMessage } from './model.js';

/** How long after its original a message is sent again: at once, after a lost answer, or in a replay hours later. */
const RESEND_DELAYS = [5_000, 7_000, 90 * MINUTE, 11_000, 3 * MINUTE, 150 * MINUTE] as const;
const RESEND_EVERY = 50;

/** Copies of every fiftieth message; those of a busy person come after newer messages about them. */
export function resend(messages: readonly PlannedMessage[]): readonly PlannedMessage[] {
  const originals = messages.filter((_, index) => index % RESEND_EVERY === RESEND_EVERY / 2);
  return originals.map((original, index) => ({
    ...original,
    sentAt: original.sentAt + (RESEND_DELAYS[index % RESEND_DELAYS.length] ?? 0),
    oddity: 'duplicate',
    copyOf: original,
  }));
}

/** PID as a system sends it that has lost the numbers of its patient. */
function withoutIdentifiers(pid: string): string {
  const fields = pid.split('|');
  return segment(
    'PID',
    Object.fromEntries(fields.slice(1).map((value, at) => [at + 1, at === 2 ? '' : value])),
  );
}

/**
 * Two messages without MSH and two whose PID-3 is empty, made from messages of the day. Each has a lane of its own,
 * because it names no patient.
 */
export function malform(messages: readonly PlannedMessage[]): readonly PlannedMessage[] {
  const plan: readonly (readonly [EventType, OddityKind])[] = [
    ['ADT^A08', 'no-msh'],
    ['ORU^R01', 'no-msh'],
    ['ADT^A08', 'no-patient'],
    ['ORU^R01', 'no-patient'],
  ];
  return plan.map(([type, oddity], index) => {
    const candidates = messages.filter((message) => message.type === type && message.oddity === undefined);
    const source = candidates[Math.floor((candidates.length * (index + 1)) / 5)];
    if (source === undefined) throw new RangeError(`the day has no ${type} to spoil`);
    const at = source.sentAt + HOUR / 4;
    const body = source.body.map((line) =>
      oddity === 'no-patient' && line.startsWith('PID|') ? withoutIdentifiers(line) : line,
    );
    return { ...source, lane: `malformed-${index + 1}`, sentAt: at, createdAt: at, body, oddity };
  });
}
