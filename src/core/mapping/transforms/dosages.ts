/** Dosage of what is ordered, dispensed or given: dose and rate, route and site, timing and instructions. */
import type {
  CodeableConcept,
  Dosage,
  DosageDoseAndRate,
  Duration,
  Quantity,
  TimingRepeat,
} from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory, TransformSetting } from '../engine/transform.js';
import { amountAt, compositeAmount, unitSetting, type UnitSetting } from './amounts.js';
import { sentConcept } from './coded-values.js';
import { partsOf } from './prescription-parts.js';
import { isAsNeeded, patternTiming, repeatOf, startOrEnd, timeOfDay, timeUnit } from './timings.js';

const UCUM = 'http://unitsofmeasure.org';

/** Where a segment states the parts of a dosage; 0 where it does not. */
interface DosageFields {
  readonly dose: number;
  readonly maximum: number;
  readonly unit: number;
  readonly instructions: number;
  readonly rate: number;
  readonly rateUnit: number;
  readonly daily: number;
  /** The timing of older versions (TQ). */
  readonly timing: number;
}

const FIELDS: Readonly<Record<string, DosageFields>> = {
  RXO: { dose: 2, maximum: 3, unit: 4, instructions: 7, rate: 23, rateUnit: 24, daily: 0, timing: 0 },
  RXE: { dose: 3, maximum: 4, unit: 5, instructions: 7, rate: 23, rateUnit: 24, daily: 19, timing: 1 },
  RXG: { dose: 5, maximum: 6, unit: 7, instructions: 13, rate: 15, rateUnit: 16, daily: 0, timing: 3 },
  RXD: { dose: 0, maximum: 0, unit: 0, instructions: 0, rate: 0, rateUnit: 0, daily: 12, timing: 0 },
};

interface Setting {
  readonly units: UnitSetting;
  readonly codeSystems: TransformSetting['codeSystems'];
}

/**
 * `dosages(Units)`: one dosage for each timing (TQ1, else the TQ of older versions) of the order, in their order; without
 * a timing one of dose, route and instructions. Nothing is calculated from the dose; what cannot be read is reported.
 */
export const dosages: TransformFactory = ([units = ''], setting) => {
  const used: Setting = { units: unitSetting(units, setting), codeSystems: setting.codeSystems };
  return (step): Dosage[] | undefined => {
    const fields = FIELDS[step.node.segment.name];
    if (fields === undefined) return undefined;
    const timings = timingsOf(step, fields);
    const count = Math.max(timings.length, 1);
    const result: Dosage[] = [];
    let sequence = 1;
    for (let index = 0; index < count; index++) {
      const dosage: Dosage = count === 1 ? {} : { sequence };
      const element = `${step.element}[${index}]`;
      fillDosage({ ...step, element }, dosage, fields, used);
      const timing = timings[index];
      if (timing !== undefined) {
        fillTiming({ ...timing, element }, dosage, used);
        if (!isAlongside({ ...timing, element }, count > 1)) sequence += 1;
      }
      if (Object.keys(dosage).length > (count === 1 ? 0 : 1)) result.push(dosage);
    }
    return result.length === 0 ? undefined : result;
  };
};

/** Whether the timing after this one goes on at the same time (TQ1-12 or TQ-9, table 0472), not after it. */
function isAlongside(timing: Step, isFollowed: boolean): boolean {
  if (timing.node.segment.name !== 'TQ1') return textAt({ ...timing, component: 9 }, 1) === 'A';
  const conjunction = at(timing, timing.node, 12);
  const code = textAt(conjunction, 1);
  if (isFollowed && (code === 'A' || code === 'S')) {
    trace(conjunction, 'sequence', 1);
    mark(conjunction);
  }
  return code === 'A';
}

/** The same rule at a field of another segment, for a part of the dosage. */
function at(step: Step, node: SegmentNode, field: number, part = '', repetition = 1): Step {
  const { run, draft, element, rule } = step;
  return {
    run,
    node,
    field,
    repetition,
    component: 0,
    draft,
    element: part === '' ? element : `${element}.${part}`,
    rule,
  };
}

const mark = (step: Step): void => {
  markField(step.node, step.field, step.repetition, { fate: 'mapped', rule: step.rule });
};

