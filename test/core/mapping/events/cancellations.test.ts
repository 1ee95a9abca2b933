/** Cancellations and pending events: changes of the state of one visit, never a loss of what it was. */
import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { sharedId } from '../../../../src/core/identity/tokens.js';
import { convertText, hl7, PID, recordOf, segment, type ConvertOptions } from '../support.js';

const visit = (fields: Readonly<Record<number, string>> = {}): string =>
  segment('PV1', { 1: '1', 2: 'I', 3: 'WARD7', 19: 'V001', ...fields });
const placeOf = (ward: string): string =>
  `Location/${sharedId('Location', 'https://rxx.nhs.uk/id/location', `///${ward}`)}`;

function stated(event: string, segments: readonly string[], options: ConvertOptions = {}) {
  const conversion = convertText(hl7(`ADT^${event}`, PID, ...segments), options);
  const { resource, removed } = recordOf(conversion, 'Encounter');
  const encounter = resource as unknown as Encounter;
  const places = encounter.location?.map(({ location, status }) => [location.display, status]);
  const fates = new Map(conversion.ledger.map(({ source, fate, rule }) => [source, `${fate} ${rule ?? ''}`]));
  return { encounter, places, removed, issues: conversion.issues, fates };
}

const PLANNED_END = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate';
const planned = (encounter: Encounter): string | undefined =>
  encounter.extension?.find(({ url }) => url === PLANNED_END)?.valueDateTime;

describe('a cancelled transfer, A12', () => {
  test('keeps the visit where the patient is and takes the other place away', () => {
    const { encounter, places, removed, issues, fates } = stated('A12', [visit({ 6: 'WARD9' })]);
    expect(encounter.status).toBe('in-progress');
    expect(places).toEqual([['WARD7', 'active']]);
    expect(removed).toEqual([`location[location.reference=${placeOf('WARD9')}]`]);
    expect(fates.get('PV1-6[1]')).toBe('mapped pv1-6-cancelled-transfer');
    expect(issues).toEqual([]);
  });

  test('takes nothing away where it names one place only', () => {
    expect(stated('A12', [visit({ 6: 'WARD7' })]).removed).toEqual([]);
  });
});

describe('a cancelled pending transfer, A26', () => {
  test('keeps the visit and takes the reserved place away', () => {
    const { encounter, places, removed } = stated('A26', [visit({ 42: 'WARD8' }), 'PV2|WARD9']);
    expect(encounter.status).toBe('in-progress');
    expect(places).toEqual([['WARD7', 'active']]);
    expect(removed).toEqual(
      ['WARD8', 'WARD9'].map((ward) => `location[location.reference=${placeOf(ward)}]`),
    );
  });
});

describe('a pending transfer, A15', () => {
  test('reserves the place and moves nobody', () => {
    const { encounter, places } = stated('A15', [visit({ 42: 'WARD8' })]);
    expect(encounter.status).toBe('in-progress');
    expect(places).toEqual([
      ['WARD7', 'active'],
      ['WARD8', 'reserved'],
    ]);
  });
});

describe('a discharge', () => {
  test('that is pending (A16) ends nothing: it is planned', () => {
    const { encounter, places, fates } = stated('A16', [visit({ 45: '20240107120000' })]);
    expect(encounter.status).toBe('in-progress');
    expect(encounter.period).toBeUndefined();
    expect(planned(encounter)).toBe('2024-01-07T12:00:00+00:00');
    expect(places).toEqual([['WARD7', 'active']]);
    expect(fates.get('PV1-45[1]')).toBe('mapped pv1-45-pending-discharge');
  });

  test('that is pending no more (A25) leaves no plan', () => {
    const { encounter, removed, fates } = stated('A25', [
      visit({ 45: '20240107120000' }),
      'PV2|||||||||20240107',
    ]);
    expect(encounter.status).toBe('in-progress');
    expect(encounter.period).toBeUndefined();
    expect(planned(encounter)).toBeUndefined();
    expect(removed).toEqual([`extension[url=${PLANNED_END}]`]);
    expect([fates.get('PV1-45[1]'), fates.get('PV2-9[1]')]).toEqual([
      'ignored pv1-45-cancelled-discharge',
      'ignored pv2-9-cancelled-discharge',
    ]);
  });

  test('that is taken back (A13) leaves no method of it, and no destination', () => {
    const { encounter, removed } = stated('A13', [visit({ 36: '4', 37: '19', 45: '20240107120000' })]);
    expect(encounter.status).toBe('in-progress');
    expect(encounter.extension).toBeUndefined();
    expect(encounter.hospitalization?.dischargeDisposition).toBeUndefined();
    expect(encounter.hospitalization?.destination).toBeUndefined();
    expect(removed).toContain('hospitalization.dischargeDisposition');
    expect(removed).toContain(
      'extension[url=https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod]',
    );
  });
});

describe('a leave of absence', () => {
  test.each([
    ['A21', 'onleave'],
    ['A52', 'in-progress'],
    ['A22', 'in-progress'],
    ['A53', 'onleave'],
  ])('of event %s makes the visit %s and ends nothing', (event, status) => {
    const { encounter } = stated(event, [visit()]);
    expect([encounter.status, encounter.period]).toEqual([status, undefined]);
  });

  test('has an end that is not the end of the visit', () => {
    const { encounter, fates } = stated('A21', [visit({ 45: '20240107' })]);
    expect([encounter.status, encounter.period]).toEqual(['onleave', undefined]);
    expect(fates.get('PV1-45[1]')).toBe('ignored pv1-45-no-discharge');
  });
});

describe('a movement', () => {
  test('to a temporary place (A09) keeps the bed', () => {
    const { places, encounter } = stated('A09', [visit({ 11: 'XRAY', 43: 'THEATRE' })]);
    expect(places).toEqual([
      ['WARD7', 'active'],
      ['XRAY', 'active'],
      ['THEATRE', 'completed'],
    ]);
    expect(encounter.location?.[1]?.extension).toEqual([
      {
        url: 'http://hl7.org/fhir/StructureDefinition/subject-locationClassification',
        valueCodeableConcept: { text: 'temporary' },
      },
    ]);
  });

  test.each(['A32', 'A33'])(
    'that is cancelled (%s) changes no status and takes the temporary place away',
    (event) => {
      const { encounter, places, removed } = stated(event, [visit({ 11: 'XRAY' })]);
      expect(encounter.status).toBeUndefined();
      expect(places).toEqual([['WARD7', 'active']]);
      expect(removed).toEqual([`location[location.reference=${placeOf('XRAY')}]`]);
    },
  );
});

describe('a visit that does not take place', () => {
  test.each([
    ['A11', 'cancelled', 'planned'],
    ['A27', 'cancelled', 'planned'],
    ['A38', 'cancelled', 'planned'],
    ['A23', 'entered-in-error', 'completed'],
  ])('by event %s is %s, and nobody is looked for in its bed', (event, status, place) => {
    const { encounter, places } = stated(event, [visit()]);
    expect([encounter.status, places]).toEqual([status, [['WARD7', place]]]);
  });
});
