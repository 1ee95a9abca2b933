/** `""` deletes what its field had stated (HL7 v2.5.1 section 2.5.3), for every mapped field of the commonest segments. */
import { expect, test } from '@jest/globals';
import { leavesOf, withoutIndices, type Leaf } from '../../../cli/elements.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { ResourceMap, Rule } from '../../../src/core/mapping/engine/pack.js';
import { parseSourcePath } from '../../../src/core/mapping/engine/source-path.js';
import type { Conversion, MappedRecord } from '../../../src/core/mapping/types.js';
import { messagesFor } from './corpus.js';
import { after, convertText, hl7, segment, ukPack } from './support.js';

const SEGMENTS = ['PID', 'PD1', 'NK1', 'PV1', 'PV2', 'AL1', 'ORC', 'OBR'];

const IDENTIFIERS =
  'an identifier is taken back by the events that renumber and merge, never by a field of a form';
const NAMES_RECORD = 'the field is what the record is known by: without it the message makes none';
const PAST = 'a place where the patient was, or was to be, stays in the history of the visit';

/** Rules whose element stays, or of which nothing can be shown, and why. */
const KEPT: Readonly<Record<string, string>> = {
  'pid-2-identifier': IDENTIFIERS,
  'pid-4-identifier': IDENTIFIERS,
  'pid-20-licence': IDENTIFIERS,
  'pid-19-other-number': IDENTIFIERS,
  'pid-19-nhs-number': IDENTIFIERS,
  'pv1-50-alternate-visit': IDENTIFIERS,
  'pid-3-identifier': NAMES_RECORD,
  'nk1-33-identifier': NAMES_RECORD,
  'nk1-3-relationship': NAMES_RECORD,
  'nk1-2-name': NAMES_RECORD,
  'pid-21-mother': NAMES_RECORD,
  'pid-18-account-number': NAMES_RECORD,
  'pv1-19-visit-number': NAMES_RECORD,
  'al1-3-code': NAMES_RECORD,
  'al1-3-none': NAMES_RECORD,
  'order-orc-2-placer': NAMES_RECORD,
  'prescribed-placer': NAMES_RECORD,
  'order-obr-2-placer': NAMES_RECORD,
  'state-orc-2-placer': NAMES_RECORD,
  'obr-15-type': NAMES_RECORD,
  'obr-15-additive': NAMES_RECORD,
  'obr-15-method': NAMES_RECORD,
  'obr-15-site': NAMES_RECORD,
  'obr-3-filler': NAMES_RECORD,
  'obr-4-code': NAMES_RECORD,
  'pv1-16-patient-sensitivity': 'what a visit takes back may have been asked for elsewhere, too',
  'pv2-1-prior-pending-location': PAST,
  'pv1-6-prior-location': PAST,
  'pv1-43-prior-temporary-location': PAST,
};

const person = segment('PID', { 3: 'A1^^^RXX^MR', 5: 'Khan^Amira' });
const prescribed = (orc: Record<number, string>): string =>
  hl7('OMP^O09', person, segment('ORC', { 1: 'CA', 2: 'P1', 3: 'F1', ...orc }));
const sampled = (source: string): string =>
  hl7(
    'OMG^O19',
    person,
    segment('ORC', { 1: 'NW', 2: 'P1' }),
    segment('OBR', { 2: 'P1', 3: 'F1', 4: 'FBC^Blood count^L', 15: source }),
  );

/** Messages in which rules state something that no message of one field makes them state. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'al1-2-none-category': hl7('ADT^A08', person, 'AL1|1|DA|NKA'),
  'al1-3-none': hl7('ADT^A08', person, 'AL1|1|DA|NKA'),
  'al1-none-recorded': hl7('ADT^A08', person, 'AL1|1|DA|NKA|||20240101'),
  'obr-15-additive': sampled('BLD&Blood^EDTA'),
  'obr-15-method': sampled('BLD&Blood^^Venepuncture'),
  'obr-15-site': sampled('BLD&Blood^^^ARM&Arm'),
  'pd1-3-practice': hl7('ADT^A08', person, segment('PD1', { 3: 'SURGERY^^A81001' })),
  'pid-10-ethnic-category': hl7(
    'ADT^A08',
    segment('PID', { 3: 'A1^^^RXX^MR', 5: 'Khan^Amira', 10: 'A^White - British^EthnicCategory' }),
  ),
  'pid-19-nhs-number': hl7(
    'ADT^A08',
    segment('PID', { 3: 'A1^^^RXX^MR', 5: 'Khan^Amira', 19: '9990000018' }),
  ),
  'prescribed-filler': prescribed({}),
  'prescribed-group': prescribed({ 4: 'G1' }),
  'pd1-15-directives': hl7('ADT^A08', person, segment('PD1', { 15: 'LW~DNR' })),
  'order-orc-7-duration': hl7(
    'OMG^O19',
    person,
    segment('ORC', { 1: 'NW', 2: 'P1', 7: '^^D10' }),
    segment('OBR', { 2: 'P1', 4: 'FBC^Blood count^L' }),
  ),
  'pid-30-deceased-undated': hl7(
    'ADT^A08',
    segment('PID', { 3: 'A1^^^RXX^MR', 5: 'Khan^Amira', 29: '00000000', 30: 'Y' }),
  ),
  'prescribed-order-control': prescribed({ 1: 'HD' }),
  'prescribed-order-ended': prescribed({}),
  'prescribed-order-status': prescribed({ 5: 'CM' }),
  'prescribed-placer': prescribed({}),
  'prescribed-security': prescribed({ 28: 'R' }),
  'prescribed-status-reason': prescribed({ 16: 'X^Reason^L' }),
};

/** Rules that no message of one field makes fill an element by which they could be judged. */
const UNTESTED: readonly string[] = [
  // They take something back, and fill nothing.
  ...['pd1-15-withdrawn-value', 'pd1-7-withdrawn-value'],
  ...['pv1-11-cancelled-movement', 'pv1-42-cancelled-transfer'],
  ...['pv1-6-cancelled-transfer', 'pv2-1-cancelled-transfer'],
];

