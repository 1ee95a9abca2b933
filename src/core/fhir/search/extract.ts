/**
 * What the values of each datatype add to the search index (FHIR R4 sections 3.1.1.4.6 to 3.1.1.4.14). Resources come
 * from outside: whatever does not have the shape of its datatype adds nothing.
 */
import type { ValueKind } from './definitions.js';
import { addEntry, type IndexDraft, type Part } from './draft.js';
import {
  anySystem,
  cutString,
  normaliseString,
  plainNumber,
  soundex,
  tokenOf,
  typedIdentifier,
  unnamedReference,
} from './normalise.js';
import { extractPosition } from './places.js';
import { extractMoney, extractQuantity, extractRange, extractSampledData } from './quantities.js';
import { dateRangeOf, openDate, spanOf } from './ranges.js';
import { fieldsOf, listOf, textOf } from './shapes.js';
import type { DateRange } from './types.js';

/** Adds what a value says to the index, under the code of a parameter. */
export type Extract = (value: unknown, code: string, draft: IndexDraft) => void;

/** Chooses the extractor of a parameter for a datatype; undefined when it cannot be about it. */
export type ChooseExtract = (code: string, kind: ValueKind, datatype: string) => Extract | undefined;

/** The extractor by R4's table of datatypes; of `phonetic`, whatever it is about, by sound. */
export const extractOf: ChooseExtract = (code, kind, datatype) =>
  code === 'phonetic' ? extractPhonetic : extracts[kind].get(datatype);

/** Names and their words, by how they sound: who asks for `van de Heuvel` means the three in one. */
const extractPhonetic: Extract = (value, code, draft) => {
  const { family, given, text } = fieldsOf(value) ?? {};
  const parts = typeof value === 'string' ? [value] : [family, ...listOf(given), text];
  for (const part of parts) {
    const name = normaliseString(textOf(part) ?? '');
    for (const text of new Set([name, ...name.split(' ')])) {
      const sound = soundex(text);
      if (sound !== undefined) addEntry(draft, 'string', code, sound);
    }
  }
};

/** A yes or no as a token. */
export function addBoolean(draft: IndexDraft, code: string, value: boolean): void {
  addToken(draft, 'token', code, undefined, String(value));
}

type TokenPart = Part & ('token' | 'referenceIdentifier');

function addToken(
  draft: IndexDraft,
  part: TokenPart,
  code: string,
  system: string | undefined,
  value: string | undefined,
): void {
  if (value !== undefined) {
    addEntry(draft, part, code, tokenOf(system, value));
    addEntry(draft, part, code, anySystem(value));
  }
  if (system !== undefined) addEntry(draft, part, code, tokenOf(system, ''));
}

function addText(draft: IndexDraft, code: string, text: unknown): void {
  const normalised = normaliseString(textOf(text) ?? '');
  if (normalised !== '') addEntry(draft, 'text', code, normalised);
}

const extractCode: Extract = (value, code, draft) => {
  addToken(draft, 'token', code, undefined, textOf(value));
};

const extractBoolean: Extract = (value, code, draft) => {
  if (typeof value === 'boolean') addBoolean(draft, code, value);
};

const extractCoding: Extract = (value, code, draft) => {
  const coding = fieldsOf(value);
  if (coding === undefined) return;
  addToken(draft, 'token', code, textOf(coding['system']), textOf(coding['code']));
  addText(draft, code, coding['display']);
};

const extractConcept: Extract = (value, code, draft) => {
  const concept = fieldsOf(value);
  if (concept === undefined) return;
  for (const coding of listOf(concept['coding'])) extractCoding(coding, code, draft);
  addText(draft, code, concept['text']);
};

const extractIdentifier: Extract = (value, code, draft) => {
  const identifier = fieldsOf(value);
  if (identifier === undefined) return;
  const text = textOf(identifier['value']);
  addToken(draft, 'token', code, textOf(identifier['system']), text);
  const type = fieldsOf(identifier['type']);
  if (type === undefined) return;
  addText(draft, code, type['text']);
  if (text === undefined) return;
  for (const each of listOf(type['coding'])) {
    const coding = fieldsOf(each);
    const typeCode = textOf(coding?.['code']);
    if (typeCode === undefined) continue;
    addEntry(draft, 'ofType', code, typedIdentifier(textOf(coding?.['system']), typeCode, text));
  }
};

const extractContact: Extract = (value, code, draft) => {
  const text = textOf(fieldsOf(value)?.['value']);
  addToken(draft, 'token', code, undefined, text);
  addToken(draft, 'token', code, undefined, text === undefined ? undefined : plainNumber(text));
};

const extractString: Extract = (value, code, draft) => {
  const text = textOf(value);
  if (text === undefined) return;
  const normalised = normaliseString(text);
  if (normalised === '') return;
  addEntry(draft, 'string', code, normalised);
  addEntry(draft, 'exact', code, cutString(text));
};

/** Every part of a name or an address is a string of its own. */
const extractParts =
  (parts: readonly string[]): Extract =>
  (value, code, draft) => {
    const fields = fieldsOf(value);
    if (fields === undefined) return;
    for (const part of parts) {
      for (const each of listOf(fields[part])) extractString(each, code, draft);
    }
  };

