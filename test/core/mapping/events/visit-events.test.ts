import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { recordId, sharedId } from '../../../../src/core/identity/tokens.js';
import { convert } from '../../../../src/core/converter/convert.js';
import { convertText, hl7, PATIENT_KEY, PID, recordOf } from '../support.js';

const bars = (count: number): string => '|'.repeat(count);
/** PV1 up to the visit number, with class and location given, and the fields from PV1-36 on. */
const pv1 = (rest = '', patientClass = 'I', prior = ''): string =>
  `PV1|1|${patientClass}|WARD7|||${prior}${bars(13)}V001${bars(17)}${rest}`;
const ADMITTED = `${bars(8)}20240105083000`;
const DISCHARGED = `19${bars(8)}20240105083000|20240107120000`;

const location = (ward: string, status: string) => ({
  location: {
    reference: `Location/${sharedId('Location', 'https://rxx.nhs.uk/id/location', `///${ward}`)}`,
    display: ward,
  },
  status,
});
const IN_PROGRESS: Partial<Encounter> = { status: 'in-progress' };

/** The visit every message below is about, as far as they all say the same. */
const visit = (changes: object): object => ({
  resourceType: 'Encounter',
  id: recordId(PATIENT_KEY, 'Encounter', 'pas', 'V001'),
  meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter'] },
  identifier: [
    {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'VN' }] },
      system: 'https://rxx.nhs.uk/id/visit',
      value: 'V001',
    },
  ],
  class: {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    code: 'IMP',
    display: 'inpatient encounter',
  },
  subject: { reference: `Patient/${PATIENT_KEY}` },
  period: { start: '2024-01-05T08:30:00+00:00' },
  location: [location('WARD7', 'active')],
  serviceProvider: {
    reference: `Organization/${sharedId('Organization', 'https://fhir.nhs.uk/Id/ods-organization-code', 'RXX')}`,
  },
  ...changes,
});

const classOf = (code: string, display: string) => ({
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code, display },
});

/** The bed is left at the end of a visit, and was planned at most for one that has not taken place. */
const LEFT = { location: [location('WARD7', 'completed')] };
const PLANNED = { location: [location('WARD7', 'planned')] };

const discharge = {
  ...LEFT,
  period: { start: '2024-01-05T08:30:00+00:00', end: '2024-01-07T12:00:00+00:00' },
  hospitalization: {
    dischargeDisposition: {
      coding: [
        {
          system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeDestinationEngland',
          code: '19',
          display: 'Usual place of residence',
        },
      ],
    },
  },
};

