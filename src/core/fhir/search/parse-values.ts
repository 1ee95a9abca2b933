/**
 * Values of searches by the kind of their parameter (FHIR R4 sections 3.1.1.4.6 to 3.1.1.4.14). A value is one of the
 * alternatives that commas part, its escapes still in it. Each answers undefined for a text that is no value of its kind.
 */
import { parseReference, isFhirId } from '../references.js';
import {
  type Comparison,
  type Criterion,
  type TextPart,
  type TextTest,
  type ValueCriterion,
} from './criteria.js';
import { anySystem, cutString, normaliseString, soundex, tokenOf, typedIdentifier } from './normalise.js';
import { dateTest, numberTest } from './range-tests.js';
import { dateRangeOf, numberRangeOf, restoreOffset } from './ranges.js';
import { splitEscaped, splitPrefix, unescapeValue } from './values.js';

/** What the meaning of a value depends on beside the value. */
export interface ValueContext {
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
  /** ISO instant: what `ap` is near to. */
  readonly now: string;
}

const text = (part: TextPart, code: string, is: TextTest['is'], value: string): ValueCriterion => ({
  kind: 'text',
  part,
  code,
  test: { is, text: value },
});

/** `system|code`, `code`, `|code` or `system|`, in the form of the index. */
function tokenIn(value: string): string | undefined {
  const [first = '', second, ...more] = splitEscaped(value, '|').map(unescapeValue);
  if (more.length > 0 || (first === '' && (second ?? '') === '')) return undefined;
  return second === undefined ? anySystem(first) : tokenOf(first, second);
}

/** A token by its code, whichever part of the index holds it. */
export function parseToken(
  code: string,
  value: string,
  part: TextPart & ('token' | 'referenceIdentifier') = 'token',
): ValueCriterion | undefined {
  const token = tokenIn(value);
  return token === undefined ? undefined : text(part, code, 'equal', token);
}

/**
 * A token, or of codes that stand alone the code.
 *
 * @param implied systems that such codes have without saying so
 */
export function parseCode(code: string, value: string, implied: readonly string[]): Criterion | undefined {
  const token = parseToken(code, value);
  const [system = '', alone = ''] = splitEscaped(value, '|').map(unescapeValue);
  if (token === undefined || alone === '' || !implied.includes(system)) return token;
  return { kind: 'any', of: [token, text('token', code, 'equal', tokenOf(undefined, alone))] };
}

/** `:of-type`, `type system|type code|value` (FHIR R4 section 3.1.1.4.10). */
export function parseOfType(code: string, value: string): ValueCriterion | undefined {
  const [system = '', type, identifier, ...more] = splitEscaped(value, '|').map(unescapeValue);
  if (type === undefined || type === '' || identifier === undefined || identifier === '') return undefined;
  return more.length > 0
    ? undefined
    : text('ofType', code, 'equal', typedIdentifier(system === '' ? undefined : system, type, identifier));
}

/** The beginning of a text, or with `within` any part of it. */
export function parseText(
  part: TextPart & ('string' | 'text'),
  code: string,
  value: string,
  is: TextTest['is'] = 'prefix',
): ValueCriterion | undefined {
  const plain = unescapeValue(value);
  // The codes of sounds are compared whole: a beginning of one stands for nothing.
  const sound = code === 'phonetic' ? soundex(plain) : undefined;
  if (sound !== undefined) return text(part, code, 'equal', sound);
  const normalised = normaliseString(plain);
  return normalised === '' || code === 'phonetic' ? undefined : text(part, code, is, normalised);
}

const ukPostcode = /^([a-z]{1,2}\d[a-z\d]?) ?(\d[a-z]{2})$/;

/** The beginning of a postcode; a whole one of the United Kingdom, which people write with its space and without, as either. */
export function parsePostcode(code: string, value: string): Criterion | undefined {
  const [, outward, inward] = ukPostcode.exec(normaliseString(unescapeValue(value))) ?? [];
  if (outward === undefined || inward === undefined) return parseText('string', code, value);
  const forms = [`${outward} ${inward}`, `${outward}${inward}`];
  return { kind: 'any', of: forms.map((form) => text('string', code, 'prefix', form)) };
}

/** `:exact`. */
export function parseExact(code: string, value: string): ValueCriterion | undefined {
  const plain = unescapeValue(value);
  return plain === '' ? undefined : text('exact', code, 'equal', cutString(plain));
}

export function parseUri(code: string, value: string): ValueCriterion | undefined {
  const uri = unescapeValue(value);
  return uri === '' ? undefined : text('uri', code, 'equal', uri);
}