const extractName = extractParts(['family', 'given', 'prefix', 'suffix', 'text']);
const extractAddress = extractParts(['text', 'line', 'city', 'district', 'state', 'postalCode', 'country']);

function addDate(draft: IndexDraft, code: string, range: DateRange | undefined): void {
  if (range !== undefined) addEntry(draft, 'date', code, range);
}

const extractDate: Extract = (value, code, draft) => {
  addDate(draft, code, dateRangeOf(textOf(value) ?? ''));
};

/** Open where it has no start or no end. One that ends before it starts covers what lies between. */
function rangeOfPeriod(value: unknown): DateRange | undefined {
  const { start, end } = fieldsOf(value) ?? {};
  const first = dateRangeOf(textOf(start) ?? '');
  const last = dateRangeOf(textOf(end) ?? '');
  if (first === undefined && last === undefined) return undefined;
  if (first === undefined || last === undefined) {
    return { lo: first?.lo ?? openDate.lo, hi: last?.hi ?? openDate.hi };
  }
  return first.lo <= last.hi ? { lo: first.lo, hi: last.hi } : spanOf([first, last]);
}

const extractPeriod: Extract = (value, code, draft) => {
  addDate(draft, code, rangeOfPeriod(value));
};

/** Only the outer limits of a timing matter (R4 section 3.1.1.4.6): its events and bounds, not what lies between. */
const extractTiming: Extract = (value, code, draft) => {
  const timing = fieldsOf(value);
  const events = listOf(timing?.['event']).map((event) => dateRangeOf(textOf(event) ?? ''));
  const bounds = rangeOfPeriod(fieldsOf(timing?.['repeat'])?.['boundsPeriod']);
  addDate(draft, code, spanOf([...events, bounds].filter((range) => range !== undefined)));
};

const extractNumber: Extract = (value, code, draft) => {
  if (typeof value === 'number' && Number.isFinite(value)) addEntry(draft, 'number', code, { value });
};

const extractReference: Extract = (value, code, draft) => {
  const reference = fieldsOf(value);
  if (reference === undefined) return;
  const target = targetOf(textOf(reference['reference']));
  if (target !== undefined) addEntry(draft, 'reference', code, target);
  const identifier = fieldsOf(reference['identifier']) ?? {};
  const [system, text] = [textOf(identifier['system']), textOf(identifier['value'])];
  addToken(draft, 'referenceIdentifier', code, system, text);
  if ((target ?? system ?? text) === undefined) addEntry(draft, 'reference', code, unnamedReference);
};

/** What a literal reference names, without a version; undefined for contained resources, which no search can name. */
function targetOf(reference: string | undefined): string | undefined {
  return reference?.startsWith('#') === true ? undefined : reference?.replace(/\/_history\/[^/]*$/, '');
}

/** Whether a Reference is to a type: by its address, else by what it says of itself (R4 section 2.3.0.1). */
export function isReferenceTo(value: unknown, type: string): boolean {
  const reference = fieldsOf(value);
  const target = targetOf(textOf(reference?.['reference']));
  const [, named] = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/.exec(target ?? '') ?? [];
  return (named ?? reference?.['type']) === type;
}

/** Addresses of the parts `reference` and `uri`; a canonical is found with its version and without. */
const extractUri =
  (part: Part & ('reference' | 'uri'), isCanonical: boolean): Extract =>
  (value, code, draft) => {
    const uri = textOf(value);
    if (uri === undefined || uri.startsWith('#')) return;
    addEntry(draft, part, code, uri);
    const version = uri.lastIndexOf('|');
    if (isCanonical && version > 0) addEntry(draft, part, code, uri.slice(0, version));
  };

const each = (datatypes: string, extract: Extract): [string, Extract][] =>
  datatypes.split(' ').map((datatype) => [datatype, extract]);

const extracts: Readonly<Record<ValueKind, ReadonlyMap<string, Extract>>> = {
  token: new Map([
    ...each('code id string uri', extractCode),
    ['boolean', extractBoolean],
    ['Coding', extractCoding],
    ['CodeableConcept', extractConcept],
    ['Identifier', extractIdentifier],
    ['ContactPoint', extractContact],
  ]),
  string: new Map([
    ...each('string markdown', extractString),
    ['HumanName', extractName],
    ['Address', extractAddress],
  ]),
  date: new Map([
    ...each('date dateTime instant', extractDate),
    ['Period', extractPeriod],
    ['Timing', extractTiming],
  ]),
  number: new Map(each('decimal integer positiveInt unsignedInt', extractNumber)),
  quantity: new Map([
    ...each('Quantity Age Duration', extractQuantity),
    ['Money', extractMoney],
    ['Range', extractRange],
    ['SampledData', extractSampledData],
  ]),
  reference: new Map([
    ['Reference', extractReference],
    ['canonical', extractUri('reference', true)],
    ['uri', extractUri('reference', false)],
  ]),
  uri: new Map([...each('uri url', extractUri('uri', false)), ['canonical', extractUri('uri', true)]]),
  special: new Map([['BackboneElement', extractPosition]]),
};
