/** NM, SN and reference ranges as Quantity, Ratio and Range. */
import type { Extension, ObservationReferenceRange, Quantity, Range, Ratio } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import type { CodedValue } from '../engine/pack.js';
import { copy, copyOf, textAt, trace, wholeText, type Step } from '../engine/run.js';
import { findSegment } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { parseDecimal, type Decimal } from './numbers.js';

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
    const [, sign = '', digits = ''] = /^([<>]=?|=[<>])?\s*(.*)$/.exec(wholeText(step)) ?? [];
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

function setDecimal(target: Quantity, { value, precision }: Decimal): void {
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

/** `10^9/L` with the caret that should have been escaped. */
const POWER_OF_TEN = /^x?10$/i;

/** OBX-6 as it was sent, with the UCUM code where it is stated or known. */
function copyUnit(step: Step, target: Quantity, units: Units, path = ''): void {
  const node = findSegment(step.node, 'OBX');
  if (node === undefined) return;
  const element = path === '' ? step.element : `${step.element}.${path}`;
  const at: Step = { ...step, node, field: 6, repetition: 1, component: 0, element };
  const isSplit = POWER_OF_TEN.test(textAt(at, 1)) && /^\d+\s*\//.test(textAt(at, 2));
  const code = isSplit ? `${textAt(at, 1)}^${textAt(at, 2)}` : textAt(at, 1);
  if (isSplit) copyOf(at, target, 'unit', code, 0);
  else if (!copy(at, target, 'unit', 2) && !copy(at, target, 'unit', 1)) return;
  const isUcum = textAt(at, 3).toUpperCase() === 'UCUM';
  const known = isUcum ? { code } : units.get(code.replace(/\s/g, ''));
  if (known !== undefined && /^\S+$/.test(known.code)) {
    target.system = UCUM;
    copyOf(at, target, 'code', known.code, isSplit ? 0 : 1);
  }
  markField(node, 6, 1, { fate: 'mapped', rule: step.rule });
}

/** `structuredQuantity(Units)`: SN of a comparator and a number (`<^5`). */
export const structuredQuantity: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step) => {
    const decimal = parseDecimal(textAt(step, 2));
    const sign = textAt(step, 1);
    if (decimal === undefined || (sign !== '' && sign !== '=' && !COMPARATORS.has(sign))) return undefined;
    const result: Quantity = {};
    setDecimal(result, decimal);
    trace(step, 'value', 2);
    setComparator(step, result, sign, 1);
    copyUnit(step, result, units);
    return result;
  };
};

/** `structuredRatio(Units)`: SN as a titre (`^1^:^128`). */
export const structuredRatio: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): Ratio | undefined => {
    const pair = readPair(step, units, 'numerator', 'denominator');
    if (pair === undefined) return undefined;
    setComparator(step, pair.first, textAt(step, 1), 1);
    return { numerator: pair.first, denominator: pair.second };
  };
};

/** `structuredRange(Units)`: SN as a range (`^10^-^20`). */
export const structuredRange: TransformFactory = ([tableName = ''], { table }) => {
  const units = table(tableName);
  return (step): Range | undefined => {
    const pair = readPair(step, units, 'low', 'high');
    return pair === undefined ? undefined : { low: pair.first, high: pair.second };
  };
};

function readPair(step: Step, units: Units, first: string, second: string) {
  const decimals = [parseDecimal(textAt(step, 2)), parseDecimal(textAt(step, 4))] as const;
  if (decimals[0] === undefined || decimals[1] === undefined) return undefined;
  const pair: { first: Quantity; second: Quantity } = { first: {}, second: {} };
  setDecimal(pair.first, decimals[0]);
  setDecimal(pair.second, decimals[1]);
  trace(step, `${first}.value`, 2);
  trace(step, `${second}.value`, 4);
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
    const [low, high] = limitsOf(text);
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

/** Both limits of a range as people write it; a limit that cannot be told is undefined. */
function limitsOf(text: string): [Decimal | undefined, Decimal | undefined] {
  const range = /^\(?\s*(-?[\d.]+)\s*(?:-|–|to)\s*(-?[\d.]+)/.exec(text);
  if (range !== null) {
    const [low, high] = [parseDecimal(range[1] ?? ''), parseDecimal(range[2] ?? '')];
    return low !== undefined && high !== undefined ? [low, high] : [undefined, undefined];
  }
  const bound = /^([<>])=?\s*(-?[\d.]+)/.exec(text);
  const limit = parseDecimal(bound?.[2] ?? '');
  return bound?.[1] === '<' ? [undefined, limit] : [limit, undefined];
}
