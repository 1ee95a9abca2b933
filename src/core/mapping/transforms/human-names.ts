/** XPN and the name in XCN as HumanName. */
import type { Extension, HumanName } from 'fhir/r4.js';
import { append, copy, copyOf, textAt, trace, type Step } from '../engine/run.js';
import type { CodedValue } from '../engine/pack.js';
import type { TransformFactory } from '../engine/transform.js';
import { copyPeriod } from './simple-values.js';

/** Which component holds what; the two data types differ only in that. */
interface NameComponents {
  readonly family: number;
  readonly given: readonly number[];
  readonly suffixes: readonly number[];
  readonly prefix: number;
  readonly type: number;
  /** When the name was in use; XCN has it too, but nobody dates the names of staff. */
  readonly period?: readonly [number, number];
}

const XPN: NameComponents = {
  family: 1,
  given: [2, 3],
  suffixes: [4, 6, 14],
  prefix: 5,
  type: 7,
  period: [12, 13],
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
  if (Object.keys(name).length === 0) return undefined;
  const use = uses.get(textAt(step, at.type).toUpperCase())?.code;
  if (use !== undefined) copyOf(step, name, 'use', use, at.type);
  if (at.period !== undefined) copyPeriod(step, name, at.period);
  return name;
}

function copyFamily(step: Step, name: HumanName, component: number): void {
  if (!copy(step, name, 'family', component, 1)) return;
  const extension: Extension[] = [];
  for (const [subcomponent, url] of FAMILY_PARTS) {
    const valueString = textAt(step, component, subcomponent);
    if (valueString === '') continue;
    trace(step, `family.extension[${extension.length}].valueString`, component, subcomponent);
    extension.push({ url: `http://hl7.org/fhir/StructureDefinition/${url}`, valueString });
  }
  if (extension.length > 0) name._family = { extension };
}

/** A name on one line: `Dr Amira Khan`. */
export function displayOf({ prefix = [], given = [], family }: HumanName): string {
  return [...prefix, ...given, ...(family === undefined ? [] : [family])].join(' ');
}
