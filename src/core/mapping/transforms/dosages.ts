/** Dosage of what is ordered, dispensed or given: dose and rate, route and site, timing and instructions. */
import type { CodeableConcept, Dosage, DosageDoseAndRate, Quantity } from 'fhir/r4.js';
import { report, textAt, trace, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { amountAt, compositeAmount, unitSetting } from './amounts.js';
import { sentConcept } from './coded-values.js';
import { addInstruction, addWords, at, mark, UCUM, type DosageSetting } from './dosage-parts.js';
import { fillTiming, isAlongside, lastingOf, timingsOf } from './dosage-timings.js';
import { partsOf } from './prescription-parts.js';

/** Where a segment states the parts of a dosage; 0 where it does not. */
interface DosageFields {
  readonly dose: number;
  readonly maximum: number;
  readonly unit: number;
  readonly instructions: number;
  readonly rate: number;
  readonly rateUnit: number;
  readonly daily: number;
  /** The unit of time in which the dose is given. */
  readonly per: number;
  /** The timing of older versions (TQ). */
  readonly timing: number;
}

const FIELDS: Readonly<Record<string, DosageFields>> = {
  RXO: {
    dose: 2,
    maximum: 3,
    unit: 4,
    instructions: 7,
    rate: 21,
    rateUnit: 22,
    daily: 23,
    per: 17,
    timing: 0,
  },
  RXE: {
    dose: 3,
    maximum: 4,
    unit: 5,
    instructions: 7,
    rate: 23,
    rateUnit: 24,
    daily: 19,
    per: 22,
    timing: 1,
  },
  RXG: {
    dose: 5,
    maximum: 6,
    unit: 7,
    instructions: 13,
    rate: 15,
    rateUnit: 16,
    daily: 0,
    per: 14,
    timing: 3,
  },
  RXD: { dose: 0, maximum: 0, unit: 0, instructions: 0, rate: 0, rateUnit: 0, daily: 12, per: 0, timing: 0 },
};

/**
 * `dosages(Units)`: one dosage for each timing (TQ1, else the TQ of older versions) of the order, in their order; without
 * a timing one of dose, route and instructions. Nothing is calculated from the dose; what cannot be read is reported.
 */
export const dosages: TransformFactory = ([units = ''], setting) => {
  const used: DosageSetting = { units: unitSetting(units, setting), codeSystems: setting.codeSystems };
  return (step): Dosage[] | undefined => {
    const fields = FIELDS[step.node.segment.name];
    if (fields === undefined) return undefined;
    const timings = timingsOf(step, fields.timing);
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

function fillDosage(step: Step, dosage: Dosage, fields: DosageFields, setting: DosageSetting): void {
  const doseAndRate = doseAndRateOf(step, dosage, fields, setting);
  fillInstructions(step, dosage, fields, setting);
  fillRoutes(step, dosage, setting);
  if (doseAndRate !== undefined) dosage.doseAndRate = [doseAndRate];
  if (fields.per > 0) addPer(at(step, step.node, fields.per), dosage);
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

function doseAndRateOf(
  step: Step,
  dosage: Dosage,
  fields: DosageFields,
  { units }: DosageSetting,
): DosageDoseAndRate | undefined {
  const read = (field: number, unit: number, part: string): Quantity | undefined => {
    if (field === 0 || !step.node.segment.has(field)) return undefined;
    const source = at(step, step.node, field, `doseAndRate[0].${part}`);
    const value = amountAt(source, unit, units);
    if (value !== undefined) mark(source);
    else addUnread(at(step, step.node, field), unit, part === 'rateQuantity' ? 'Rate' : 'Dose', dosage);
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

/** In which time the dose is given (`H1`), in words: FHIR would have a rate, which nobody stated. */
function addPer(source: Step, dosage: Dosage): void {
  const sent = textAt(source, 1);
  if (sent === '') return;
  const lasting = lastingOf(sent);
  addWords(source, `Give per ${lasting === undefined ? sent : lasting.words}`, dosage);
  mark(source);
}

/** What stands for a dose or a rate and is no number (`1-2`) is kept in words, with its unit. */
function addUnread(source: Step, unitField: number, label: string, dosage: Dosage): void {
  const sent = textAt(source, 1);
  if (sent === '') return;
  const unit = at(source, source.node, unitField);
  const unitText = textAt(unit, 2) || textAt(unit, 1);
  addWords(source, `${label}: ${sent} ${unitText}`.trimEnd(), dosage);
  mark(source);
  if (unitText !== '') mark(unit);
}

/** Instructions as they were written; coded ones as concepts too. */
function fillInstructions(
  step: Step,
  dosage: Dosage,
  { instructions }: DosageFields,
  setting: DosageSetting,
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

/** RXR: the first route is that of the dosage; further ones are alternatives that whoever gives it chooses from. */
function fillRoutes(step: Step, dosage: Dosage, setting: DosageSetting): void {
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
