/** Makes the synthetic hospital of a seed. */
import { createRandom, type Random } from '../random.js';
import { tellAdministration } from './administration.js';
import { delaySome, planSends } from './disorder.js';
import { createIssue } from './issue.js';
import { tellLaboratory } from './laboratory.js';
import type { FeedId, Hospital, HospitalMessage, Lane, Person } from './model.js';
import { makePerson, type Newcomer } from './people.js';
import { makePoison, makeTooLarge } from './poison.js';
import { createTimeline } from './timeline.js';

export interface HospitalSize {
  /** At least so many messages, without repetitions. */
  readonly messages: number;
  readonly patients: number;
}

/** A story of a second registration and its merge needs so many messages of a person. */
const messagesForMerge = 12;
const poisonShare = 0.02;
/** One message that is too large in so many people, and always one. */
const tooLargeEvery = 250;

/** The hospital of a seed: always the same one. Lanes of one person stand together, so that they run side by side. */
export function generateHospital(seed: string, { messages: wanted, patients }: HospitalSize): Hospital {
  const messages: HospitalMessage[] = [];
  const people: Person[] = [];
  const lanes: Lane[] = [];
  const nextNumber = () => messages.length + 1;
  for (let index = 0; index < patients; index++) {
    const random = createRandom(`${seed}/hospital/${index}`);
    const share = Math.ceil((wanted - messages.length) / (patients - index));
    const newcomer = makePerson(index, random.fork('person'), share >= messagesForMerge);
    people.push(newcomer.person, ...(newcomer.second === undefined ? [] : [newcomer.second]));
    lanes.push(...tellPerson(newcomer, share, index, { messages, nextNumber, random }));
  }
  return { seed, people, lanes, messages };
}

interface Desk {
  readonly messages: HospitalMessage[];
  readonly nextNumber: () => number;
  readonly random: Random;
}

function tellPerson(newcomer: Newcomer, count: number, index: number, desk: Desk): Lane[] {
  const { person } = newcomer;
  const { random } = desk;
  const issue = createIssue(desk.nextNumber, (message) => desk.messages.push(message));
  const taken = new Set<number>();
  const isEastern = person.eastMrn !== undefined;
  const part = (share: number) => Math.max(1, Math.round(count * share));
  const lane = (feed: FeedId, tell: (tools: Tools) => HospitalMessage[]): Lane => {
    const own = random.fork(feed);
    const told = tell({ random: own, timeline: createTimeline(taken, own.fork('time')), issue });
    const disordered = delaySome(told, own.fork('late'));
    const tainted = addPoison(disordered, feed, person, index, desk, own.fork('poison'));
    return { name: `${person.id}/${feed}`, feed, sends: planSends(tainted, own.fork('sends')) };
  };
  return [
    lane('chaos-pas', (tools) =>
      tellAdministration('chaos-pas', newcomer, part(isEastern ? 0.35 : 0.55), tools),
    ),
    ...(isEastern
      ? [lane('chaos-east', (tools) => tellAdministration('chaos-east', newcomer, part(0.25), tools))]
      : []),
    lane('chaos-lab', (tools) => tellLaboratory(newcomer, part(isEastern ? 0.4 : 0.45), tools)),
  ];
}

type Tools = Parameters<typeof tellLaboratory>[2];

/** Puts poison between the messages of a lane: it must not hold up the others. */
function addPoison(
  messages: readonly HospitalMessage[],
  feed: FeedId,
  person: Person,
  index: number,
  desk: Desk,
  random: Random,
): HospitalMessage[] {
  const poison = (make: (number: number) => HospitalMessage): HospitalMessage => {
    const message = make(desk.nextNumber());
    desk.messages.push(message);
    return message;
  };
  const result = messages.flatMap((message) =>
    random.chance(poisonShare)
      ? [poison((number) => makePoison(number, feed, person, random)), message]
      : [message],
  );
  if (feed !== 'chaos-lab' || index % tooLargeEvery !== 0) return result;
  return [...result.slice(0, 1), poison((number) => makeTooLarge(number, person)), ...result.slice(1)];
}
