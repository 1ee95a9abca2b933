/** What the laboratory sends about one person: numeric panels, cultures and narrative reports (ORU^R01). */
import type { ZoneStyle } from './calendar.js';
import { components, escapeText } from './hl7.js';
import {
  HISTOLOGY,
  measure,
  NO_GROWTH,
  ORGANISMS,
  URINE_CULTURE,
  writeHistologyReport,
  type NumericResult,
  type Panel,
} from './laboratory.js';
import type { Hl7Version, OddityKind, Visit } from './model.js';
import { briefPid, coded, nte, obr, obx, orc, pv1, type Order, type Result } from './segments.js';
import type { Timeline } from './timeline.js';

interface ReportOptions {
  readonly version?: Hl7Version;
  readonly oddity?: OddityKind;
  readonly comment?: string;
}

function placeOrder(
  timeline: Timeline,
  visit: Visit | undefined,
  test: Pick<Order, 'test' | 'section' | 'specimen'>,
  zone: ZoneStyle,
): Order {
  const { person, now } = timeline;
  return {
    ...test,
    placerNumber: timeline.nextNumber('ORD'),
    fillerNumber: timeline.nextNumber('LAB'),
    collectedAt: now,
    receivedAt: now,
    reportedAt: now,
    status: 'F',
    requester: visit?.consultant ?? person.gp,
    requesterAuthority: visit === undefined ? 'GMP' : 'GMC',
    zone,
  };
}

function sendReport(
  timeline: Timeline,
  visit: Visit | undefined,
  order: Order,
  results: readonly Result[],
  { comment, ...options }: ReportOptions,
): void {
  const { person } = timeline;
  timeline.send(
    'ORU^R01',
    [
      briefPid(person),
      ...(visit === undefined ? [] : [pv1(visit, person.gp)]),
      orc(order),
      obr(order),
      ...(comment === undefined ? [] : [nte(0, comment)]),
      ...results.map((result, index) => obx(result, index, order)),
    ],
    options,
  );
}

function numeric({ analyte, value, belowLimit, flag }: NumericResult, status: Result['status']): Result {
  return {
    // Below the limit of the method the result is a structured number: `<^1` (HL7 v2.4 section 2.9.41).
    type: belowLimit ? 'SN' : 'NM',
    test: analyte,
    value: belowLimit ? components('<', value) : value,
    unit: analyte.unit,
    range: `${analyte.low} - ${analyte.high}`,
    flag,
    status,
  };
}

/** The values that a haemolysed specimen first showed, and what the laboratory corrects them to. */
function corrected(results: readonly NumericResult[]): readonly NumericResult[] {
  return results.map((result) =>
    result.analyte.code === 'K' ? { ...result, value: '4.4', belowLimit: false, flag: '' } : result,
  );
}

/** Takes blood, waits for the laboratory and reports the panel; sometimes with a correction an hour later. */
export function reportPanel(
  timeline: Timeline,
  panel: Panel,
  visit: Visit | undefined,
  withCorrection = false,
): void {
  const { random } = timeline;
  const taken = placeOrder(timeline, visit, { test: panel, ...panel }, 'local');
  timeline.wait(8, 20);
  const receivedAt = timeline.now;
  timeline.wait(15, 45);
  const order = { ...taken, receivedAt, reportedAt: timeline.now };
  const measured = panel.analytes.map((analyte) => measure(analyte, random));
  const abnormal = measured.some(({ flag }) => flag === 'HH' || flag === 'LL');
  const results = measured.map((result) => numeric(result, 'F'));
  const comment = abnormal ? 'Telephoned to the requesting ward: please repeat.' : undefined;
  sendReport(timeline, visit, order, results, comment === undefined ? {} : { comment });
  if (!withCorrection) return;
  timeline.wait(40, 80);
  sendReport(
    timeline,
    visit,
    { ...order, reportedAt: timeline.now, status: 'C' },
    corrected(measured).map((result) => numeric(result, result.analyte.code === 'K' ? 'C' : 'F')),
    { oddity: 'corrected', comment: 'Corrected report: the first specimen was haemolysed.' },
  );
}

const URINE = { code: 'UR', text: 'Urine', system: 'HL70070' };
const TISSUE = { code: 'TISS', text: 'Tissue', system: 'HL70070' };
const COLONY_COUNT = { code: 'COUNT', name: 'Colony count', loinc: '19091-8' };
const COMMENT = { code: 'UCOM', name: 'Microbiology comment', loinc: '48767-8' };

/** Reports a urine culture: first what the microscope shows, later what grew (the laboratory sends HL7 2.5.1). */
export function reportCulture(timeline: Timeline, visit: Visit | undefined): void {
  const { random } = timeline;
  const test = { test: URINE_CULTURE, section: 'MB', specimen: URINE };
  const taken = placeOrder(timeline, visit, test, 'offset');
  timeline.wait(20, 60);
  const preliminary: Order = { ...taken, receivedAt: timeline.now, reportedAt: timeline.now, status: 'P' };
  const comment = (text: string, status: Result['status']): Result => ({
    type: 'TX',
    test: COMMENT,
    value: escapeText(text),
    status,
  });
  sendReport(
    timeline,
    visit,
    preliminary,
    [comment('White cells seen on microscopy; culture to follow.', 'P')],
    {
      version: '2.5.1',
    },
  );
  timeline.wait(120, 240);
  const grows = random.chance(0.7);
  const results: readonly Result[] = [
    {
      type: 'CE',
      test: URINE_CULTURE,
      value: coded(grows ? random.pick(ORGANISMS) : NO_GROWTH),
      flag: grows ? 'A' : '',
      status: 'F',
    },
    {
      type: 'ST',
      test: COLONY_COUNT,
      value: escapeText(grows ? '> 10^5 CFU/mL' : '< 10^4 CFU/mL'),
      status: 'F',
    },
    comment(grows ? 'Sensitive to nitrofurantoin & trimethoprim.' : 'No significant growth.', 'F'),
  ];
  const final: Order = { ...preliminary, reportedAt: timeline.now, status: 'F' };
  sendReport(timeline, visit, final, results, { version: '2.5.1', oddity: 'escaped' });
}

/** Reports on tissue in thousands of characters of formatted text. */
export function reportHistology(timeline: Timeline, visit: Visit): void {
  const taken = placeOrder(timeline, visit, { test: HISTOLOGY, section: 'SP', specimen: TISSUE }, 'local');
  timeline.wait(150, 240);
  const order = { ...taken, receivedAt: timeline.now, reportedAt: timeline.now };
  const text = escapeText(writeHistologyReport(timeline.random));
  sendReport(timeline, visit, order, [{ type: 'FT', test: HISTOLOGY, value: text, status: 'F' }], {
    oddity: 'long-text',
  });
}
