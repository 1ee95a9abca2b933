/** Messages that can never be processed, each in its own way; they name the lane's patient where they name anybody. */
import type { Random } from '../random.js';
import { controlIdOf } from './issue.js';
import type { FeedId, HospitalMessage, Person } from './model.js';
import { eventOf, headerOf, joinSegments, pidOf } from './render.js';

const poisons = ['no-header', 'no-patient', 'no-type'] as const;

const name = { family: 'Abara', given: 'Ada' };
const time = Date.parse('2026-01-05T00:00:00Z');

/** A poison of any kind; each has bytes of its own, so that it is a message of its own. */
export function makePoison(number: number, feed: FeedId, person: Person, random: Random): HospitalMessage {
  const event = random.pick(poisons);
  const controlId = controlIdOf(number);
  const header = (type: string) => headerOf({ feed, controlId, type, time });
  const texts: Readonly<Record<(typeof poisons)[number], () => string>> = {
    'no-header': () => joinSegments(`PID|${number}||nobody reads this`),
    'no-patient': () => joinSegments(header('ADT^A31'), eventOf('A31', time), 'PID|1||||Nobody^Known'),
    'no-type': () => joinSegments(header(''), eventOf('A31', time), pidOf(feed, person, name)),
  };
  return { number, feed, controlId, event, time, text: texts[event](), fate: 'failed' };
}

/**
 * One result is more than a document can hold, among so many others that they need several batches: it passes the
 * reception and fails in the commit, with no half of it done, while others wait behind it. A report that is large by
 * the number of its results alone is no poison (`tellLaboratory`).
 */
export function makeTooLarge(number: number, person: Person): HospitalMessage {
  const feed = 'chaos-lab';
  const controlId = controlIdOf(number);
  const results = Array.from(
    { length: 120 },
    (_, index) => `OBX|${index + 1}|NM|T${index + 1}||${index}|||||F`,
  );
  const text = joinSegments(
    headerOf({ feed, controlId, type: 'ORU^R01', time }),
    pidOf(feed, person, name),
    `OBR|1|${controlId}P|${controlId}|TOO^Too large^RZZLAB||||||||||||||||||||||F`,
    ...results,
    `OBX|121|TX|LETTER||${'0'.repeat(2_500_000)}|||||F`,
  );
  return { number, feed, controlId, event: 'too-large', time, text, fate: 'failed' };
}