/** Timings of the segment or of its order, each as a step at TQ1 or at a repetition of TQ. */
function timingsOf(step: Step, fields: DosageFields): Step[] {
  const orc = findSegment(step.node, 'ORC');
  for (const node of [step.node, orc]) {
    const found = node?.children.filter(({ segment }) => segment.name === 'TQ1') ?? [];
    if (found.length > 0) return found.map((each) => at(step, each, 0));
  }
  const old = [
    fields.timing === 0 ? undefined : { node: step.node, field: fields.timing },
    { node: orc, field: 7 },
  ];
  for (const place of old) {
    const { node, field = 0 } = place ?? {};
    if (node?.segment.has(field) !== true) continue;
    return Array.from({ length: node.segment.repetitions(field) }, (_, index) =>
      at(step, node, field, '', index + 1),
    );
  }
  return [];
}

function fillDosage(step: Step, dosage: Dosage, fields: DosageFields, setting: Setting): void {
  const doseAndRate = doseAndRateOf(step, fields, setting);
  fillInstructions(step, dosage, fields, setting);
  fillRoutes(step, dosage, setting);
  if (doseAndRate !== undefined) dosage.doseAndRate = [doseAndRate];
  if (fields.daily === 0 || !step.node.segment.has(fields.daily)) return;
  const source = at(step, step.node, fields.daily, 'maxDosePerPeriod.numerator');
  const numerator = compositeAmount(source, setting.units);
  if (numerator === undefined) return;
  mark(source);
  dosage.maxDosePerPeriod = {
    numerator,
    denominator: { value: 1, unit: 'day', system: UCUM, code: 'd' },
  };
}

function doseAndRateOf(step: Step, fields: DosageFields, { units }: Setting): DosageDoseAndRate | undefined {
  const read = (field: number, unit: number, part: string): Quantity | undefined => {
    if (field === 0 || !step.node.segment.has(field)) return undefined;
    const source = at(step, step.node, field, `doseAndRate[0].${part}`);
    const value = amountAt(source, unit, units);
    if (value !== undefined) mark(source);
    return value;
  };
  const isRange = fields.maximum > 0 && step.node.segment.has(fields.maximum);
  const dose = read(fields.dose, fields.unit, isRange ? 'doseRange.low' : 'doseQuantity');
  const maximum = read(fields.maximum, fields.unit, 'doseRange.high');
  const rate = read(fields.rate, fields.rateUnit, 'rateQuantity');
  const result: DosageDoseAndRate = {};
  if (isRange && (dose !== undefined || maximum !== undefined)) {
    result.doseRange = { ...(dose && { low: dose }), ...(maximum && { high: maximum }) };
  } else if (dose !== undefined) result.doseQuantity = dose;
  if (rate !== undefined) result.rateQuantity = rate;
  return Object.keys(result).length === 0 ? undefined : result;
}

/** Instructions as they were written; coded ones as concepts too. */
function fillInstructions(
  step: Step,
  dosage: Dosage,
  { instructions }: DosageFields,
  setting: Setting,
): void {
  if (instructions === 0) return;
  const count = step.node.segment.repetitions(instructions);
  const texts: string[] = [];
  for (let repetition = 1; repetition <= count; repetition++) {
    const source = at(step, step.node, instructions, '', repetition);
    const component = [9, 2, 1].find((candidate) => textAt(source, candidate) !== '');
    if (component === undefined) continue;
    texts.push(textAt(source, component));
    trace(source, 'text', component);
    mark(source);
    if (component !== 1 && textAt(source, 1) !== '') addInstruction(source, dosage, setting);
  }
  if (texts.length > 0) dosage.text = texts.join('; ');
}

function addInstruction(source: Step, dosage: Dosage, { codeSystems }: Setting): void {
  const element = `${source.element}.additionalInstruction[${dosage.additionalInstruction?.length ?? 0}]`;
  const instruction = sentConcept({ ...source, element }, codeSystems);
  if (instruction === undefined) return;
  (dosage.additionalInstruction ??= []).push(instruction);
  mark(source);
}

