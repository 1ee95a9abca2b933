/** NM, SN and reference ranges as Quantity, Ratio and Range. */
import type {
  CodeableConcept,
  Extension,
  ObservationComponent,
  ObservationReferenceRange,
  Quantity,
  Range,
  Ratio,
} from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import type { CodedValue } from '../engine/pack.js';
import { below, copy, copyOf, readText, report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import { findSegment } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { concept } from './coded-values.js';
import { parseDecimal, type Decimal } from './numbers.js';
import { untraced } from './shared-records.js';
import { upperCase } from '../../upper-case.js';

const UCUM = 'http://unitsofmeasure.org';
const PRECISION = 'http://hl7.org/fhir/StructureDefinition/quantity-precision';

type Units = ReadonlyMap<string, CodedValue>;
type Comparator = NonNullable<Quantity['comparator']>;

const COMPARATORS: ReadonlyMap<string, Comparator> = new Map([
  ['<', '<'],
  ['<=', '<='],
  ['=<', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['=>', '>='],
]);

/**
 * `quantity(Units)`: NM. A number that JSON cannot hold digit for digit, or a text where a number should be, makes no
 * quantity: `otherValue` then keeps the text. Trailing zeros, which say how exact a result is, become the precision
 * extension.
 */
export const quantity: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step) => {
    // Many laboratories send "<0.5" as NM.
    const sent = wholeText(step);
    const [, sign = '', digits = sent] = /^[<>=]/.test(sent) ? (SIGNED.exec(sent) ?? []) : [];
    const decimal = parseDecimal(digits);
    if (decimal === undefined) return undefined;
    const result: Quantity = {};
    setDecimal(result, decimal);
    trace(step, 'value');
    setComparator(step, result, sign, 0);
    copyUnit(step, result, units);
    return result;
  };
};

/** Sets the value of a quantity, and how exact it was written. */
export function setDecimal(target: Quantity, { value, precision }: Decimal): void {
  target.value = value;
  if (precision === undefined) return;
  const extension: Extension[] = [{ url: PRECISION, valueInteger: precision }];
  // FHIR writes what belongs to a primitive element beside it; the type has no place for it on Quantity.value.
  (target as Quantity & { _value?: { extension: Extension[] } })._value = { extension };
}

function setComparator(step: Step, target: Quantity, sign: string, component: number): void {
  const comparator = COMPARATORS.get(sign);
  if (comparator !== undefined) copyOf(step, target, 'comparator', comparator, component);
}

/** A comparator and what follows it. */
const SIGNED = /^([<>]=?|=[<>])?\s*(.*)$/;

/** What follows the caret of a power that should have been escaped: `9/L` of `10^9/L`, `2` of `kg/m^2`. */
const EXPONENT = /^-?\d{1,2}\s*(\/.*)?$/;

/** A unit whose carets the sender forgot to escape, as one text; undefined for a code with its name. */
export function powerUnit(step: Step): string | undefined {
  const first = textAt(step, 2);
  if (first === '' || !EXPONENT.test(first)) return undefined;
  const unit = textAt(step, 1);
  if (unit === '') return undefined;
  const second = textAt(step, 3);
  if (second === '') return `${unit}^${first}`;
  // `10^3/mm^3` has two.
  return EXPONENT.test(second) ? `${unit}^${first}^${second}` : undefined;
}

/** OBX-6 as it was sent, with the UCUM code where it is stated or known. */
function copyUnit(step: Step, target: Quantity, units: Units, path = ''): void {
  const node = findSegment(step.node, 'OBX');
  if (node === undefined) return;
  const element = path === '' ? step.element : `${step.element}.${path}`;
  const { run, draft, rule } = step;
  const at: Step = { run, node, field: 6, repetition: 1, component: 0, draft, element, rule };
  const power = powerUnit(at);
  const code = power ?? textAt(at, 1);
  if (power !== undefined) copyOf(at, target, 'unit', power, 0);
  else if (!copy(at, target, 'unit', 2) && !copy(at, target, 'unit', 1)) return;
  const isUcum = upperCase(textAt(at, 3)) === 'UCUM';
  const known = isUcum ? { code } : (units.get(code) ?? units.get(code.replace(/\s/g, '')));
  if (known !== undefined && /^\S+$/.test(known.code)) {
    target.system = UCUM;
    copyOf(at, target, 'code', known.code, power === undefined ? 1 : 0);
  }
  markField(node, 6, 1, { fate: 'mapped', rule: step.rule });
}

