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

/** More results than one transactional batch holds (docs/adr/0009): such a report is staged. */
const profile: typeof analytes = Array.from({ length: 130 }, (_, index) => ({
  code: `X${String(index + 1).padStart(3, '0')}`,
  name: `Metabolite ${index + 1}`,
  unit: 'umol/L',
}));
/** Larger than what is held of a body in memory (docs/adr/0011). */
const profilePadding = 300_000;
/** The first order of every so manieth person is a profile. */
const profileEvery = 25;

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
    const isProfile = orders === 1 && Number(newcomer.person.id.slice(1)) % profileEvery === 1;
    const measured = isProfile ? profile : random.shuffle(analytes).slice(0, random.between(3, 6));
    const padding = isProfile ? { padding: profilePadding } : {};
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
          panel: { order, status, issued: stated - hour / 2, results, ...padding },
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
    ...(panel?.padding === undefined ? [] : [`ZPD|${'0'.repeat(panel.padding)}`]),
  );
}
