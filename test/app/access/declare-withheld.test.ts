/** Whether answers say that something is withheld: by whom they are about, and never by what was asked for. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { Asker } from '../../../src/app/access/request-access.js';
import type { AccessPrincipal } from '../../../src/core/governance/access-request.js';
import type { ExchangeError } from '../../../src/core/errors.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClearedSystem, aClinician, anAccess, aSystem, thePatient } from '../../support/access.js';
import { aPatient, aResource, asCurrent, entriesOf, send, store } from '../fhir/arrange.js';

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const about = (patient: string) => ({ subject: { reference: `Patient/${patient}` }, status: 'final' });

let records: RecordStore;

beforeEach(() => {
  records = createMemoryRecordStore();
});

function labelled(reference: string, patient: string, system: string, code: string) {
  const document = asCurrent(
    aResource(reference, { ...about(patient), code: { coding: [{ code: 'hiv-test' }] } }),
  );
  const meta = { ...document.resource.meta, security: [{ system, code }] };
  const resource = { ...document.resource, meta };
  return { ...document, resource, index: asCurrent({ ...resource, id: document.fhirId }).index };
}

const ask = (target: string, asker: Partial<Asker> = {}) =>
  send(
    { records, identities: createMemoryIdentityStore() },
    { target, access: (found) => anAccess(found, asker) },
  );

async function isDeclared(target: string, asker?: Partial<Asker>): Promise<boolean> {
  const { resource } = await ask(target, asker);
  const outcome = (resource as Bundle).entry?.find(({ search }) => search?.mode === 'outcome')?.resource;
  const issues = (outcome as OperationOutcome | undefined)?.issue ?? [];
  return issues.some(({ code, diagnostics }) => code === 'suppressed' && diagnostics === undefined);
}

const codesOf = async (target: string, asker?: Partial<Asker>): Promise<readonly string[]> => {
  const error = await ask(target, asker).then(
    () => undefined,
    (thrown: unknown) => thrown as ExchangeError,
  );
  return error === undefined ? [] : [error.code, ...error.others.map(({ code }) => code)];
};

describe('a sensitive record of a patient', () => {
  beforeEach(async () => {
    await store(
      records,
      asCurrent(aPatient('a', { value: '1' })),
      asCurrent(aResource('Observation/a.o', about('a'))),
      labelled('Observation/a.s', 'a', actCode, 'HIV'),
      asCurrent(aPatient('b', { value: '2' })),
      asCurrent(aResource('Observation/b.o', about('b'))),
    );
  });

  test.each([
    ...['Observation?patient=a', 'Observation?patient=a&code=hiv-test', 'Observation?patient=a&code=other'],
    ...['Patient/a/Observation', 'Patient/a/Condition', 'Patient?_id=a', 'Patient?identifier=1'],
    ...['Patient/a/$everything', 'Observation/$lastn?patient=a', 'Condition?subject=Patient/a'],
    'Observation?_id=a.o',
  ])('is declared by %s, whatever else it asks for', async (target) => {
    expect(await isDeclared(target)).toBe(true);
    expect(await isDeclared(target, { principal: aClearedSystem })).toBe(false);
  });

  test.each([
    ...['Observation?patient=b', 'Patient?_id=b', 'Patient/b/$everything', 'Patient?identifier=nobody'],
    ...['Patient?_has:Observation:patient:code=hiv-test&identifier=2'],
  ])('is not declared by %s, which is about others', async (target) => {
    expect(await isDeclared(target)).toBe(false);
  });

  test('is declared alike by a read of it, and of what does not exist', async () => {
    const both = ['HDE_RESOURCE_NOT_FOUND', 'HDE_RECORDS_WITHHELD'];
    for (const target of ['a.s', 'a.nothing', 'a.s/_history', 'a.nothing/_history', 'a.s/_history/1'])
      expect(await codesOf(`Observation/${target}`)).toEqual(both);
    expect(await codesOf('Observation/b.nothing')).toEqual(['HDE_RESOURCE_NOT_FOUND']);
    expect(await codesOf('Observation/a.nothing', { principal: aClearedSystem })).toEqual([
      'HDE_RESOURCE_NOT_FOUND',
    ]);
  });

  test('is declared to nobody who may not have the patient', async () => {
    const foreign = { principal: { ...aSystem, organisation: 'RYY' } };
    expect(await isDeclared('Observation?patient=a', foreign)).toBe(false);
    expect(await codesOf('Observation/a.s', foreign)).toEqual(['HDE_RESOURCE_NOT_FOUND']);
  });
});

test('a restricted record is declared to nobody', async () => {
  await store(records, asCurrent(aPatient('a')), labelled('Observation/a.r', 'a', confidentiality, 'R'));
  expect(await isDeclared('Observation?patient=a')).toBe(false);
  expect(await codesOf('Observation/a.r')).toEqual(['HDE_RESOURCE_NOT_FOUND']);
});

test('what is not for the patient is declared to them', async () => {
  await store(records, asCurrent(aPatient('a')), labelled('Observation/a.n', 'a', actCode, 'NOPAT'));
  const own = { principal: thePatient, purpose: 'patient-access' } as const;
  expect(entriesOf((await ask('Observation?patient=a', own)).resource as Bundle)).toEqual([]);
  expect(await isDeclared('Observation?patient=a', own)).toBe(true);
  expect(await isDeclared('Observation?patient=a')).toBe(false);
});

test('a refusal of the patient is declared, whatever it is about', async () => {
  const consent = {
    ...{ status: 'active', patient: { reference: 'Patient/a' } },
    provision: { type: 'deny', class: [{ code: 'Condition' }] },
  };
  await store(
    records,
    asCurrent(aPatient('a')),
    asCurrent(aResource('Consent/a.c', consent)),
    asCurrent(aResource('Condition/a.d', about('a'))),
    asCurrent(aResource('Observation/a.o', about('a'))),
  );
  expect(entriesOf((await ask('Condition?patient=a')).resource as Bundle)).toEqual([]);
  expect(entriesOf((await ask('Observation?patient=a')).resource as Bundle)).toEqual(['Observation/a.o']);
  expect(await isDeclared('Condition?patient=a')).toBe(true);
  expect(await isDeclared('Observation?patient=a')).toBe(true);
});

test('those who may break the glass are told how, and nobody else', async () => {
  await store(
    records,
    asCurrent(aPatient('a', { value: '1' })),
    labelled('Observation/a.s', 'a', actCode, 'HIV'),
  );
  const hintFor = async (principal: AccessPrincipal) => {
    const { resource } = await ask('Observation?patient=a', { principal });
    const outcome = (resource as Bundle).entry?.find(({ search }) => search?.mode === 'outcome')?.resource;
    return (outcome as OperationOutcome | undefined)?.issue[0]?.diagnostics;
  };
  expect(await hintFor(aClinician)).toBe('In an emergency: POST /access/break-glass');
  expect(await hintFor(aSystem)).toBeUndefined();
});
