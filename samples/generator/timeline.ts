import { DAY_END, DAY_START, MINUTE } from './calendar.js';
import type { EventType, Hl7Version, OddityKind, Person, PlannedMessage } from './model.js';
import { createRandom, type Random } from './random.js';

export interface SendOptions {
  readonly version?: Hl7Version;
  readonly oddity?: OddityKind;
  /** Minutes for which the integration engine holds the message up, while later ones overtake it. */
  readonly heldUpFor?: number;
}

/** One person's day as it unfolds: a clock that only moves forward, and the messages sent so far. */
export interface Timeline {
  readonly random: Random;
  /** The person as the hospital knows them now. */
  readonly person: Person;
  /** The current instant. */
  readonly now: number;
  readonly messages: readonly PlannedMessage[];
  /** Moves the clock by a number of minutes between the two. */
  wait(from: number, to: number): void;
  /** Changes what the hospital knows about the person. */
  update(changes: Partial<Person>): void;
  /** Makes a number with this prefix that no other order or visit has. */
  nextNumber(prefix: string): string;
  /** Sends a message now. What would happen after midnight belongs to the next day and is left out. */
  send(type: EventType, body: readonly string[], options?: SendOptions): void;
}

/** Starts a person's day at a minute after midnight GMT. */
export function createTimeline(person: Person, startMinute: number, seed: string): Timeline {
  const random = createRandom(`${seed}/day/${person.id}`);
  const messages: PlannedMessage[] = [];
  let current = person;
  let now = DAY_START + startMinute * MINUTE + random.integer(0, 59) * 1000;
  let issued = 0;
  return {
    random,
    messages,
    get person() {
      return current;
    },
    get now() {
      return now;
    },
    wait: (from, to) => {
      now += random.integer(from * 60, to * 60) * 1000;
    },
    update: (changes) => {
      current = { ...current, ...changes };
    },
    nextNumber: (prefix) => {
      issued += 1;
      return `${prefix}26${person.id.slice(1)}${issued.toString().padStart(2, '0')}`;
    },
    send: (type, body, { version = '2.4', oddity, heldUpFor = 0 } = {}) => {
      const sentAt = now + heldUpFor * MINUTE;
      if (sentAt >= DAY_END) return;
      messages.push({
        lane: person.id,
        type,
        version,
        sentAt,
        createdAt: now,
        body,
        ...(oddity === undefined ? {} : { oddity }),
      });
    },
  };
}
