/** One parameter of a search: its modifier, its alternatives, and what they ask of the index. */
import { fail, ok, type Result } from '../../result.js';
import { isFhirId } from '../references.js';
import { anyOf, type Criterion, type IndexPart, type ValueCriterion } from './criteria.js';
import type { ComponentDefinition, ParameterDefinition } from './definitions.js';
import {
  parseAbove,
  parseBelow,
  parseCode,
  parseDate,
  parseExact,
  parseLastUpdated,
  parseNumber,
  parseOfType,
  parsePostcode,
  parseQuantity,
  parseReferenceValue,
  parseText,
  parseToken,
  parseUri,
  type ValueContext,
} from './parse-values.js';
import { impliedSystems } from './implied-systems.js';
import { parseNear } from './places.js';
import { splitEscaped, unescapeValue } from './values.js';

/** Alternatives (commas) of one parameter that are taken. */
const maxAlternatives = 100;

/** Reads one value; undefined when it is none of its kind. */
type ReadValue = (
  value: string,
  definition: ParameterDefinition,
  context: ValueContext,
) => Criterion | undefined;

const text: ReadValue = (value, { code }) => parseText('text', code, value);

const code: ReadValue = (value, definition) => parseCode(definition.code, value, impliedSystems(definition));

const kinds: Readonly<
  Record<
    ParameterDefinition['type'],
    { readonly plain: ReadValue; readonly modifiers: Readonly<Record<string, ReadValue>> }
  >
> = {
  token: {
    plain: code,
    modifiers: {
      text,
      not: code,
      'of-type': (value, { code }) => parseOfType(code, value),
    },
  },
  string: {
    plain: (value, { code }) =>
      code === 'address-postalcode' ? parsePostcode(code, value) : parseText('string', code, value),
    modifiers: {
      exact: (value, { code }) => parseExact(code, value),
      contains: (value, { code }) => parseText('string', code, value, 'within'),
    },
  },
  uri: {
    plain: (value, { code }) => parseUri(code, value),
    modifiers: {
      above: (value, { code }) => parseAbove(code, value),
      below: (value, { code }) => parseBelow(code, value),
    },
  },
  date: { plain: (value, { code }, context) => parseDate(code, value, context), modifiers: {} },
  number: { plain: (value, { code }) => parseNumber(code, value), modifiers: {} },
  quantity: { plain: (value, { code }) => parseQuantity(code, value), modifiers: {} },
  reference: {
    plain: (value, { code, targets = [] }, context) => parseReferenceValue(code, value, targets, context),
    modifiers: { identifier: (value, { code }) => parseToken(code, value, 'referenceIdentifier') },
  },
  special: { plain: (value, { code }) => parseNear(code, value), modifiers: {} },
  composite: { plain: parseComposite, modifiers: {} },
};

/** What `:missing` looks for: where a parameter of the kind has its values. */
const partsOf: Readonly<Record<ParameterDefinition['type'], readonly IndexPart[]>> = {
  token: ['token', 'text'],
  string: ['string'],
  uri: ['uri'],
  date: ['date'],
  number: ['number'],
  quantity: ['quantity'],
  reference: ['reference', 'referenceIdentifier'],
  special: ['position'],
  composite: ['composite'],
};

/** Modifiers that a parameter takes, besides the names of types that a reference may be to. */
export function modifiersOf({ code, type }: ParameterDefinition): string[] {
  if (code === '_id' || code === '_lastUpdated') return [];
  const own = Object.keys(kinds[type].modifiers).filter(
    (modifier) => modifier !== 'of-type' || code === 'identifier',
  );
  return [...own.filter((modifier) => modifier !== 'exact' || code !== 'phonetic'), 'missing'];
}

/**
 * What a parameter asks for with a modifier and a value as sent, or why it cannot be asked; the reason holds nothing of
 * the value.
 */