/** `structuredQuantity(Units)`: SN of a comparator and a number (`<^5`). */
export const structuredQuantity: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step) => {
    const decimal = parseDecimal(textAt(step, 2));
    const sign = textAt(step, 1);
    if (decimal === undefined || !isComparator(sign)) return undefined;
    const result: Quantity = {};
    setDecimal(result, decimal);
    trace(step, 'value', 2);
    setComparator(step, result, sign, 1);
    copyUnit(step, result, units);
    return result;
  };
};

/** Whether FHIR has a comparator for what SN.1 says; `=` is what is meant without one. */
const isComparator = (sign: string): boolean => sign === '' || sign === '=' || COMPARATORS.has(sign);

/** `structuredRatio(Units)`: SN as a titre (`^1^:^128`); one of another comparator than FHIR has is left to the text. */
export const structuredRatio: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): Ratio | undefined => {
    if (!isComparator(textAt(step, 1))) return undefined;
    const pair = readPair(step, units, 'numerator', 'denominator');
    if (pair === undefined) return undefined;
    setComparator(step, pair.first, textAt(step, 1), 1);
    return { numerator: pair.first, denominator: pair.second };
  };
};

/**
 * `quantityIfNumber(Units)`: a plain number whose type the sender does not say, or calls a text although it has a unit.
 */
export const quantityIfNumber: TransformFactory = (args, setting) => {
  const read = quantity(args, setting);
  return (step) => (parseDecimal(textAt(step, 1)) === undefined ? undefined : read(step));
};

/** `unitNote`: the unit of a value that could only be kept as text; without it the number means nothing. */
export const unitNote: TransformFactory = () => (step) => {
  const { resource } = step.draft;
  const unit = powerUnit(step) ?? (textAt(step, 1) || textAt(step, 2));
  if (resource['valueString'] === undefined || unit === '') return undefined;
  trace(step, 'text');
  return { text: `Unit: ${unit}` };
};

/**
 * `structuredRange(Units)`: SN as a range (`^10^-^20`). The limits of a Range have no comparator (FHIR R4 sqty-1), and
 * without it `>^10^-^20` would say something else: it is left to the text.
 */
export const structuredRange: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): Range | undefined => {
    const sign = textAt(step, 1);
    if (sign !== '' && sign !== '=') {
      report(step, 'HDE_HL7_DATA_TYPE', 'a comparator or a range, not both', 1);
      return undefined;
    }
    const pair = readPair(step, units, 'low', 'high');
    return pair === undefined ? undefined : { low: pair.first, high: pair.second };
  };
};

/** `numericRange(Units)`: NR, a range of two components. */
export const numericRange: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): Range | undefined => {
    const pair = readPair(step, units, 'low', 'high', [1, 2]);
    return pair === undefined ? undefined : { low: pair.first, high: pair.second };
  };
};

/** @param places components of both numbers: those of SN, unless it says so */
function readPair(
  step: Step,
  units: Units,
  first: string,
  second: string,
  places: readonly [number, number] = [2, 4],
) {
  const decimals = [parseDecimal(textAt(step, places[0])), parseDecimal(textAt(step, places[1]))] as const;
  if (decimals[0] === undefined || decimals[1] === undefined) return undefined;
  const pair: { first: Quantity; second: Quantity } = { first: {}, second: {} };
  setDecimal(pair.first, decimals[0]);
  setDecimal(pair.second, decimals[1]);
  trace(step, `${first}.value`, places[0]);
  trace(step, `${second}.value`, places[1]);
  copyUnit(step, pair.first, units, first);
  copyUnit(step, pair.second, units, second);
  return pair;
}

