import { describe, expect, test } from '@jest/globals';
import type { Encounter, Patient, Resource } from 'fhir/r4.js';
import { mergeResources } from '../../../src/core/records/merge.js';

const nhs = 'https://fhir.nhs.uk/Id/nhs-number';
const local = 'https://rzz.example.nhs.uk/Id/local-patient-id';

test.each([
  ['Procedure', { performedDateTime: '2026' }, { performedPeriod: { start: '2026-03-29' } }],
  ['ServiceRequest', { occurrenceDateTime: '2026' }, { occurrenceTiming: { code: { text: 'BD' } } }],
  ['AllergyIntolerance', { onsetString: 'as a child' }, { onsetDateTime: '1980' }],
  ['Condition', { onsetDateTime: '1980' }, { onsetString: 'as a child' }],
])(
  'a merged %s has the time of the later statement only, of whichever type',
  (resourceType, stored, stated) => {
    const about = { resourceType, id: 'p.1' };
    const { resource } = mergeResources({ ...about, ...stored }, { ...about, ...stated }, []);
    expect(resource).toEqual({ ...about, ...stated });
  },
);

describe('a merged patient', () => {
  const stored: Patient = {
    resourceType: 'Patient',
    id: 'p',
    identifier: [
      { system: nhs, value: '9990000018' },
      { system: local, value: 'A1' },
    ],
    name: [{ family: 'Okoro' }],
    telecom: [{ system: 'phone', value: '1' }],
  };

  test('keeps elements that the message does not state', () => {
    const { resource } = mergeResources(
      stored,
      { resourceType: 'Patient', id: 'p', gender: 'female' } as Patient,
      [],
    );
    expect(resource).toEqual({ ...stored, gender: 'female' });
  });

  test('loses elements that the sender asks to delete', () => {
    const { resource } = mergeResources(stored, { resourceType: 'Patient', id: 'p' }, ['telecom']);
    expect(resource).toEqual({
      resourceType: 'Patient',
      id: 'p',
      identifier: stored.identifier,
      name: stored.name,
    });
  });

  test('has one NHS number, the newest, and keeps every hospital number', () => {
    const incoming: Patient = {
      resourceType: 'Patient',
      id: 'p',
      identifier: [
        { system: nhs, value: '9990000026' },
        { system: local, value: 'A2' },
      ],
    };
    const { resource } = mergeResources(stored, incoming, []);
    expect((resource as Patient).identifier).toEqual([
      { system: nhs, value: '9990000026' },
      { system: local, value: 'A2' },
      { system: local, value: 'A1' },
    ]);
  });

  test('who has died is not at the same time said not to have', () => {
    const alive: Patient = { ...stored, deceasedBoolean: false };
    const died = { resourceType: 'Patient', id: 'p', deceasedDateTime: '2026-03-29' } as Patient;
    expect(mergeResources(alive, died, []).resource).toEqual({ ...stored, deceasedDateTime: '2026-03-29' });
  });

  test('stays retired, whatever messages under the old number say', () => {
    const retired: Patient = {
      ...stored,
      active: false,
      link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }],
    };
    const update: Patient = { resourceType: 'Patient', id: 'p', active: true, gender: 'female' };
    expect(mergeResources(retired, update, []).resource).toEqual({ ...retired, gender: 'female' });
  });

  test('loses single items of a list that the sender asks to delete', () => {
    const reachable: Patient = {
      ...stored,
      telecom: [
        { system: 'phone', use: 'work', value: '1' },
        { system: 'phone', use: 'home', value: '2' },
      ],
    };
    const { resource } = mergeResources(reachable, { resourceType: 'Patient', id: 'p' }, [
      'telecom[use=work]',
    ]);
    expect((resource as Patient).telecom).toEqual([{ system: 'phone', use: 'home', value: '2' }]);
  });

  test('loses an item by a field within it, whatever characters the value has', () => {
    const visit = {
      resourceType: 'Encounter',
      id: 'p.1',
      location: [
        { location: { reference: 'Location/a' }, status: 'active' },
        { location: { reference: 'Location/b' }, status: 'planned' },
      ],
      extension: [{ url: 'https://example.org/a.b', valueDateTime: '2026' }],
    };
    const { resource } = mergeResources(visit, { resourceType: 'Encounter', id: 'p.1' }, [
      'location[location.reference=Location/b]',
      'extension[url=https://example.org/a.b]',
    ]);
    expect(resource).toEqual({ ...visit, location: [visit.location[0]], extension: undefined });
  });

  test('keeps a label of confidentiality, whatever else the metadata says', () => {
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
    const labelled: Patient = { ...stored, meta: { profile: ['a'], security: [label] } };
    const update: Patient = { resourceType: 'Patient', id: 'p', meta: { profile: ['b'] } };
    expect(mergeResources(labelled, update, []).resource.meta).toEqual({ profile: ['b'], security: [label] });
  });

  test('loses what was said about a value that another replaces, and not what is said about the same', () => {
    const born = { extension: [{ url: 'birth-time', valueDateTime: '1980-01-02T10:00:00Z' }] };
    const known: Patient = { ...stored, birthDate: '1980-01-02', _birthDate: born };
    const says = (birthDate: string): Patient => ({ resourceType: 'Patient', id: 'p', birthDate });
    expect(mergeResources(known, says('1980-01-02'), []).resource).toHaveProperty('_birthDate', born);
    expect(mergeResources(known, says('1980-01-03'), []).resource).not.toHaveProperty('_birthDate');
  });

  test('keeps a value that another message does not know', () => {
    const absent = {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    };
    const known = { resourceType: 'Appointment', id: 'p.1', start: '2026-01-02' } as unknown as Resource;
    const update = { resourceType: 'Appointment', id: 'p.1', _start: absent } as unknown as Resource;
    expect(mergeResources(known, update, []).resource).toEqual(known);
    expect(mergeResources(update, known, []).resource).toEqual(known);
  });

  test('keeps the work telephone when a message states only the home one', () => {
    const reachable: Patient = { ...stored, telecom: [{ system: 'phone', use: 'work', value: '1' }] };
    const update = {
      resourceType: 'Patient',
      id: 'p',
      telecom: [{ system: 'phone', use: 'home', value: '2' }],
    } as Patient;
    expect((mergeResources(reachable, update, []).resource as Patient).telecom).toHaveLength(2);
  });

  test('stands again when a later merge goes the other way', () => {
    const retired: Patient = {
      ...stored,
      active: false,
      link: [{ type: 'replaced-by', other: { reference: 'Patient/q' } }],
    };
    const revived: Patient = {
      resourceType: 'Patient',
      id: 'p',
      active: true,
      link: [{ type: 'replaces', other: { reference: 'Patient/q' } }],
    };
    expect(mergeResources(retired, revived, []).resource).toMatchObject({
      active: true,
      link: [{ type: 'replaces' }],
    });
  });

  test('says of every element which statement it came from', () => {
    const incoming: Patient = {
      resourceType: 'Patient',
      id: 'p',
      identifier: [{ system: nhs, value: '9990000026' }],
    };
    const { origins } = mergeResources(stored, incoming, []);
    expect(origins.get('identifier[0]')).toEqual({ side: 'incoming', path: 'identifier[0]' });
    expect(origins.get('identifier[1]')).toEqual({ side: 'stored', path: 'identifier[1]' });
    expect(origins.get('name')).toEqual({ side: 'stored', path: 'name' });
  });
});

