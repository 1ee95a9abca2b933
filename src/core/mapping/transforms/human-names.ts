/** XPN and the name in XCN as HumanName. */
import type { Extension, HumanName } from 'fhir/r4.js';
import { append, copy, copyOf, textAt, trace, type Step } from '../engine/run.js';
import type { CodedValue } from '../engine/pack.js';
import type { TransformFactory } from '../engine/transform.js';
import { untraced } from './shared-records.js';
import { copyPeriod, copyRange } from './simple-values.js';
import { upperCase } from '../../upper-case.js';

/** Which component holds what; the two data types differ only in that. */
interface NameComponents {
  readonly family: number;
  readonly given: readonly number[];
  readonly suffixes: readonly number[];
  readonly prefix: number;
  readonly type: number;
  /** When the name was in use; XCN has it too, but nobody dates the names of staff. */
  readonly period?: readonly [number, number];
  /** The same as one component (DR), before version 2.5. */
  readonly range?: number;
}

const XPN: NameComponents = {
  family: 1,
  given: [2, 3],
  suffixes: [4, 6, 14],
  prefix: 5,
  type: 7,
  period: [12, 13],
  range: 10,
};
const XCN: NameComponents = { family: 2, given: [3, 4], suffixes: [5, 21], prefix: 6, type: 10 };

/** The parts of a surname (FN) beside the surname itself, as HL7's extensions to `family`. */
const FAMILY_PARTS: readonly (readonly [number, string])[] = [
  [2, 'humanname-own-prefix'],
  [3, 'humanname-own-name'],
  [4, 'humanname-partner-prefix'],
  [5, 'humanname-partner-name'],
];

/**
 * `humanName(NameUse)`, `humanName(NameUse, official)`: XPN. The second argument is the use of a first name without a
 * type, which the standard takes for the legal name (HL7 v2.5.1 section 3.4.2.5).
 */
export const humanName: TransformFactory = ([tableName = '', defaultUse], setting) => {
  const uses = setting.table(tableName);
  return (step) => {
    const name = readName(step, XPN, uses);
    if (name === undefined || name.use !== undefined || defaultUse === undefined) return name;
    const isUntypedFirst = step.repetition === 1 && textAt(step, XPN.type) === '';
    return isUntypedFirst ? { use: defaultUse, ...name } : name;
  };
};

/** `calledBy`: what the person likes to be called (XPN-15). */
export const calledBy: TransformFactory = () => (step) => {
  const given = textAt(step, 1);
  if (given === '') return undefined;
  trace(step, 'given[0]', 1);
  return { use: 'nickname', given: [given] };
};

/** `nameText`: XPN on one line; the family name alone where nothing else is asked for (`nameText(family)`). */
export const nameText: TransformFactory = ([part]) => {
  const nothing = new Map<string, CodedValue>();
  return (step) => {
    if (part === 'family') return textAt(step, 1, 1) || textAt(step, 1) || undefined;
    return displayOf(readName(untraced(step), XPN, nothing) ?? {}) || undefined;
  };
};

/** The name of a member of staff (XCN). */
export function staffName(step: Step, uses: ReadonlyMap<string, CodedValue>): HumanName | undefined {
  return readName(step, XCN, uses);
}

function readName(
  step: Step,
  at: NameComponents,
  uses: ReadonlyMap<string, CodedValue>,
): HumanName | undefined {
  const name: HumanName = {};
  copyFamily(step, name, at.family);
  for (const component of at.given) append(step, name, 'given', component);
  append(step, name, 'prefix', at.prefix);
  for (const component of at.suffixes) append(step, name, 'suffix', component);
  if (isNameless(name)) return undefined;
  const use = uses.get(upperCase(textAt(step, at.type)))?.code;
  if (use !== undefined) copyOf(step, name, 'use', use, at.type);
  if (at.period !== undefined) copyPeriod(step, name, at.period);
  if (at.range !== undefined && name.period === undefined) copyRange(step, name, at.range);
  return name;
}

const isNameless = ({ family, given, prefix, suffix }: HumanName): boolean =>
  family === undefined && given === undefined && prefix === undefined && suffix === undefined;

function copyFamily(step: Step, name: HumanName, component: number): void {
  if (!copy(step, name, 'family', component, 1) && !copyOwnFamily(step, name, component)) return;
  // The whole component beyond its first part: mostly nothing.
  if (textAt(step, component) === name.family) return;
  const extension: Extension[] = [];
  for (const [subcomponent, url] of FAMILY_PARTS) {
    const valueString = textAt(step, component, subcomponent);
    if (valueString === '') continue;
    trace(step, `family.extension[${extension.length}].valueString`, component, subcomponent);
    extension.push({ url: `http://hl7.org/fhir/StructureDefinition/${url}`, valueString });
  }
  if (extension.length > 0) name._family = { extension };
}

/** Some senders fill only the parts: `&van der&Berg`. */
function copyOwnFamily(step: Step, name: HumanName, component: number): boolean {
  const own = textAt(step, component, 3);
  if (own === '') return false;
  name.family = appendWord(textAt(step, component, 2), own);
  trace(step, 'family', component, 3);
  return true;
}

/** A name on one line: `Dr Amira Khan`. */
export function displayOf({ prefix = [], given = [], family }: HumanName): string {
  let display = '';
  for (const part of prefix) display = appendWord(display, part);
  for (const part of given) display = appendWord(display, part);
  return family === undefined ? display : appendWord(display, family);
}

const appendWord = (text: string, word: string): string => (text === '' ? word : `${text} ${word}`);
