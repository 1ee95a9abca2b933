/** When a dose is taken: each TQ1 of an order, or TQ of older versions, as the timing of a dosage. */
import type { Dosage, Duration, TimingRepeat } from 'fhir/r4.js';
import { report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import { findSegment } from '../engine/segment-tree.js';
import { compositeAmount } from './amounts.js';
import { addInstruction, addWords, at, mark, UCUM, type DosageSetting } from './dosage-parts.js';
import { toFhirTime } from '../times/hl7-time.js';
import { isAsNeeded, patternTiming, repeatOf, startOrEnd, timeOfDay, timeUnit } from './timings.js';

/**
 * Timings of the segment or of its order, each as a step at TQ1 or at a repetition of TQ.
 *
 * @param field of the segment that holds the timing of older versions; 0 for none
 */
export function timingsOf(step: Step, field: number): Step[] {
  const orc = findSegment(step.node, 'ORC');
  for (const node of [step.node, orc]) {
    const found = node?.children.filter(({ segment }) => segment.name === 'TQ1') ?? [];
    if (found.length > 0) return found.map((each) => at(step, each, 0));
  }
  const places = [
    { node: step.node, place: field },
    { node: orc, place: 7 },
  ];
  for (const { node, place } of places) {
    if (node === undefined || place === 0 || !node.segment.has(place)) continue;
    return Array.from({ length: node.segment.repetitions(place) }, (_, index) =>
      at(step, node, place, '', index + 1),
    );
  }
  return [];
}

/** Whether the timing after this one goes on at the same time (TQ1-12 or TQ-9, table 0472), not after it. */
export function isAlongside(timing: Step, isFollowed: boolean): boolean {
  if (timing.node.segment.name !== 'TQ1') return textAt({ ...timing, component: 9 }, 1) === 'A';
  const conjunction = at(timing, timing.node, 12);
  const code = textAt(conjunction, 1);
  if (isFollowed && (code === 'A' || code === 'S')) {
    trace(conjunction, 'sequence', 1);
    mark(conjunction);
  }
  return code === 'A';
}

/** Adds what a timing says to a dosage. */
export function fillTiming(step: Step, dosage: Dosage, setting: DosageSetting): void {
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
  else fillOldDetails(step, dosage, repeat);
  if (Object.keys(repeat).length > 0) dosage.timing = { ...dosage.timing, repeat };
  const priority = read(9, 6);
  if (isAsNeeded(textAt(priority, 1))) {
    dosage.asNeededBoolean = true;
    trace(priority, 'asNeededBoolean', 1);
    mark(priority);
  }
}

function fillPattern(source: Step, dosage: Dosage, isTq1: boolean): void {
  if (isTq1 && source.node.segment.repetitions(source.field) > 1) {
    fillPatterns(source, dosage);
    return;
  }
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

/** Several patterns of one timing (`QAM~QHS`) are told in words: the first alone would be another frequency. */
function fillPatterns(source: Step, dosage: Dosage): void {
  const texts: string[] = [];
  for (let repetition = 1; repetition <= source.node.segment.repetitions(source.field); repetition++) {
    const pattern = { ...source, repetition };
    const text = patternWords(pattern);
    if (text === '') continue;
    texts.push(text);
    trace(pattern, 'timing.code.text');
    mark(pattern);
  }
  if (texts.length > 0) dosage.timing = { code: { text: texts.join('; ') } };
}

/** A pattern (RPT) by its name or code, else by its period or event. */
function patternWords(pattern: Step): string {
  const named = textAt(pattern, 1, 2) || textAt(pattern, 1, 1);
  if (named !== '') return named;
  const period = textAt(pattern, 5);
  return period === '' ? textAt(pattern, 8) : `every ${period} ${textAt(pattern, 6)}`.trimEnd();
}

/**
 * The amount of TQ1-2 (TQ-1): the dose where the order states no other. Beside another it is an instruction: two doses
 * would be one too many.
 */
function fillDoseOfTiming(step: Step, isTq1: boolean, dosage: Dosage, { units }: DosageSetting): void {
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
  const value = compositeAmount(isTq1 ? source : { ...source, component: 1 }, units);
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

function fillTimingDetails(step: Step, dosage: Dosage, repeat: TimingRepeat, setting: DosageSetting): void {
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
  if (addText(at(step, step.node, 11), dosage)) mark(at(step, step.node, 11));
}

/** Adds a text to that of a dosage. @returns whether there was any */
function addText(source: Step, dosage: Dosage): boolean {
  const sent = wholeText(source);
  if (sent === '') return false;
  dosage.text = dosage.text === undefined ? sent : `${dosage.text}; ${sent}`;
  trace(source, 'text');
  return true;
}

/** Units of time before a number (HL7 v2.5.1 section 2.A.81, TQ-3) as FHIR codes them and people call them. */
const LASTING: Readonly<Record<string, readonly [code: string, words: string]>> = {
  S: ['s', 'seconds'],
  M: ['min', 'minutes'],
  H: ['h', 'hours'],
  D: ['d', 'days'],
  W: ['wk', 'weeks'],
  L: ['mo', 'months'],
};

/** `D7`: seven days; undefined for what is no such time. */
export function lastingOf(
  text: string,
): { value: number; code: string; unit: string; words: string } | undefined {
  const [, letter = '', digits = ''] = /^([A-Z])0*([1-9]\d{0,5})$/.exec(text.toUpperCase()) ?? [];
  const [code, unit] = LASTING[letter] ?? [];
  if (code === undefined || unit === undefined) return undefined;
  return { value: Number(digits), code, unit, words: `${digits} ${unit}` };
}

/** What TQ says beside dose, interval and bounds: times, duration, condition, text and how many times. */
function fillOldDetails(step: Step, dosage: Dosage, repeat: TimingRepeat): void {
  const part = (component: number): Step => ({ ...step, component });
  fillOldTimes(part(2), dosage, repeat);
  fillOldDuration(part(3), dosage, repeat);
  const condition = wholeText(part(7));
  if (condition !== '') addWords(part(7), condition, dosage);
  addText(part(8), dosage);
  const count = textAt(part(12), 1);
  if (repeat.count !== undefined || !/^0*[1-9]\d{0,8}$/.test(count)) return;
  repeat.count = Number(count);
  trace(part(12), 'timing.repeat.count');
}

/** The explicit times of TQ-2 (RI-2), between commas. */
function fillOldTimes(source: Step, dosage: Dosage, repeat: TimingRepeat): void {
  const sent = textAt(source, 2);
  if (sent === '') return;
  const times = sent.split(',').map((time) => toFhirTime(time.trim()));
  if (times.every((time) => time !== undefined)) {
    repeat.timeOfDay = times;
    trace(source, 'timing.repeat.timeOfDay', 2);
  } else addWords(source, `At ${sent}`, dosage);
}

/** TQ-3: `D7` as bounds, `X3` as a count; all else, or beside other bounds, in words. */
function fillOldDuration(source: Step, dosage: Dosage, repeat: TimingRepeat): void {
  const sent = wholeText(source);
  const lasting = lastingOf(sent);
  const [, count] = /^X0*([1-9]\d{0,5})$/i.exec(sent) ?? [];
  if (count !== undefined) {
    repeat.count = Number(count);
    trace(source, 'timing.repeat.count');
  } else if (lasting !== undefined && repeat.boundsPeriod === undefined) {
    const { value, unit, code } = lasting;
    repeat.boundsDuration = { value, unit, system: UCUM, code };
    trace(source, 'timing.repeat.boundsDuration.value');
  } else if (sent !== '')
    addWords(source, lasting === undefined ? `Duration: ${sent}` : `For ${lasting.words}`, dosage);
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
function fillDuration(step: Step, dosage: Dosage, repeat: TimingRepeat, { units }: DosageSetting): void {
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
  addWords(source, `For ${words.join(' ')}`, dosage);
  mark(source);
}