const rows = ukPack.maps.flatMap((map) =>
  map.rules.flatMap((rule) => {
    const source = parseSourcePath(rule.from ?? '');
    const isOwn =
      source !== undefined &&
      source.field > 0 &&
      SEGMENTS.includes(source.segment) &&
      SEGMENTS.includes(map.segment);
    return isOwn ? [{ map, rule, segment: source.segment, field: source.field }] : [];
  }),
);

function convertIfAccepted(text: string): Conversion | undefined {
  try {
    return convertText(text);
  } catch (error) {
    if (error instanceof ExchangeError) return undefined;
    throw error;
  }
}

/** The first occurrence of a segment with another value in one field. */
function put(text: string, name: string, field: number, value: string): string {
  let isDone = false;
  return text
    .split('\r')
    .map((line) => {
      if (isDone || !line.startsWith(`${name}|`)) return line;
      isDone = true;
      const fields = line.split('|');
      fields[field] = value;
      return fields.join('|');
    })
    .join('\r');
}

interface Filled {
  readonly text: string;
  readonly record: MappedRecord;
  /** What the field filled, without indices, and its value. */
  readonly leaves: readonly string[];
}

const printLeaf = ({ path, value }: Leaf): string => `${withoutIndices(path)} = ${String(value)}`;
const printLeaves = (resource: object): string[] => leavesOf(resource).map(printLeaf);

/** Messages in which a rule fills an element of the map's record from its field. */
function* fill(map: ResourceMap, rule: Rule, source: string): Generator<Filled, void> {
  const example = EXAMPLES[rule.id];
  for (const each of [...messagesFor(ukPack, map, rule), ...(example === undefined ? [] : [example])]) {
    // A result names its request in passing, and such a message changes nothing.
    const text = map.resource === 'ServiceRequest' ? each.replace('ORU^R01', 'OMG^O19') : each;
    const conversion = convertIfAccepted(text);
    for (const record of conversion?.records ?? []) {
      const leaves = record.resource.resourceType === map.resource ? filledBy(record, rule, source) : [];
      if (leaves.length > 0) yield { text, record, leaves };
    }
  }
}

function filledBy({ resource, lineage }: MappedRecord, rule: Rule, source: string): string[] {
  const lines = lineage.filter(
    (entry) => entry.rule === rule.id && entry.source?.startsWith(`${source}[1]`) === true,
  );
  const elements = new Set(lines.map(({ element }) => element.slice(resource.resourceType.length + 1)));
  return leavesOf(resource)
    .filter(({ path }) => elements.has(path) || [...elements].some((each) => path.startsWith(`${each}.`)))
    .map(printLeaf);
}

/** What stays of the element although the field says `""`; undefined when the message cannot show it. */
function remaining({ text, record, leaves }: Filled, name: string, field: number): string[] | undefined {
  const second = convertIfAccepted(put(text, name, field, '""'));
  const next = second?.records.find(
    ({ resource }) =>
      resource.resourceType === record.resource.resourceType && resource.id === record.resource.id,
  );
  if (next === undefined) return undefined;
  const merged = next.mode === 'replace' ? next.resource : after(record, next);
  const restated = printLeaves(next.resource);
  const held = printLeaves(merged);
  const judged = leaves.filter((leaf) => !restated.includes(leaf));
  return judged.length === 0 ? undefined : judged.filter((leaf) => held.includes(leaf));
}

interface Outcome {
  readonly isFilled: boolean;
  readonly isDeleted: boolean;
}

/** Whether some message fills the element, and whether `""` takes away what one of them had stated. */
function outcomeOf({ map, rule, segment: name, field }: (typeof rows)[number]): Outcome {
  let isFilled = false;
  for (const filled of fill(map, rule, `${name}-${field}`)) {
    isFilled = true;
    if (remaining(filled, name, field)?.length === 0) return { isFilled, isDeleted: true };
  }
  return { isFilled, isDeleted: false };
}

const outcomes = new Map(rows.map((row) => [row.rule.id, outcomeOf(row)]));

test('every field of a common segment that fills an element deletes it by ""', () => {
  const faulty = [...outcomes].filter(([, { isFilled, isDeleted }]) => isFilled && !isDeleted);
  expect(faulty.map(([id]) => id).sort()).toEqual(Object.keys(KEPT).sort());
  expect([...outcomes.values()].filter(({ isDeleted }) => isDeleted).length).toBeGreaterThan(140);
});

test('every rule can be put to the test but a few that need other fields', () => {
  const untested = [...outcomes].filter(([, { isFilled }]) => !isFilled).map(([id]) => id);
  expect(untested.sort()).toEqual([...UNTESTED].sort());
});
