/** What a laboratory tells about a person: panels that are preliminary, then final, at times corrected. */
import type { Random } from '../random.js';
import type { Issue } from './issue.js';
import type { Facts, FeedId, HospitalMessage, PanelResult, ResultStatus } from './model.js';
import type { Newcomer } from './people.js';
import { headerOf, joinSegments, panelOf, pidOf } from './render.js';
import { hour, type Timeline } from './timeline.js';

const analytes: readonly Omit<PanelResult, 'value'>[] = [
  { code: 'HB', name: 'Haemoglobin', unit: 'g/L' },
  { code: 'WBC', name: 'White cells', unit: '10*9/L' },
  { code: 'PLT', name: 'Platelets', unit: '10*9/L' },
  { code: 'NA', name: 'Sodium', unit: 'mmol/L' },
  { code: 'K', name: 'Potassium', unit: 'mmol/L' },
  { code: 'CRP', name: 'C-reactive protein', unit: 'mg/L' },
];

const courses: readonly (readonly ResultStatus[])[] = [['P', 'F'], ['F'], ['F', 'C'], ['P', 'F', 'C']];

/** Messages of one person in the order of what happened. At least `count` of them. */
export function tellLaboratory(
  newcomer: Newcomer,
  count: number,
  {
    random,
    timeline,
    issue,
  }: { readonly random: Random; readonly timeline: Timeline; readonly issue: Issue },
): HospitalMessage[] {
  const told: HospitalMessage[] = [];
  for (let orders = 1; told.length < count; orders++) {
    const order = `L${newcomer.person.id.slice(1)}${String(orders).padStart(3, '0')}`;
    const measured = random.shuffle(analytes).slice(0, random.between(3, 6));
    let previous = 0;
    for (const [version, status] of random.pick(courses).entries()) {
      const time = timeline.advance();
      // By whatever clock: a result is final after it was preliminary.
      const stated = time <= previous || random.chance(0.08) ? timeline.skew(previous) : time;
      previous = stated;
      const results = measured.map((analyte) => ({
        ...analyte,
        // The fraction tells the versions of a result apart.
        value: random.between(10, 200) + (version + 1) / 4,
      }));
      told.push(
        issue('chaos-lab', 'R01', stated, () => ({
          person: newcomer.person,
          patient: { family: newcomer.family, given: newcomer.given },
          panel: { order, status, issued: stated - hour / 2, results },
        })),
      );
    }
  }
  return told;
}

/** The text of a result message. */
export function renderResult(
  feed: FeedId,
  time: number,
  controlId: string,
  { person, patient, panel }: Facts,
): string {
  return joinSegments(
    headerOf({ feed, controlId, type: 'ORU^R01', time }),
    pidOf(feed, person, patient),
    ...(panel === undefined ? [] : panelOf(panel)),
  );
}
