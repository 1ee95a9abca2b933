/** Invariants of the data types of FHIR R4 (section 2.24), by type. Those of narratives are asked with their shape. */
import { fieldsOf, listOf } from '../search/shapes.js';
import { anyOf, type Fields, has, type Invariant, isAfter, needs, notBoth, partsOf } from './invariant.js';

const ucum = 'http://unitsofmeasure.org';

const isUcum = (fields: Fields): boolean => !has(fields, 'system') || fields['system'] === ucum;

const isBelow = (value: unknown, bound: number): boolean => typeof value === 'number' && value < bound;

/** Whether two quantities of one unit are in their order; of others, nobody can tell without converting them. */
function isOrdered({ low, high }: Fields): boolean {
  const [from, to] = [fieldsOf(low) ?? {}, fieldsOf(high) ?? {}];
  const isOneUnit = ['system', 'code', 'unit'].every((name) => from[name] === to[name]);
  const [least, most] = [from['value'], to['value']];
  return !isOneUnit || typeof least !== 'number' || typeof most !== 'number' || least <= most;
}

/** Ids of what a resource contains: of one with as many references nobody looks for each of them anew. */
const containedIds = new WeakMap<Fields, ReadonlySet<unknown>>();

function containedIn(root: Fields): ReadonlySet<unknown> {
  const known = containedIds.get(root) ?? new Set(partsOf(root, 'contained').map(({ id }) => id));
  containedIds.set(root, known);
  return known;
}

/** `#id` means what the resource contains, `#` the resource itself. */
function isContained(reference: unknown, root: Fields): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#') || reference === '#') return true;
  return containedIn(root).has(reference.slice(1));
}

const timing: readonly Invariant[] = [
  { key: 'tim-1', says: 'a duration has its unit', holds: needs('duration', 'durationUnit') },
  { key: 'tim-2', says: 'a period has its unit', holds: needs('period', 'periodUnit') },
  { key: 'tim-4', says: 'a duration is not negative', holds: ({ duration }) => !isBelow(duration, 0) },
  { key: 'tim-5', says: 'a period is not negative', holds: ({ period }) => !isBelow(period, 0) },
  { key: 'tim-6', says: 'periodMax stands beside a period', holds: needs('periodMax', 'period') },
  { key: 'tim-7', says: 'durationMax stands beside a duration', holds: needs('durationMax', 'duration') },
  { key: 'tim-8', says: 'countMax stands beside a count', holds: needs('countMax', 'count') },
  {
    key: 'tim-9',
    says: 'an offset is from an event in when, and not from a meal itself (C, CM, CD, CV)',
    holds: (repeat) =>
      !has(repeat, 'offset') ||
      (has(repeat, 'when') && !listOf(repeat['when']).some((when) => /^C[MDV]?$/.test(String(when)))),
  },
  { key: 'tim-10', says: 'timeOfDay or when, not both', holds: notBoth('timeOfDay', 'when') },
];

const trigger: readonly Invariant[] = [
  { key: 'trd-1', says: 'timing or data, not both', holds: notBoth('data', 'timing[x]') },
  { key: 'trd-2', says: 'a condition is about data', holds: needs('condition', 'data') },
  {
    key: 'trd-3',
    says: 'an event by name has a name, a periodic one a timing, one of data its data',
    holds: (fields) => {
      const type = String(fields['type']);
      if (type === 'named-event') return has(fields, 'name');
      if (type === 'periodic') return has(fields, 'timing[x]');
      return !type.startsWith('data-') || has(fields, 'data');
    },
  },
];

const pathOrParameter = (key: string): Invariant => ({
  key,
  says: 'path or searchParam, one of them',
  holds: (fields) => has(fields, 'path') !== has(fields, 'searchParam'),
});

const isMeasured = (fields: Fields): boolean => needs('value', 'code')(fields) && isUcum(fields);