/** RXR: the first route is that of the dosage; further ones are alternatives that whoever gives it chooses from. */
function fillRoutes(step: Step, dosage: Dosage, setting: Setting): void {
  const routes = partsOf(step.node, 'RXR');
  for (const node of routes) {
    const isFirst = node === routes[0];
    for (const [field, part] of [
      [1, 'route'],
      [2, 'site'],
      [4, 'method'],
    ] as const) {
      if (!node.segment.has(field)) continue;
      if (!isFirst) {
        addInstruction(at(step, node, field), dosage, setting);
        continue;
      }
      const source = at(step, node, field, part);
      const value: CodeableConcept | undefined = sentConcept(source, setting.codeSystems);
      if (value === undefined) continue;
      dosage[part] = value;
      mark(source);
    }
    for (const field of [3, 5, 6])
      if (node.segment.has(field)) addInstruction(at(step, node, field), dosage, setting);
  }
  if (routes[1] !== undefined)
    report(at(step, routes[1], 1), 'HDE_HL7_DATA_TYPE', 'one route for each order');
}

function fillTiming(step: Step, dosage: Dosage, setting: Setting): void {
  const isTq1 = step.node.segment.name === 'TQ1';
  const read = (field: number, component: number, part = ''): Step =>
    isTq1
      ? at(step, step.node, field, part)
      : { ...at(step, step.node, step.field, part, step.repetition), component };
  const pattern = read(3, 2);
  if (!isTq1) mark(step);
  fillPattern(pattern, dosage, isTq1);
  fillDoseOfTiming(step, isTq1, dosage, setting);
  const repeat: TimingRepeat = dosage.timing?.repeat ?? {};
  fillBounds(step, isTq1, repeat);
  if (isTq1) fillTimingDetails(step, dosage, repeat, setting);
  if (Object.keys(repeat).length > 0) dosage.timing = { ...dosage.timing, repeat };
  const priority = read(9, 6);
  if (isAsNeeded(textAt(priority, 1))) {
    dosage.asNeededBoolean = true;
    trace(priority, 'asNeededBoolean', 1);
    mark(priority);
  }
}

function fillPattern(source: Step, dosage: Dosage, isTq1: boolean): void {
  const code = isTq1 ? textAt(source, 1, 1) : textAt(source, 1);
  const description = isTq1 ? textAt(source, 1, 2) : '';
  if (code !== '') dosage.timing = patternTiming(source, code, description);
  if (isAsNeeded(code)) {
    dosage.asNeededBoolean = true;
    trace(source, 'asNeededBoolean');
  }
  if (!isTq1) return;
  const repeat: TimingRepeat = dosage.timing?.repeat ?? {};
  repeatOf(source, repeat);
  if (Object.keys(repeat).length > 0) dosage.timing = { ...dosage.timing, repeat };
  if (dosage.timing !== undefined) mark(source);
}

/**
 * The amount of TQ1-2 (TQ-1): the dose where the order states no other. Beside another it is an instruction: two doses
 * would be one too many.
 */
function fillDoseOfTiming(step: Step, isTq1: boolean, dosage: Dosage, { units }: Setting): void {
  const isOther = dosage.doseAndRate !== undefined;
  const part = isOther
    ? `additionalInstruction[${dosage.additionalInstruction?.length ?? 0}].text`
    : 'doseAndRate[0].doseQuantity';
  const source = isTq1
    ? at(step, step.node, 2, part)
    : at(step, step.node, step.field, part, step.repetition);
  const sent = textAt(source, 1);
  const isPlainNumber = /^[\d.]+$/.test(isTq1 ? sent : textAt({ ...source, component: 1 }, 1));
  if (!isPlainNumber) return;
  if (isOther) {
    addAmount(source, isTq1, dosage);
    return;
  }
  const value = isTq1 ? compositeAmount(source, units) : compositeAmountWithin(source, units);
  if (value === undefined) return;
  dosage.doseAndRate = [{ doseQuantity: value }];
  mark(source);
}

function addAmount(source: Step, isTq1: boolean, dosage: Dosage): void {
  const within = isTq1 ? source : { ...source, component: 1 };
  const parts = [textAt(within, 1), textAt(within, 2), 'per administration'].filter((part) => part !== '');
  if (contradicts(within, dosage)) report(within, 'HDE_HL7_DATA_TYPE', 'the dose that the order states', 1);
  trace(source, '');
  (dosage.additionalInstruction ??= []).push({ text: parts.join(' ') });
  mark(source);
}

