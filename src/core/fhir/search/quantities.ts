import type { Part, IndexDraft } from './draft.js';
import { addEntry } from './draft.js';
import { numberBelow, openNumber } from './ranges.js';
import { fieldsOf, textOf } from './shapes.js';
import type { NumberBounds, NumberEntry, QuantityEntry } from './types.js';

type Fields = Readonly<Record<string, unknown>>;
type Unit = Readonly<Record<'system' | 'code' | 'unit', string | undefined>>;

const part = 'quantity' satisfies Part;

function add(draft: IndexDraft, code: string, entry: NumberEntry | undefined, unit: Unit): void {
  if (entry === undefined) return;
  const named = Object.entries(unit).filter(([, text]) => text !== undefined);
  addEntry(draft, part, code, { ...entry, ...Object.fromEntries(named) } satisfies QuantityEntry);
}

/** Quantity, Age and Duration: with a comparator all that it allows, so that `<5` is found below 5. */
export function extractQuantity(value: unknown, code: string, draft: IndexDraft): void {
  const quantity = fieldsOf(value);
  if (quantity !== undefined) add(draft, code, entryOf(quantity), unitOf(quantity));
}

/** Money: its currency is a code of ISO 4217. */
export function extractMoney(value: unknown, code: string, draft: IndexDraft): void {
  const money = fieldsOf(value);
  const currency = textOf(money?.['currency']);
  const system = currency === undefined ? undefined : 'urn:iso:std:iso:4217';
  if (money !== undefined) add(draft, code, entryOf(money), { system, code: currency, unit: undefined });
}

/** Range: from its low to its high, open where it has only one of them. */
export function extractRange(value: unknown, code: string, draft: IndexDraft): void {
  const { low, high } = fieldsOf(value) ?? {};
  const bounds = { low: fieldsOf(low) ?? {}, high: fieldsOf(high) ?? {} };
  const range = between(numberOf(bounds.low['value']), numberOf(bounds.high['value']));
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
  const [first, last] = [lo, hi].map((end) => end * scale + zero).sort((a, b) => a - b);
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

function between(low: number | undefined, high: number | undefined): NumberBounds | undefined {
  if (low === undefined && high === undefined) return undefined;
  const [lo, hi] = [low ?? openNumber.lo, high ?? openNumber.hi];
  return lo <= hi ? { lo, hi } : { lo: hi, hi: lo };
}

function entryOf(quantity: Fields): NumberEntry | undefined {
  const value = numberOf(quantity['value']);
  if (value === undefined) return undefined;
  // Entries are ranges with their ends: `<5` ends at the last number below 5, so that `ge5` does not find it.
  switch (quantity['comparator']) {
    case '<':
      return { lo: openNumber.lo, hi: numberBelow(value) };
    case '<=':
      return { lo: openNumber.lo, hi: value };
    case '>':
      return { lo: -numberBelow(-value), hi: openNumber.hi };
    case '>=':
      return { lo: value, hi: openNumber.hi };
    default:
      return { value };
  }
}

function unitOf({ system, code, unit }: Fields): Unit {
  return { system: textOf(system), code: textOf(code), unit: textOf(unit) };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
