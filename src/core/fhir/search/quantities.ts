import type { Part, IndexDraft } from './draft.js';
import { addEntry } from './draft.js';
import { openNumber, rangeOfNumber } from './ranges.js';
import { fieldsOf, listOf, textOf } from './shapes.js';
import type { NumberRange, QuantityRange } from './types.js';

type Fields = Readonly<Record<string, unknown>>;
type Unit = Readonly<Record<'system' | 'code' | 'unit', string | undefined>>;

/** Says how many digits after the point the number of a quantity was written with. */
const precisionUrl = 'http://hl7.org/fhir/StructureDefinition/quantity-precision';

const part = 'quantity' satisfies Part;

function add(draft: IndexDraft, code: string, range: NumberRange | undefined, unit: Unit): void {
  if (range === undefined) return;
  const entry: { -readonly [K in keyof QuantityRange]: QuantityRange[K] } = range;
  if (unit.system !== undefined) entry.system = unit.system;
  if (unit.code !== undefined) entry.code = unit.code;
  if (unit.unit !== undefined) entry.unit = unit.unit;
  addEntry(draft, part, code, entry);
}

/** Quantity, Age and Duration: with a comparator all that it allows, so that `<5` is found below 5. */
export function extractQuantity(value: unknown, code: string, draft: IndexDraft): void {
  const quantity = fieldsOf(value);
  if (quantity !== undefined) add(draft, code, rangeOfQuantity(quantity), unitOf(quantity));
}

/** Money: its currency is a code of ISO 4217. */
export function extractMoney(value: unknown, code: string, draft: IndexDraft): void {
  const money = fieldsOf(value);
  const currency = textOf(money?.['currency']);
  const system = currency === undefined ? undefined : 'urn:iso:std:iso:4217';
  if (money !== undefined)
    add(draft, code, rangeOfQuantity(money), { system, code: currency, unit: undefined });
}

/** Range: from its low to its high, open where it has only one of them. */
export function extractRange(value: unknown, code: string, draft: IndexDraft): void {
  const { low, high } = fieldsOf(value) ?? {};
  const bounds = { low: fieldsOf(low) ?? {}, high: fieldsOf(high) ?? {} };
  const range = between(rangeOfQuantity(bounds.low), rangeOfQuantity(bounds.high));
  add(draft, code, range, unitOf({ ...bounds.high, ...bounds.low }));
}

/** SampledData: from its least to its greatest value, which is where its limits say only below or above (L, U). */
export function extractSampledData(value: unknown, code: string, draft: IndexDraft): void {
  const sampled = fieldsOf(value);
  const origin = fieldsOf(sampled?.['origin']);
  if (sampled === undefined || origin === undefined) return;
  const { lo, hi } = boundsOf(sampled);
  if (lo > hi) return;
  const scale = numberOf(sampled['factor']) ?? 1;
  const zero = numberOf(origin['value']) ?? 0;
  const ends = [lo, hi].map((end) => end * scale + zero).sort((a, b) => a - b);
  const [first, last] = ends.map((end) => rangeOfNumber(end));
  add(draft, code, between(first, last), unitOf(origin));
}

/** The least and the greatest of the samples; the first is larger than the second when there are none. */
function boundsOf(sampled: Fields): { readonly lo: number; readonly hi: number } {
  const limits: Readonly<Record<string, unknown>> = { L: sampled['lowerLimit'], U: sampled['upperLimit'] };
  let lo = Infinity;
  let hi = -Infinity;
  for (const [sample] of (textOf(sampled['data']) ?? '').matchAll(/\S+/g)) {
    const value = sample === 'L' || sample === 'U' ? numberOf(limits[sample]) : numberOf(Number(sample));
    if (value === undefined) continue;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return { lo, hi };
}

function between(low: NumberRange | undefined, high: NumberRange | undefined): NumberRange | undefined {
  const value = low?.value ?? high?.value;
  if (value === undefined) return undefined;
  const [lo, hi] = [low?.lo ?? openNumber.lo, high?.hi ?? openNumber.hi];
  return lo <= hi ? { value, lo, hi } : { value, lo: hi, hi: lo };
}

function rangeOfQuantity(quantity: Fields): NumberRange | undefined {
  const value = numberOf(quantity['value']);
  if (value === undefined) return undefined;
  switch (quantity['comparator']) {
    case '<':
    case '<=':
      return { value, lo: openNumber.lo, hi: value };
    case '>':
    case '>=':
      return { value, lo: value, hi: openNumber.hi };
    default:
      return rangeOfNumber(value, digitsOf(quantity));
  }
}

function digitsOf(quantity: Fields): number | undefined {
  const extensions = listOf(fieldsOf(quantity['_value'])?.['extension']).map(fieldsOf);
  return numberOf(extensions.find((extension) => extension?.['url'] === precisionUrl)?.['valueInteger']);
}

function unitOf({ system, code, unit }: Fields): Unit {
  return { system: textOf(system), code: textOf(code), unit: textOf(unit) };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
