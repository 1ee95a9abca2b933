/**
 * What a search asks for, as plain data: parsed from the query once, then asked of the search index of each record, by
 * `matches` or, translated, by the database. All values are in the form in which the index holds them.
 */
import type { Place, SearchIndex } from './types.js';

/** Parts of the index whose entries are texts. */
export type TextPart =
  'token' | 'ofType' | 'text' | 'string' | 'exact' | 'reference' | 'referenceIdentifier' | 'uri';

/** Parts of the index whose entries are ranges. */
export type RangePart = 'date' | 'number' | 'quantity';

/** Every part that holds values by the code of a parameter. */
export type IndexPart = Exclude<keyof SearchIndex, 'identifier'>;

/** How an entry of a text part must be. */
export type TextTest = { readonly is: 'equal' | 'prefix' | 'within'; readonly text: string };

/** The fields of an entry of a range part. `value` is absent where the entry is no single number. */
export type RangeField = 'lo' | 'hi' | 'value' | 'system' | 'code' | 'unit';

/** What one field of an entry must be; of a field that is absent nothing is true. */
export interface Comparison {
  readonly field: RangeField;
  readonly operator: '=' | '<' | '<=' | '>' | '>=';
  readonly value: string | number;
}

/** One of the alternatives must hold, each with all its comparisons. */
export type RangeTest = readonly (readonly Comparison[])[];

/** Some entry of a parameter in one part of the index passes a test. */
export type ValueCriterion =
  | { readonly kind: 'text'; readonly part: TextPart; readonly code: string; readonly test: TextTest }
  | { readonly kind: 'range'; readonly part: RangePart; readonly code: string; readonly test: RangeTest };

/** Some place of a parameter is not farther from the centre than this, measured straight through the globe of radius 1. */
export interface NearCriterion {
  readonly kind: 'near';
  readonly code: string;
  readonly centre: Place;
  readonly chord: number;
}

/** A condition on a record. `any` of nothing is never true, `all` of nothing always. */
export type Criterion =
  | ValueCriterion
  | NearCriterion
  | { readonly kind: 'all' | 'any'; readonly of: readonly Criterion[] }
  | { readonly kind: 'not'; readonly of: Criterion }
  /** Some parts of the index hold entries for the parameter. */
  | { readonly kind: 'present'; readonly parts: readonly IndexPart[]; readonly code: string }
  /** Some element holds values that pass all of the tests, those of the first component the first, and so on. */
  | { readonly kind: 'composite'; readonly code: string; readonly components: readonly ComponentCriterion[] }
  /** The logical id is one of these. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** The instant of the version (`_lastUpdated`); both ends of the range are that instant. */
  | { readonly kind: 'lastUpdated'; readonly test: RangeTest };

/** What one component of a composite must be: one of the alternatives that a value gives, usually one. */
export type ComponentCriterion = readonly ValueCriterion[];

/** All of the criteria; one of them stands for itself. */
export function allOf(criteria: readonly Criterion[]): Criterion {
  const [only, ...others] = criteria;
  return only !== undefined && others.length === 0 ? only : { kind: 'all', of: criteria };
}

/** Any of the criteria; one of them stands for itself. */
export function anyOf(criteria: readonly Criterion[]): Criterion {
  const [only, ...others] = criteria;
  return only !== undefined && others.length === 0 ? only : { kind: 'any', of: criteria };
}

/**
 * Whether what passes of an index passes of every index that holds more. The index of a record that is being staged
 * holds what two versions say (docs/adr/0009): it can stand for them where this is so.
 */
export function isMonotone(criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'all':
    case 'any':
      return criterion.of.every(isMonotone);
    case 'not':
    case 'lastUpdated':
      return false;
    case 'text':
    case 'range':
    case 'near':
    case 'present':
    case 'composite':
    case 'id':
      return true;
  }
}

/** What a criterion asks for, and not what it excludes: whatever meets it meets this, of however much more it says. */
export function withoutExclusions(criterion: Criterion): Criterion {
  switch (criterion.kind) {
    case 'all':
    case 'any':
      return { ...criterion, of: criterion.of.map(withoutExclusions) };
    case 'not':
      return { kind: 'all', of: [] };
    case 'text':
    case 'range':
    case 'near':
    case 'present':
    case 'composite':
    case 'id':
    case 'lastUpdated':
      return criterion;
  }
}

/** How many values a criterion compares: what it costs to ask it. */
export function valuesOf(criterion: Criterion): number {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  switch (criterion.kind) {
    case 'all':
    case 'any':
      return sum(criterion.of.map(valuesOf));
    case 'not':
      return valuesOf(criterion.of);
    case 'range':
    case 'lastUpdated':
      return sum(criterion.test.map((comparisons) => comparisons.length));
    case 'composite':
      return sum(criterion.components.flat().map(valuesOf));
    case 'id':
      return criterion.ids.length;
    case 'near':
      // The three coordinates of the cube's corners and of the centre, and the distance.
      return 10;
    case 'text':
    case 'present':
      return 1;
  }
}
