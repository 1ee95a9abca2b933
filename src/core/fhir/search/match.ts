import type { Comparison, Criterion, RangeTest, TextTest, ValueCriterion } from './criteria.js';
import { isNear } from './places.js';
import type { ByCode, ComponentValue, SearchIndex } from './types.js';

/** What is known of a record without its resource. */
export interface IndexedRecord {
  readonly fhirId: string;
  /** ISO instant with milliseconds. */
  readonly lastUpdated: string;
  readonly index: SearchIndex;
}

/** Whether a record meets a criterion: what searches mean (FHIR R4 section 3.1.1.4). */
export function matches(record: IndexedRecord, criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'text':
    case 'range':
      return hasValue(record.index, criterion);
    case 'near':
      return entriesOf(record.index.position, criterion.code).some((place) => isNear(place, criterion));
    case 'all':
      return criterion.of.every((each) => matches(record, each));
    case 'any':
      return criterion.of.some((each) => matches(record, each));
    case 'not':
      return !matches(record, criterion.of);
    case 'present':
      return criterion.parts.some(
        (part) => entriesOf<unknown>(record.index[part], criterion.code).length > 0,
      );
    case 'composite':
      return entriesOf(record.index.composite, criterion.code).some((values) =>
        criterion.components.every((alternatives, i) => hasAny(values[i] ?? {}, alternatives)),
      );
    case 'id':
      return criterion.ids.includes(record.fhirId);
    case 'lastUpdated':
      return passesRange({ lo: record.lastUpdated, hi: record.lastUpdated }, criterion.test);
  }
}

const hasAny = (values: ComponentValue, alternatives: readonly ValueCriterion[]): boolean =>
  alternatives.some((alternative) => hasValue(values, alternative));

function hasValue(values: Partial<SearchIndex>, criterion: ValueCriterion): boolean {
  const { code } = criterion;
  return criterion.kind === 'text'
    ? entriesOf(values[criterion.part], code).some((text) => passesText(text, criterion.test))
    : rangesOf(values, criterion).some((range) => passesRange(range, criterion.test));
}

type Range = Readonly<Partial<Record<Comparison['field'], string | number>>>;

const rangesOf = (
  values: Partial<SearchIndex>,
  { part, code }: Extract<ValueCriterion, { kind: 'range' }>,
): readonly Range[] => entriesOf<Range>(values[part], code);

function entriesOf<T>(byCode: ByCode<T> | undefined, code: string): readonly T[] {
  return byCode !== undefined && Object.hasOwn(byCode, code) ? (byCode[code] ?? []) : [];
}

function passesText(text: string, test: TextTest): boolean {
  switch (test.is) {
    case 'equal':
      return text === test.text;
    case 'prefix':
      return text.startsWith(test.text);
    case 'within':
      return text.includes(test.text);
  }
}

const passesRange = (range: Range, test: RangeTest): boolean =>
  test.some((comparisons) => comparisons.every((comparison) => passes(range, comparison)));

function passes(range: Range, { field, operator, value }: Comparison): boolean {
  const held = range[field];
  if (held === undefined || typeof held !== typeof value) return false;
  switch (operator) {
    case '=':
      return held === value;
    case '<':
      return held < value;
    case '<=':
      return held <= value;
    case '>':
      return held > value;
    case '>=':
      return held >= value;
  }
}