/** `:below`: the address itself and what its path leads to. */
export function parseBelow(code: string, value: string): Criterion | undefined {
  const uri = unescapeValue(value).replace(/\/+$/, '');
  if (!/^[a-z][a-z0-9+.-]*:\/\/./i.test(uri)) return undefined;
  return { kind: 'any', of: [text('uri', code, 'equal', uri), text('uri', code, 'prefix', `${uri}/`)] };
}

/** `:above`: the address itself and those that lead to it. */
export function parseAbove(code: string, value: string): Criterion | undefined {
  const uri = unescapeValue(value);
  const [, origin, path = ''] = /^([a-z][a-z0-9+.-]*:\/\/[^/]+)(.*)$/i.exec(uri) ?? [];
  if (origin === undefined) return undefined;
  const segments = path.split('/').slice(1, maxSegments);
  const above = [origin, ...segments.map((_, i) => [origin, ...segments.slice(0, i + 1)].join('/'))];
  const addresses = new Set(above.flatMap((address) => [address, `${address}/`]).concat(uri));
  return { kind: 'any', of: [...addresses].map((address) => text('uri', code, 'equal', address)) };
}

/** Of longer paths only so much is looked at. */
const maxSegments = 20;

export function parseDate(code: string, value: string, { now }: ValueContext): ValueCriterion | undefined {
  const test = dateTestOf(value, now);
  return test === undefined ? undefined : { kind: 'range', part: 'date', code, test };
}

/** `_lastUpdated`. */
export function parseLastUpdated(value: string, { now }: ValueContext): Criterion | undefined {
  const test = dateTestOf(value, now);
  return test === undefined ? undefined : { kind: 'lastUpdated', test };
}

function dateTestOf(value: string, now: string) {
  const { prefix, rest } = splitPrefix(unescapeValue(value));
  const range = dateRangeOf(restoreOffset(rest));
  return range === undefined ? undefined : dateTest(prefix, range, now);
}

export function parseNumber(code: string, value: string): ValueCriterion | undefined {
  const { prefix, rest } = splitPrefix(unescapeValue(value));
  const range = numberRangeOf(rest);
  return range && { kind: 'range', part: 'number', code, test: numberTest(prefix, range) };
}

/** `5.4`, `5.4|system|code`, `5.4|system|` or `5.4||unit`, where the unit may be the code or what people write. */
export function parseQuantity(code: string, value: string): ValueCriterion | undefined {
  const [first = '', ...unit] = splitEscaped(value, '|').map(unescapeValue);
  const { prefix, rest } = splitPrefix(first);
  const range = numberRangeOf(rest);
  const choices = unitChoices(unit);
  if (range === undefined || choices === undefined) return undefined;
  const test = numberTest(prefix, range).flatMap((comparisons) =>
    choices.map((choice) => [...choice, ...comparisons]),
  );
  return { kind: 'range', part: 'quantity', code, test };
}

/** Undefined for what names no unit. */
function unitChoices([system, unit, ...more]: readonly string[]): Comparison[][] | undefined {
  if (system === undefined) return [[]];
  if (unit === undefined || more.length > 0 || (system === '' && unit === '')) return undefined;
  const is = (field: Comparison['field'], value: string): Comparison => ({ field, operator: '=', value });
  if (system === '') return [[is('code', unit)], [is('unit', unit)]];
  return [[is('system', system), ...(unit === '' ? [] : [is('code', unit)])]];
}

/**
 * A reference by id, `Type/id` or address, with or without version: to this server it may stand as `Type/id` or as an
 * address.
 *
 * @param types those that the reference may be to when the value is an id alone; empty where any may be meant, so that
 * an id alone says too little
 */
export function parseReferenceValue(
  code: string,
  value: string,
  types: readonly string[],
  { baseUrl }: ValueContext,
): Criterion | undefined {
  const plain = unescapeValue(value);
  const local = parseReference(plain, baseUrl);
  if (local !== undefined) return referencesTo(code, [`${local.type}/${local.id}`], baseUrl);
  if (isFhirId(plain))
    return types.length === 0
      ? undefined
      : referencesTo(
          code,
          types.map((type) => `${type}/${plain}`),
          baseUrl,
        );
  return /^[a-z][a-z0-9+.-]*:/i.test(plain)
    ? text('reference', code, 'equal', plain.replace(/\/_history\/[^/]*$/, ''))
    : undefined;
}

/** References to any of these resources of this server, each as `Type/id`. */
export function referencesTo(code: string, targets: readonly string[], baseUrl: string): Criterion {
  return {
    kind: 'any',
    of: targets
      .flatMap((target) => [target, `${baseUrl}/${target}`])
      .map((target) => text('reference', code, 'equal', target)),
  };
}
