import { formatTimestamp, SAMPLE_DATE } from './calendar.js';
import { segment } from './hl7.js';
import {
  cancelledAdmission,
  dayCase,
  emergencyAdmission,
  inpatientStay,
  outpatientVisit,
  practiceRequest,
} from './journeys.js';
import type { OddityKind, Person, PlannedMessage } from './model.js';
import { malform, resend } from './oddities.js';
import { makePeople, ROLES } from './people.js';
import { createRandom } from './random.js';
import { longReport, newlyTraced, registeredTwice, staleUpdate } from './special-journeys.js';
import { createTimeline, type Timeline } from './timeline.js';
import { SENDING_APPLICATION, TRUST } from './trust.js';

/** The seed of the committed day. */
const SAMPLE_SEED = `${TRUST.code}/${SAMPLE_DATE}`;
const PEOPLE_COUNT = 100;

/** What becomes of a message that is sent to an empty exchange. */
export type ExpectedOutcome = 'normalised' | 'duplicate' | 'failed';

/** A message of the sample day, ready to be sent. */
export interface SampleMessage {
  /** Place in the day's sending order, from 1. */
  readonly sequence: number;
  /** MSH-10; empty when the message has no MSH. Only exact duplicates share one. */
  readonly controlId: string;
  /** MSH-9.1 and 9.2, such as `ADT^A01`; empty when the message has no MSH. */
  readonly type: string;
  /** The source patient: messages of one lane must be sent one after the other. */
  readonly lane: string;
  /** The message in HL7's own form: each segment ends with CR. */
  readonly text: string;
  readonly expected: ExpectedOutcome;
  /** Why the message stands out, if it does. */
  readonly oddity?: OddityKind;
}

export interface SampleDay {
  /** As they were at midnight. */
  readonly people: readonly Person[];
  /** In sending order. */
  readonly messages: readonly SampleMessage[];
}

type Story = (timeline: Timeline) => void;

const SPECIAL_STORIES: Readonly<Record<string, Story>> = {
  [ROLES.registeredTwice]: registeredTwice,
  [ROLES.staleUpdate]: staleUpdate,
  [ROLES.longReport]: longReport,
  [ROLES.newlyTraced]: newlyTraced,
  [ROLES.dies]: (timeline) => {
    inpatientStay(timeline, 'dies');
  },
};

/** How many people live which ordinary story, in the order of their numbers. */
const STORIES: readonly {
  readonly upTo: number;
  readonly tell: (timeline: Timeline, number: number) => void;
}[] = [
  { upTo: 34, tell: emergencyAdmission },
  {
    upTo: 56,
    tell: (timeline, number) => {
      inpatientStay(timeline, number % 2 === 0 ? 'home' : 'stays');
    },
  },
  {
    upTo: 70,
    tell: (timeline, number) => {
      dayCase(timeline, number % 5 === 0);
    },
  },
  { upTo: 73, tell: cancelledAdmission },
  { upTo: 88, tell: outpatientVisit },
  { upTo: 95, tell: practiceRequest },
  { upTo: PEOPLE_COUNT, tell: outpatientVisit },
];

const EMERGENCIES_UP_TO = 34;

function planPerson(person: Person, number: number, seed: string): readonly PlannedMessage[] {
  const random = createRandom(`${seed}/start/${person.id}`);
  // Emergencies arrive through the day; everybody else is loaded when the feed goes live at midnight.
  const emergency = number <= EMERGENCIES_UP_TO;
  const timeline = createTimeline(person, emergency ? random.integer(20, 780) : random.integer(1, 59), seed);
  const special = SPECIAL_STORIES[person.id];
  if (special === undefined) STORIES.find(({ upTo }) => number <= upTo)?.tell(timeline, number);
  else special(timeline);
  return timeline.messages;
}

/** Sorting is stable, so messages of one second keep the order of their cause. */
const bySendingTime = (left: PlannedMessage, right: PlannedMessage): number => left.sentAt - right.sentAt;

/** Senders of HL7 2.5.1 name the message structure and ask for an enhanced acknowledgement; the older ones do neither. */
function msh(planned: PlannedMessage, controlId: string): string {
  const modern = planned.version === '2.5.1';
  const structure = { 'ORU^R01': 'ORU_R01', 'ADT^A40': 'ADT_A39' }[planned.type as string];
  return segment('MSH', {
    2: '^~\\&',
    3: SENDING_APPLICATION,
    4: TRUST.code,
    5: 'HDE',
    6: 'HDE',
    7: formatTimestamp(planned.createdAt, modern ? 'offset' : 'local'),
    9: modern && structure !== undefined ? `${planned.type}^${structure}` : planned.type,
    10: controlId,
    11: 'P',
    12: planned.version,
    15: modern ? 'AL' : undefined,
    16: modern ? 'NE' : undefined,
    17: 'GBR',
    18: 'UNICODE UTF-8',
  });
}

function expectedOf({ oddity, copyOf }: PlannedMessage): ExpectedOutcome {
  if (copyOf !== undefined) return 'duplicate';
  return oddity === 'no-msh' || oddity === 'no-patient' ? 'failed' : 'normalised';
}

function finish(planned: PlannedMessage, index: number, controlId: string): SampleMessage {
  const hasMsh = planned.oddity !== 'no-msh';
  const segments = hasMsh ? [msh(planned, controlId), ...planned.body] : planned.body;
  return {
    sequence: index + 1,
    controlId: hasMsh ? controlId : '',
    type: hasMsh ? planned.type : '',
    lane: planned.lane,
    text: segments.map((line) => `${line}\r`).join(''),
    expected: expectedOf(planned),
    ...(planned.oddity === undefined ? {} : { oddity: planned.oddity }),
  };
}

/** Marks what is odd about a person rather than about one message on that person's first message. */
function markNewcomer(messages: readonly PlannedMessage[]): readonly PlannedMessage[] {
  const first = messages.findIndex(({ lane }) => lane === ROLES.withoutNhsNumber);
  return messages.map((message, index) =>
    index === first ? { ...message, oddity: 'no-nhs-number' } : message,
  );
}

/** Plays the trust's day. The same seed gives the same bytes on any machine. */
export function generateDay(seed: string = SAMPLE_SEED): SampleDay {
  const people = makePeople(PEOPLE_COUNT, seed);
  const clean = markNewcomer(
    people.flatMap((person, index) => planPerson(person, index + 1, seed)).sort(bySendingTime),
  );
  const planned = [...clean, ...resend(clean), ...malform(clean)].sort(bySendingTime);
  const controlIds = new Map<PlannedMessage, string>();
  const messages = planned.map((message, index) => {
    const original = message.copyOf ?? message;
    const controlId =
      controlIds.get(original) ??
      `TIE${SAMPLE_DATE.replaceAll('-', '')}${(index + 1).toString().padStart(4, '0')}`;
    controlIds.set(original, controlId);
    return finish(message, index, controlId);
  });
  return { people, messages };
}
