/** What a patient administration system tells about a person: registrations, stays, merges. */
import type { Random } from '../random.js';
import type { Facts, FeedId, HospitalMessage, Person, PatientStatement, VisitStatement } from './model.js';
import type { Issue } from './issue.js';
import { otherFamily, type Newcomer } from './people.js';
import { allergiesOf, eventOf, headerOf, joinSegments, mergedOf, pidOf, pv1Of } from './render.js';
import type { Timeline } from './timeline.js';

const wards = ['W01', 'W02', 'W03', 'W04', 'W05'] as const;

interface Story {
  readonly feed: FeedId;
  readonly newcomer: Newcomer;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly issue: Issue;
  family: string;
  visits: number;
  visit: VisitStatement | undefined;
  /** When the last merge happened: no clock may go back behind it. */
  merged: number;
}

/** Messages of one person in the order of what happened. At least `count` of them. */
export function tellAdministration(
  feed: FeedId,
  newcomer: Newcomer,
  count: number,
  tools: { readonly random: Random; readonly timeline: Timeline; readonly issue: Issue },
): HospitalMessage[] {
  const story: Story = {
    feed,
    newcomer,
    ...tools,
    family: newcomer.family,
    visits: 0,
    visit: undefined,
    merged: 0,
  };
  const { random } = tools;
  const told: HospitalMessage[] = [register(story, 'A28')];
  const second = feed === 'chaos-pas' ? newcomer.second : undefined;
  const appears = second === undefined ? -1 : random.between(1, Math.max(1, count - 4));
  while (told.length < count) {
    if (told.length >= appears && second !== undefined && story.merged === 0) {
      told.push(...registerAgain(story, second), nextEvent(story), merge(story, second));
    } else {
      told.push(nextEvent(story));
    }
  }
  if (random.chance(0.05) && newcomer.person.eastMrn === undefined)
    told.push(register(story, 'A31', Infinity));
  return told;
}

function nextEvent(story: Story): HospitalMessage {
  const { random } = story;
  if (story.visit === undefined) return random.chance(0.6) ? admit(story) : update(story);
  const chance = random.next();
  if (chance < 0.35) return move(story);
  if (chance < 0.6) return tell(story, 'A08');
  if (chance < 0.75) return update(story);
  return discharge(story);
}

function admit(story: Story): HospitalMessage {
  const { random, newcomer, feed } = story;
  story.visits += 1;
  const trust = feed === 'chaos-east' ? 'E' : 'R';
  const time = story.timeline.advance();
  story.visit = {
    number: `V${trust}${newcomer.person.id.slice(1)}${String(story.visits).padStart(3, '0')}`,
    ...bedOf(random),
    admitted: time - 600_000,
  };
  return tell(story, 'A01', time);
}

function move(story: Story): HospitalMessage {
  const { visit, random } = story;
  if (visit !== undefined) {
    let bed = bedOf(random);
    while (bed.ward === visit.ward && bed.bed === visit.bed) bed = bedOf(random);
    story.visit = { ...visit, ...bed };
  }
  return tell(story, 'A02');
}

function discharge(story: Story): HospitalMessage {
  const time = story.timeline.advance();
  const { visit } = story;
  if (visit !== undefined) story.visit = { ...visit, discharged: time - 300_000 };
  const message = tell(story, 'A03', time);
  story.visit = undefined;
  return message;
}

/** A change of the person's details, at times by a clock that is hours off, at times with a new name. */
function update(story: Story): HospitalMessage {
  const { random, timeline } = story;
  const time = timeline.advance();
  if (random.chance(0.1)) story.family = otherFamily(story.family, random);
  return register(story, 'A31', random.chance(0.15) ? timeline.skew(story.merged) : time);
}

function register(story: Story, event: string, time = story.timeline.advance()): HospitalMessage {
  return stateAll(story, event, time, undefined);
}

function tell(story: Story, event: string, time = story.timeline.advance()): HospitalMessage {
  return stateAll(story, event, time, story.visit);
}

function stateAll(
  { feed, newcomer, family, random, issue }: Story,
  event: string,
  time: number,
  visit: VisitStatement | undefined,
): HospitalMessage {
  const { person, given, allergies } = newcomer;
  return issue(feed, event, time, (number) => {
    const patient = { family, given, marker: number, phone: phoneOf(random, number) };
    return { person, patient, allergies, ...(visit === undefined ? {} : { visit }) };
  });
}

/** The same person comes in under a number of their own and is admitted under it. */
function registerAgain(story: Story, second: Person): HospitalMessage[] {
  const { feed, newcomer, timeline, issue, random } = story;
  const stated = (number: number): PatientStatement => ({
    family: newcomer.family,
    given: newcomer.given,
    marker: number,
    phone: phoneOf(random, number),
  });
  const first = issue(feed, 'A28', timeline.advance(), (number) => ({
    person: second,
    patient: stated(number),
  }));
  const time = timeline.advance();
  const visit = { number: `VS${second.id.slice(1, 5)}`, ...bedOf(random), admitted: time - 600_000 };
  return [first, issue(feed, 'A01', time, (number) => ({ person: second, patient: stated(number), visit }))];
}

function merge(story: Story, retired: Person): HospitalMessage {
  const { feed, newcomer, family, timeline, issue } = story;
  story.merged = timeline.advance();
  return issue(feed, 'A40', story.merged, () => ({
    person: newcomer.person,
    patient: { family, given: newcomer.given },
    retired,
  }));
}

const bedOf = (random: Random): Pick<VisitStatement, 'ward' | 'bed'> => ({
  ward: random.pick(wards),
  bed: `B${random.between(1, 12)}`,
});

/** Some registrations delete the telephone number. */
const phoneOf = (random: Random, number: number): string =>
  random.chance(0.15) ? '' : `0161 496 ${String(number % 10_000).padStart(4, '0')}`;

/** The text of a message of patient administration. */
export function renderAdministration(
  feed: FeedId,
  event: string,
  time: number,
  controlId: string,
  facts: Facts,
): string {
  const { person, patient, allergies = [], visit, retired } = facts;
  return joinSegments(
    headerOf({ feed, controlId, type: `ADT^${event}`, time }),
    eventOf(event, time),
    pidOf(feed, person, patient),
    ...(visit === undefined ? [] : [pv1Of(feed, visit)]),
    ...(retired === undefined ? [] : [mergedOf(retired)]),
    ...allergiesOf(allergies, patient.marker ?? 0),
  );
}