test('a prescription names its medicine in one way only', () => {
  const asCode = {
    resourceType: 'MedicationRequest',
    id: 'p.1',
    medicationCodeableConcept: { text: 'Amoxicillin' },
  } as unknown as Resource;
  const asReference = {
    resourceType: 'MedicationRequest',
    id: 'p.1',
    medicationReference: { reference: '#medication' },
  } as unknown as Resource;
  expect(mergeResources(asCode, asReference, []).resource).toEqual(asReference);
  expect(mergeResources(asReference, asCode, []).resource).toEqual(asCode);
});

describe('a merged encounter', () => {
  const admitted: Encounter = {
    resourceType: 'Encounter',
    id: 'p.e',
    status: 'in-progress',
    class: { code: 'IMP' },
    period: { start: '2026-03-29T08:00:00+01:00' },
    location: [{ location: { reference: 'Location/a' }, status: 'active' }],
    hospitalization: { admitSource: { text: 'home' } },
  };

  test('keeps the admission when the discharge states only its own part', () => {
    const discharge = {
      resourceType: 'Encounter',
      id: 'p.e',
      status: 'finished',
      class: { code: 'IMP' },
      period: { end: '2026-03-29T18:00:00+01:00' },
      hospitalization: { dischargeDisposition: { text: 'home' } },
    } as Encounter;
    expect(mergeResources(admitted, discharge, []).resource).toEqual({
      ...admitted,
      status: 'finished',
      location: [{ location: { reference: 'Location/a' }, status: 'completed' }],
      period: { start: '2026-03-29T08:00:00+01:00', end: '2026-03-29T18:00:00+01:00' },
      hospitalization: { admitSource: { text: 'home' }, dischargeDisposition: { text: 'home' } },
    });
  });

  test('completes the location a patient has left', () => {
    const transfer = {
      resourceType: 'Encounter',
      id: 'p.e',
      location: [{ location: { reference: 'Location/b' }, status: 'active' }],
    } as Encounter;
    expect((mergeResources(admitted, transfer, []).resource as Encounter).location).toEqual([
      { location: { reference: 'Location/b' }, status: 'active' },
      { location: { reference: 'Location/a' }, status: 'completed' },
    ]);
  });

  test('has no empty period', () => {
    const cancel = { resourceType: 'Encounter', id: 'p.e' } as Encounter;
    expect(mergeResources(admitted, cancel, ['period.start']).resource).not.toHaveProperty('period');
  });

  test('loses the end of its period when a discharge is cancelled', () => {
    const discharged: Encounter = {
      ...admitted,
      period: { ...admitted.period, end: '2026-03-29T18:00:00+01:00' },
    };
    const cancel = { resourceType: 'Encounter', id: 'p.e', status: 'in-progress' } as Encounter;
    expect((mergeResources(discharged, cancel, ['period.end']).resource as Encounter).period).toEqual({
      start: '2026-03-29T08:00:00+01:00',
    });
  });
});
