/** One order control (ORC) over several medicines: its number, state and restriction are those of each. */
import { describe, expect, test } from '@jest/globals';
import type { MedicationDispense, MedicationRequest } from 'fhir/r4.js';
import { convertText, hl7, PID, recordsOf, segment } from '../support.js';

const sent = (type: string, ...segments: string[]) => convertText(hl7(type, PID, ...segments));
const requests = (type: string, ...segments: string[]): MedicationRequest[] =>
  recordsOf(sent(type, ...segments), 'MedicationRequest').map(
    ({ resource }) => resource as MedicationRequest,
  );
const restricted = (control: string): string => segment('ORC', { 1: control, 2: 'P1', 28: 'R' });

const described = ({ identifier, status, meta, medicationCodeableConcept: medicine }: MedicationRequest) => [
  medicine?.coding?.[0]?.code,
  identifier?.[0]?.value,
  status,
  meta?.security?.[0]?.code,
];

describe('an order control over several', () => {
  test.each([
    ['RGV^O15', 'RXG|1|1||AMOX^Amoxicillin^L|500||mg', 'RXG|2|1||WARF^Warfarin^L|3||mg'],
    ['RDE^O11', 'RXE|^BD|AMOX^Amoxicillin^L|500||mg', 'RXE|^OD|WARF^Warfarin^L|3||mg'],
    ['OMP^O09', 'RXO|AMOX^Amoxicillin^L|500||mg', 'RXO|WARF^Warfarin^L|3||mg'],
  ])('medicines of %s ends and restricts each of them', (type, first, second) => {
    const route = 'RXR|PO^Oral^HL70162';
    expect(requests(type, restricted('CA'), first, route, second, route).map(described)).toEqual([
      ['AMOX', 'P1', 'cancelled', 'R'],
      ['WARF', 'P1', 'cancelled', 'R'],
    ]);
  });

  test('instructions to give what the pharmacy encodes makes one prescription', () => {
    const encoded = requests(
      'RGV^O15',
      restricted('NW'),
      'RXE|^BD|AMOX^Amoxicillin^L|500||mg',
      'RXG|1|1|^^^202401050800|AMOX^Amoxicillin^L|500||mg',
      'RXG|2|1|^^^202401052000|AMOX^Amoxicillin^L|500||mg',
    );
    expect(encoded.map(described)).toEqual([['AMOX', 'P1', 'active', 'R']]);
  });

  test('dispensed medicines restricts each of them', () => {
    const conversion = sent(
      'RDS^O13',
      restricted('RE'),
      'RXD|1|AMOX^Amoxicillin^L|20240105|14|tab',
      'RXD|2|WARF^Warfarin^L|20240105|28|tab',
    );
    const dispensed = recordsOf(conversion, 'MedicationDispense').map(
      ({ resource }) => resource as MedicationDispense,
    );
    expect(
      dispensed.map(({ authorizingPrescription, meta }) => [
        authorizingPrescription?.[0]?.identifier?.value,
        meta?.security?.[0]?.code,
      ]),
    ).toEqual([
      ['P1', 'R'],
      ['P1', 'R'],
    ]);
  });

  test('is not that of a medicine with an order control of its own', () => {
    const both = requests(
      'RDE^O11',
      restricted('CA'),
      'RXE|^BD|AMOX^Amoxicillin^L|500||mg',
      'ORC|NW|P2',
      'RXE|^OD|WARF^Warfarin^L|3||mg',
    );
    expect(both.map(described)).toEqual([
      ['AMOX', 'P1', 'cancelled', 'R'],
      ['WARF', 'P2', 'active', undefined],
    ]);
  });
});

describe('a pharmacy that answers an order', () => {
  test.each([
    ['RRE^O12', 'CR', 'cancelled'],
    ['RRE^O12', 'UA', 'cancelled'],
    ['ORP^O10', 'DR', 'stopped'],
    ['ORP^O10', 'HR', 'on-hold'],
  ])('by %s says of its number alone that it has ended or is held: %s', (type, control, status) => {
    expect(requests(type, `ORC|${control}|P1`)).toMatchObject([{ status, identifier: [{ value: 'P1' }] }]);
  });

  test('and only acknowledges it states no prescription', () => {
    expect(requests('RRE^O12', 'ORC|OK|P1')).toEqual([]);
  });
});

test.each([
  ['U', 'urgent'],
  ['STAT', 'stat'],
  ['A', 'asap'],
])('the priority %s of a prescription is %s', (sentPriority, priority) => {
  const [prescribed] = requests(
    'RDE^O11',
    'ORC|NW|P1',
    `TQ1|1||||||||${sentPriority}`,
    'RXE||AMOX^Amoxicillin^L|1',
  );
  expect(prescribed?.priority).toBe(priority);
});