/** Whether an amount is another number of the very unit of the dose; other units, such as tablets, may mean the same. */
function contradicts(amount: Step, { doseAndRate }: Dosage): boolean {
  const dose = doseAndRate?.[0]?.doseQuantity;
  if (dose === undefined) return false;
  const unit = textAt(amount, 2);
  const isSameUnit = unit === (dose.unit ?? '') || (unit !== '' && unit === dose.code);
  return isSameUnit && Number(textAt(amount, 1)) !== dose.value;
}

/** TQ-1 is a CQ within a component: its unit cannot be split further. */
function compositeAmountWithin(source: Step, units: UnitSetting): Quantity | undefined {
  const value = amountAt({ ...source, component: 1 }, Number.MAX_SAFE_INTEGER, units);
  const unit = textAt({ ...source, component: 1 }, 2);
  return value === undefined || unit === '' ? value : { ...value, unit };
}

function fillBounds(step: Step, isTq1: boolean, repeat: TimingRepeat): void {
  const [start, end] = isTq1
    ? [at(step, step.node, 7), at(step, step.node, 8)]
    : [
        { ...step, component: 4 },
        { ...step, component: 5 },
      ];
  const period = { start: startOrEnd(start, 'start'), end: startOrEnd(end, 'end') };
  if (period.start === undefined && period.end === undefined) return;
  repeat.boundsPeriod = {
    ...(period.start === undefined ? {} : { start: period.start }),
    ...(period.end === undefined ? {} : { end: period.end }),
  };
  if (!isTq1) return;
  if (period.start !== undefined) mark(start);
  if (period.end !== undefined) mark(end);
}

function fillTimingDetails(step: Step, dosage: Dosage, repeat: TimingRepeat, setting: Setting): void {
  fillTimesOfDay(step, repeat);
  fillDuration(step, dosage, repeat, setting);
  const count = at(step, step.node, 14, 'timing.repeat.count');
  if (/^0*[1-9]\d{0,8}$/.test(textAt(count, 1))) {
    repeat.count = Number(textAt(count, 1));
    trace(count, '', 1);
    mark(count);
  }
  const each = at(step, step.node, 13, 'timing.repeat.duration');
  const unit = timeUnit(textAt({ ...each, component: 2 }, 1));
  const length = Number(textAt(each, 1) || NaN);
  if (unit !== undefined && length > 0) {
    repeat.duration = length;
    repeat.durationUnit = unit;
    trace(each, '', 1);
    mark(each);
  }
  const condition = at(step, step.node, 10);
  if (step.node.segment.has(10)) addInstruction(condition, dosage, setting);
  const text = at(step, step.node, 11);
  const sent = wholeText(text);
  if (sent === '') return;
  dosage.text = dosage.text === undefined ? sent : `${dosage.text}; ${sent}`;
  trace(text, 'text');
  mark(text);
}

/** TQ1-4. FHIR allows either times of day or events such as meals. */
function fillTimesOfDay(step: Step, repeat: TimingRepeat): void {
  if (repeat.when !== undefined) return;
  const count = step.node.segment.repetitions(4);
  for (let repetition = 1; repetition <= count; repetition++) {
    const source = at(step, step.node, 4, '', repetition);
    const time = timeOfDay(source);
    if (time === undefined) continue;
    const list = (repeat.timeOfDay ??= []);
    trace(source, `timing.repeat.timeOfDay[${list.length}]`, 1);
    list.push(time);
    mark(source);
  }
}

/** TQ1-6, how long the order lasts: as bounds, and as an instruction where start or end are the bounds. */
function fillDuration(step: Step, dosage: Dosage, repeat: TimingRepeat, { units }: Setting): void {
  if (!step.node.segment.has(6)) return;
  if (repeat.boundsPeriod === undefined) {
    const source = at(step, step.node, 6, 'timing.repeat.boundsDuration');
    const duration: Duration | undefined = compositeAmount(source, units);
    if (duration === undefined) return;
    mark(source);
    const code = timeUnit(duration.unit ?? '');
    repeat.boundsDuration = code === undefined ? duration : { ...duration, system: UCUM, code };
    return;
  }
  const source = at(step, step.node, 6);
  const unit = { ...source, component: 2 };
  const words = [textAt(source, 1), textAt(unit, 2) || textAt(unit, 1)].filter((word) => word !== '');
  if (words.length === 0) return;
  const list = (dosage.additionalInstruction ??= []);
  trace(source, `additionalInstruction[${list.length}].text`);
  list.push({ text: `For ${words.join(' ')}` });
  mark(source);
}