export function parseParameter(
  definition: ParameterDefinition,
  modifier: string | undefined,
  value: string,
  context: ValueContext,
): Result<Criterion, string> {
  const { code, type } = definition;
  if (modifier === 'missing' && modifiersOf(definition).includes(modifier))
    return parseMissing(definition, value);
  const read = readerOf(definition, modifier);
  if (read === undefined) return fail('This modifier is not one of the parameter.');
  const values = splitEscaped(value, ',');
  if (values.length > maxAlternatives) return fail(`At most ${maxAlternatives} alternatives are taken.`);
  if (code === '_id') return parseIds(values);
  const criteria = values.map((each) => read(each, definition, context));
  if (!criteria.every((criterion) => criterion !== undefined)) return fail(expected(definition, modifier));
  const any = anyOf(criteria);
  return ok(type === 'token' && modifier === 'not' ? { kind: 'not', of: any } : any);
}

function readerOf(definition: ParameterDefinition, modifier: string | undefined): ReadValue | undefined {
  const { code, type, targets } = definition;
  if (code === '_lastUpdated')
    return modifier === undefined ? (value, _, context) => parseLastUpdated(value, context) : undefined;
  const { plain, modifiers } = kinds[type];
  if (modifier === undefined) return plain;
  if (modifiersOf(definition).includes(modifier)) return modifiers[modifier];
  const isTarget = type === 'reference' && /^[A-Z][A-Za-z]+$/.test(modifier);
  if (!isTarget || targets?.includes(modifier) === false) return undefined;
  return (value, { code: name }, context) => parseTyped(name, value, modifier, context);
}

/** `subject:Patient=id`: an address of another type contradicts it. */
function parseTyped(code: string, value: string, type: string, context: ValueContext): Criterion | undefined {
  const plain = unescapeValue(value);
  const [, named] = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[^/]*)?$/.exec(plain) ?? [];
  if (named !== undefined && named !== type) return undefined;
  return parseReferenceValue(code, value, [type], context);
}

function parseMissing({ code, type }: ParameterDefinition, value: string): Result<Criterion, string> {
  const present: Criterion = { kind: 'present', parts: partsOf[type], code };
  if (value === 'false') return ok(present);
  return value === 'true' ? ok({ kind: 'not', of: present }) : fail('Expected true or false.');
}

function parseIds(values: readonly string[]): Result<Criterion, string> {
  if (values.includes('')) return fail('A value is empty.');
  // No resource can have an id that is malformed.
  return ok({ kind: 'id', ids: [...new Set(values.filter(isFhirId))] });
}

function parseComposite(
  value: string,
  { code, components = [] }: ParameterDefinition,
  context: ValueContext,
): Criterion | undefined {
  const values = splitEscaped(value, '$');
  if (values.length !== components.length) return undefined;
  const tests = components.map((component, i) => parseComponent(component, values[i] ?? '', context));
  return tests.every((test) => test !== undefined)
    ? { kind: 'composite', code, components: tests }
    : undefined;
}

function parseComponent(
  component: ComponentDefinition,
  value: string,
  context: ValueContext,
): readonly ValueCriterion[] | undefined {
  const definition = { ...component, url: '', description: '', expression: '' };
  const criterion = kinds[component.type].plain(value, definition, context);
  if (criterion === undefined) return undefined;
  const alternatives = criterion.kind === 'any' ? criterion.of : [criterion];
  const values = alternatives.filter((each) => each.kind === 'text' || each.kind === 'range');
  return values.length === alternatives.length ? values : undefined;
}

const forms: Readonly<Record<ParameterDefinition['type'], string>> = {
  token: 'system|code, code, |code or system|; a | within a value is written \\|',
  string: 'a text',
  uri: 'an address',
  date: 'a date or time, with a prefix or without',
  number: 'a number, with a prefix or without',
  quantity: 'number, number|system|code, number|system| or number||unit, with a prefix or without',
  reference: 'Type/id, the address of a resource, or an id where the type is known',
  special:
    'latitude|longitude, in degrees of WGS84, or latitude|longitude|distance|units, with km or [mi_us]',
  composite: 'a value for each component, separated by $',
};

function expected({ type }: ParameterDefinition, modifier: string | undefined): string {
  if (modifier === 'of-type') return 'Expected type system|type code|value.';
  if (modifier === 'text') return 'Expected a text.';
  return `Expected ${modifier === 'identifier' ? forms.token : forms[type]}.`;
}