describe('the visit after', () => {
  test.each<[string, string, object]>([
    ['A01', pv1(ADMITTED), IN_PROGRESS],
    [
      'A02',
      pv1(ADMITTED, 'I', 'WARD6'),
      { ...IN_PROGRESS, location: [location('WARD7', 'active'), location('WARD6', 'completed')] },
    ],
    ['A03', pv1(DISCHARGED), { status: 'finished', ...discharge }],
    ['A04', pv1(ADMITTED, 'O'), { ...IN_PROGRESS, ...classOf('AMB', 'ambulatory') }],
    ['A04', pv1(ADMITTED, 'E'), { ...IN_PROGRESS, ...classOf('EMER', 'emergency') }],
    ['A04', pv1(ADMITTED, 'P'), { status: 'planned', ...classOf('PRENC', 'pre-admission'), ...PLANNED }],
    ['A05', pv1(ADMITTED), { status: 'planned', ...PLANNED }],
    ['A06', pv1(ADMITTED), IN_PROGRESS],
    ['A07', pv1(ADMITTED, 'O'), { ...IN_PROGRESS, ...classOf('AMB', 'ambulatory') }],
    // An update knows no state: the end it names may be that of a visit that was cancelled.
    ['A08', pv1(ADMITTED), {}],
    ['A01', pv1(DISCHARGED), { status: 'finished', ...discharge }],
    ['A08', pv1(DISCHARGED), discharge],
    ['A31', pv1(DISCHARGED), discharge],
    ['A31', pv1(ADMITTED), {}],
    ['A11', pv1(ADMITTED), { status: 'cancelled', ...PLANNED }],
    ['A13', pv1(ADMITTED), IN_PROGRESS],
    ['A14', pv1(ADMITTED), { status: 'planned', ...PLANNED }],
    ['A21', pv1(ADMITTED), { status: 'onleave' }],
    ['A22', pv1(ADMITTED), IN_PROGRESS],
    ['A38', pv1(ADMITTED), { status: 'cancelled', ...PLANNED }],
    ['A27', pv1(ADMITTED), { status: 'cancelled', ...PLANNED }],
    ['A23', pv1(ADMITTED), { status: 'entered-in-error', ...LEFT }],
    ['A12', pv1(ADMITTED), IN_PROGRESS],
    ['A15', pv1(ADMITTED), IN_PROGRESS],
    ['A16', pv1(ADMITTED), IN_PROGRESS],
    ['A25', pv1(ADMITTED), IN_PROGRESS],
    ['A26', pv1(ADMITTED), IN_PROGRESS],
    ['A52', pv1(ADMITTED), IN_PROGRESS],
    ['A53', pv1(ADMITTED), { status: 'onleave' }],
    // Where the patient is, or who attends them, is no matter of the state.
    ['A32', pv1(ADMITTED), {}],
    ['A33', pv1(ADMITTED), {}],
    ['A54', pv1(ADMITTED), {}],
    ['A55', pv1(ADMITTED), {}],
    ['A61', pv1(ADMITTED), {}],
    ['A62', pv1(ADMITTED), {}],
  ])('%s is as the message states it', (event, segment, changes) => {
    const conversion = convertText(hl7(`ADT^${event}`, PID, segment));
    const { resource, mode } = recordOf(conversion, 'Encounter');
    expect(resource).toEqual(visit(changes));
    expect(mode).toBe('merge');
    expect(conversion.issues).toEqual([]);
  });

  test('A13 has no end and no destination any more', () => {
    const { resource, removed } = recordOf(convertText(hl7('ADT^A13', PID, pv1(ADMITTED))), 'Encounter');
    expect(removed).toEqual([
      'period.end',
      'hospitalization.dischargeDisposition',
      'hospitalization.destination',
      'extension[url=https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod]',
    ]);
    expect(resource).toEqual(visit(IN_PROGRESS));
  });

  test('A13 does not take up the discharge that it takes back', () => {
    const conversion = convertText(hl7('ADT^A13', PID, pv1(`${bars(8)}20240105083000|20240107120000`)));
    const { resource, removed } = recordOf(conversion, 'Encounter');
    expect(resource).toEqual(visit(IN_PROGRESS));
    expect(removed).toContain('period.end');
    expect(conversion.ledger).toContainEqual({
      source: 'PV1-45[1]',
      fate: 'ignored',
      rule: 'pv1-45-cancelled-discharge',
    });
  });

  test.each(['A28', 'A31'])('%s is none where the message has none', (event) => {
    const { records } = convertText(hl7(`ADT^${event}`, PID));
    expect(records.map(({ resource }) => resource.resourceType)).toEqual(['Patient', 'Organization']);
  });

  test('A28 is none where PV1 says that it does not apply', () => {
    const { records, issues, ledger } = convertText(hl7('ADT^A28', PID, 'PV1|1|N'));
    expect(records.map(({ resource }) => resource.resourceType)).toEqual(['Patient', 'Organization']);
    expect(issues).toEqual([]);
    expect(ledger).toContainEqual({ source: 'PV1-2[1]', fate: 'ignored', rule: 'pv1-no-visit' });
  });

  test('an event that the pack does not know is mapped by its segments', () => {
    expect(recordOf(convertText(hl7('ADT^A99', PID, pv1(ADMITTED))), 'Encounter').resource).toEqual(
      visit({}),
    );
  });

  test('an event that only EVN names is understood', () => {
    const text = hl7('ADT^A03', PID, pv1(DISCHARGED)).replace('ADT^A03', 'ADT');
    const conversion = convertText(text);
    expect(conversion.messageType).toBe('ADT^A03');
    expect((recordOf(conversion, 'Encounter').resource as Encounter).status).toBe('finished');
    const cancelled = convertText(hl7('ADT^A11', PID, pv1(ADMITTED)).replace('ADT^A11', 'ADT'));
    expect((recordOf(cancelled, 'Encounter').resource as Encounter).status).toBe('cancelled');
  });
});

describe('a converted Bundle', () => {
  test.each([
    ['A08', pv1(ADMITTED), 'in-progress', 'IMP'],
    ['A08', pv1(DISCHARGED), 'finished', 'IMP'],
    ['A08', pv1(), 'unknown', 'IMP'],
    ['A08', pv1('', ''), 'unknown', 'UNK'],
  ])('gives the visit of %s the status and class that FHIR requires', (event, segment, status, code) => {
    const { bundle } = convert(hl7(`ADT^${event}`, PID, segment), { format: 'hl7v2' });
    const encounter = bundle.entry
      ?.map(({ resource }) => resource!)
      .find((resource): resource is Encounter => resource.resourceType === 'Encounter');
    expect([encounter?.status, encounter?.class.code]).toEqual([status, code]);
  });
});