/** `referenceRange(Units)`: the text as sent, with its limits where they can be told (`3.5-5.0`, `<5`). */
export const referenceRange: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): ObservationReferenceRange | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    const result: ObservationReferenceRange = {};
    const [low, high] = limitsAt(step, text, units);
    for (const [key, limit] of [
      ['low', low],
      ['high', high],
    ] as const) {
      if (limit === undefined) continue;
      const side: Quantity = {};
      setDecimal(side, limit);
      trace(step, `${key}.value`);
      copyUnit(step, side, units, key);
      result[key] = side;
    }
    result.text = text;
    trace(step, 'text');
    return result;
  };
};

/** Some senders repeat the limits of the text in components of their own (`35-150^35^150`). */
function limitsAt(step: Step, text: string, units: Units): Limits {
  const isUnit = (unit: string) => unit === '' || units.has(unit) || unit === unitOf(step);
  const limits = limitsOf(text, isUnit);
  if (limits !== NO_LIMITS || textAt(step, 3) === '') return limits;
  const apart = [parseDecimal(textAt(step, 2)), parseDecimal(textAt(step, 3))] as const;
  return apart[0] === undefined || apart[1] === undefined ? limitsOf(textAt(step, 1), isUnit) : apart;
}

/** OBX-6 as it was sent. */
const unitOf = (step: Step): string => {
  const unit = { ...step, field: 6, repetition: 1, component: 0 };
  return (powerUnit(unit) ?? textAt(unit, 1)).replace(/\s/g, '');
};

type Limits = readonly [low: Decimal | undefined, high: Decimal | undefined];

const NO_LIMITS: Limits = [undefined, undefined];
const BOTH_LIMITS = /^[([]?\s*([-+]?[\d.]+)\s*(?:-|–|—|to)\s*([-+]?[\d.]+)\s*[)\]]?(.*)$/;
const ONE_LIMIT = /^([<>≤≥])=?\s*([-+]?[\d.]+)(.*)$/;

/**
 * Both limits of a range as people write it; a limit that cannot be told is undefined. What follows the numbers may
 * only be a unit: the numbers of `1-5 years: 3-4` are an age.
 */
function limitsOf(text: string, isUnit: (text: string) => boolean): Limits {
  const range = BOTH_LIMITS.exec(text);
  if (range !== null) {
    const [low, high] = [parseDecimal(range[1] ?? ''), parseDecimal(range[2] ?? '')];
    const isRange = low !== undefined && high !== undefined && low.value <= high.value;
    return isRange && isUnit(unitText(range[3])) ? [low, high] : NO_LIMITS;
  }
  const [, sign = '', number = '', rest] = ONE_LIMIT.exec(text) ?? [];
  const limit = parseDecimal(number);
  if (limit === undefined || !isUnit(unitText(rest))) return NO_LIMITS;
  return sign === '<' || sign === '≤' ? [undefined, limit] : [limit, undefined];
}

const unitText = (text = ''): string => text.replace(/\s/g, '');

/**
 * `componentValue(Units)`: one of several values of a result, with the code of the result: a number (NM), else a code.
 */
export const componentValue: TransformFactory = (args, setting) => {
  const readNumber = quantity(args, setting);
  const readConcept = concept([], setting);
  return (step): ObservationComponent | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    const { run, node, draft, rule } = step;
    const code = readConcept(
      untraced({ run, node, field: 3, repetition: 1, component: 0, draft, element: step.element, rule }),
    ) as CodeableConcept | undefined;
    const result: ObservationComponent = { code: code ?? { text: 'Not stated' } };
    const isNumber = readText(run.message, node.segment, 2, 1, 1) === 'NM';
    const value = isNumber ? readNumber(below(step, 'valueQuantity')) : undefined;
    if (value !== undefined) return { ...result, valueQuantity: value as Quantity };
    if (isNumber) {
      report(step, 'HDE_HL7_DATA_TYPE', 'a value of the data type that OBX-2 names');
      trace(step, 'valueString');
      return { ...result, valueString: text };
    }
    const stated = readConcept(below(step, 'valueCodeableConcept')) as CodeableConcept | undefined;
    return stated && { ...result, valueCodeableConcept: stated };
  };
};