/** The rules of a type; those of its bases (Element, Quantity) hold besides. */
export const dataTypeInvariants: Readonly<Record<string, readonly Invariant[]>> = {
  Element: [
    {
      key: 'ele-1',
      says: 'an element has a value or parts',
      holds: (fields) => Object.keys(fields).some((name) => name !== 'id'),
    },
  ],
  Extension: [
    {
      key: 'ext-1',
      says: 'a value or extensions, one of them',
      holds: (fields) => has(fields, 'extension') !== has(fields, 'value[x]'),
    },
  ],
  Quantity: [{ key: 'qty-3', says: 'the code of a unit has its system', holds: needs('code', 'system') }],
  Age: [
    {
      key: 'age-1',
      says: 'a value above 0 has a code of UCUM',
      holds: (age) => isMeasured(age) && (typeof age['value'] !== 'number' || age['value'] > 0),
    },
  ],
  Count: [
    {
      key: 'cnt-3',
      says: 'a whole number has the code 1 of UCUM',
      holds: (count) =>
        isMeasured(count) &&
        (!has(count, 'code') || count['code'] === '1') &&
        (typeof count['value'] !== 'number' || Number.isInteger(count['value'])),
    },
  ],
  Distance: [{ key: 'dis-1', says: 'a value has a code of UCUM', holds: isMeasured }],
  Duration: [
    {
      key: 'drt-1',
      says: 'a code is of UCUM and has a value',
      holds: (fields) => !has(fields, 'code') || (isUcum(fields) && has(fields, 'value')),
    },
  ],
  Range: [{ key: 'rng-2', says: 'low is not above high', holds: isOrdered }],
  Ratio: [
    {
      key: 'rat-1',
      says: 'numerator and denominator, or neither and an extension',
      holds: (ratio) =>
        has(ratio, 'numerator') === has(ratio, 'denominator') && anyOf('numerator', 'extension')(ratio),
    },
  ],
  Period: [{ key: 'per-1', says: 'start is not after end', holds: ({ start, end }) => !isAfter(start, end) }],
  Reference: [
    {
      key: 'ref-1',
      says: 'what # names is contained in the resource',
      holds: ({ reference }, { root }) => isContained(reference, root),
    },
  ],
  Attachment: [{ key: 'att-1', says: 'data have their contentType', holds: needs('data', 'contentType') }],
  ContactPoint: [{ key: 'cpt-2', says: 'a value has its system', holds: needs('value', 'system') }],
  Expression: [
    { key: 'exp-1', says: 'an expression or a reference to one', holds: anyOf('expression', 'reference') },
  ],
  'DataRequirement.codeFilter': [pathOrParameter('drq-1')],
  'DataRequirement.dateFilter': [pathOrParameter('drq-2')],
  'Timing.repeat': timing,
  TriggerDefinition: trigger,
};

/** Elements that are a SimpleQuantity: a quantity without a comparator. */
export const simpleQuantities: ReadonlySet<string> = new Set(
  (
    'Dosage.doseAndRate.doseQuantity Dosage.doseAndRate.rateQuantity Dosage.maxDosePerAdministration ' +
    'Dosage.maxDosePerLifetime Range.low Range.high SampledData.origin CarePlan.activity.detail.dailyAmount ' +
    'CarePlan.activity.detail.quantity Coverage.costToBeneficiary.valueQuantity Immunization.doseQuantity ' +
    'MedicationAdministration.dosage.dose MedicationAdministration.dosage.rateQuantity MedicationDispense.quantity ' +
    'MedicationDispense.daysSupply MedicationRequest.dispenseRequest.initialFill.quantity ' +
    'MedicationRequest.dispenseRequest.quantity Observation.referenceRange.low Observation.referenceRange.high ' +
    'Specimen.collection.quantity Specimen.container.capacity Specimen.container.specimenQuantity'
  ).split(' '),
);

/** What a SimpleQuantity is besides a Quantity. */
export const simpleQuantity: Invariant = {
  key: 'sqty-1',
  says: 'no comparator here',
  holds: (quantity) => !has(quantity, 'comparator'),
};
