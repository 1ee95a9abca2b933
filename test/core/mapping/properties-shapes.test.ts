/**
 * Whatever senders put into the fields that the packs read, each record has the shape that FHIR R4 gives its type, only
 * codes that R4 knows where it requires them, and keeps the invariants that a mapping is likely to break.
 * `HDE_FUZZ_RUNS` says how often (default 500).
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  MedicationAdministration,
  MedicationRequest,
  Observation,
  Organization,
  Resource,
  ServiceRequest,
} from 'fhir/r4.js';
import { convert } from '../../../src/core/converter/convert.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { checkCodes } from '../../../src/core/fhir/write/check-codes.js';
import { checkResource } from '../../../src/core/fhir/write/check-resource.js';
import { parseSourcePath } from '../../../src/core/mapping/engine/source-path.js';
import { segment, ukPack } from './support.js';

const RUNS = Number(process.env['HDE_FUZZ_RUNS'] ?? 500);

/** The fields that rules read, by segment. */
const fieldsOf = new Map<string, Set<number>>();
for (const map of ukPack.maps)
  for (const { from } of map.rules) {
    const source = from === undefined ? undefined : parseSourcePath(from);
    if (source === undefined || source.field === 0 || source.segment === 'MSH') continue;
    const fields = fieldsOf.get(source.segment) ?? new Set();
    fieldsOf.set(source.segment, fields.add(source.field));
  }

const TYPES = (
  'ADT^A01 ADT^A03 ADT^A05 ADT^A08 ADT^A13 ADT^A31 ADT^A40 ADT^A45 ORU^R01 OUL^R22 ORM^O01 OMG^O19 OML^O21 ' +
  'RDE^O11 RDS^O13 RAS^O17 RGV^O15 SIU^S12 SIU^S15 MDM^T02 MDM^T10 VXU^V04 PPR^PC1 PPR^PC2 PGL^PC6 REF^I12 BAR^P01 DFT^P03 MFN^M02'
).split(' ');

/** What components hold: of each data type something, and something of another. */
const part = fc.constantFrom(
  ...[
    '',
    '',
    '',
    'A',
    'C',
    'D',
    'F',
    'H',
    'I',
    'M',
    'N',
    'P',
    'R',
    'U',
    'X',
    'Y',
    'AD',
    'DE',
    'SN',
    'BID',
    'PRN',
  ],
  ...[
    '1',
    '2',
    '0',
    '12.50',
    '-3',
    '20240105',
    '2024',
    '20240105093015+0000',
    '0800',
    'LN',
    'ISO',
    'HL70078',
  ],
  ...['Some text', '^', 'van&der&Berg', '&Berg', 'a@example.org', '01134960000', 'NHS', 'Base64', 'SGVsbG8='],
);
const value = fc.oneof(
  { weight: 9, arbitrary: fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join('^')) },
  { weight: 1, arbitrary: fc.constantFrom('""', '^^^^^^^x', 'A~B^C', '20240105~20240106') },
);

const OBX_TYPES = [
  'NM',
  'ST',
  'TX',
  'CE',
  'CWE',
  'SN',
  'TS',
  'DT',
  'TM',
  'DR',
  'NR',
  'ED',
  'RP',
  'XPN',
  'CX',
];

const anySegment = fc.constantFrom(...fieldsOf.keys()).chain((name) => {
  const fields = [...(fieldsOf.get(name) ?? [])];
  return fc
    .tuple(
      fc.subarray(fields),
      fc.array(value, { minLength: fields.length, maxLength: fields.length }),
      fc.nat(),
    )
    .map(([chosen, values, type]) => {
      const filled = Object.fromEntries(chosen.map((field, index) => [field, values[index] ?? '']));
      const kind = name === 'OBX' ? { 2: OBX_TYPES[type % OBX_TYPES.length] ?? 'ST' } : {};
      return segment(name, { 1: '1', ...filled, ...kind });
    });
});

const anyMessage = fc
  .tuple(fc.constantFrom(...TYPES), fc.array(anySegment, { minLength: 1, maxLength: 8 }))
  .map(([type, segments]) =>
    [
      `MSH|^~\\&|PAS|RXX|HDE|RXX|20240105090000||${type}|MSG1|P|2.5`,
      'PID|1||A12345^^^RXX^MR||Khan^Amira||19800229|F',
      ...segments,
      '',
    ].join('\r'),
  );

const has = (concept: CodeableConcept | undefined, ...codes: string[]): boolean =>
  concept?.coding?.some(({ code }) => codes.includes(code ?? '')) === true;

/** Invariants of R4, and what UK Core requires, that depend on more than one field of a message. */
const broken: Readonly<Record<string, (resource: never) => string[]>> = {
  Condition: ({ clinicalStatus, verificationStatus, category, abatementDateTime }: Condition) => [
    ...(clinicalStatus === undefined &&
    !has(verificationStatus, 'entered-in-error') &&
    category?.some((each) => has(each, 'problem-list-item')) === true
      ? ['con-3']
      : []),
    ...(abatementDateTime !== undefined && !has(clinicalStatus, 'inactive', 'resolved', 'remission')
      ? ['con-4']
      : []),
    ...(clinicalStatus !== undefined && has(verificationStatus, 'entered-in-error') ? ['con-5'] : []),
  ],
  AllergyIntolerance: ({ code }: AllergyIntolerance) =>
    code === undefined ? ['without code (UK Core)'] : [],
  MedicationAdministration: ({ dosage }: MedicationAdministration) =>
    dosage !== undefined && dosage.dose === undefined && dosage.rateQuantity === undefined ? ['mad-1'] : [],
  MedicationRequest: ({ substitution }: MedicationRequest) =>
    substitution === undefined ? ['without substitution (UK Core)'] : [],
  ServiceRequest: ({ code, orderDetail }: ServiceRequest) =>
    orderDetail !== undefined && code === undefined ? ['prr-1'] : [],
  Observation: (observation: Observation) =>
    observation.dataAbsentReason !== undefined &&
    Object.keys(observation).some((key) => key.startsWith('value'))
      ? ['obs-6']
      : [],
  Organization: ({ telecom = [], address = [] }: Organization) => [
    ...(address.some(({ use }) => use === 'home') ? ['org-2'] : []),
    ...(telecom.some(({ use }) => use === 'home') ? ['org-3'] : []),
  ],
};

const faultsOf = (resource: Resource): string[] =>
  [
    ...[...checkResource(resource), ...checkCodes(resource)].map(
      ({ location, detail = '' }) => `${location}: ${detail}`,
    ),
    ...(broken[resource.resourceType]?.(resource as never) ?? []),
  ].map((fault) => `${resource.resourceType} ${fault}`);

/** The records as anybody gets them: JSON. */
function recordsOf(text: string): Resource[] {
  try {
    const { bundle } = convert(text, { format: 'hl7v2' });
    const { entry = [] } = JSON.parse(JSON.stringify(bundle)) as { entry?: { resource: Resource }[] };
    return entry.map(({ resource }) => resource);
  } catch (error) {
    if (error instanceof ExchangeError) return [];
    throw error;
  }
}

describe('every record', () => {
  test('has the shape of its type, whatever the fields hold', () => {
    fc.assert(
      fc.property(anyMessage, (text) => {
        expect(recordsOf(text).flatMap(faultsOf)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});
