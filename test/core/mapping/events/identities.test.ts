import { describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Patient } from 'fhir/r4.js';
import type { Conversion } from '../../../../src/core/mapping/types.js';
import {
  convertText,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const idsOf = (conversion: Conversion, type: string): string[] =>
  recordsOf(conversion, type).map(({ resource }) => resource.id);
const encounters = (number: string): string[] =>
  idsOf(convertText(hl7('ADT^A01', PID, segment('PV1', { 2: 'I', 19: number }))), 'Encounter');

describe('what a source calls a thing', () => {
  test('is unique only within the coding system: one code names two allergies', () => {
    const conversion = convertText(
      hl7('ADT^A01', PID, 'AL1|1|DA|100^Penicillin^LOCAL', 'AL1|2|DA|100^Aspirin^OTHER'),
    );
    expect(idsOf(conversion, 'AllergyIntolerance')).toEqual([
      patientRecordId('AllergyIntolerance', '100|LOCAL'),
      patientRecordId('AllergyIntolerance', '100|OTHER'),
    ]);
  });

  test('is found in the alternate code where there is no other', () => {
    const conversion = convertText(hl7('ADT^A01', PID, 'AL1|1|DA|^Penicillin^^100^Penicillin^LOCAL'));
    expect(idsOf(conversion, 'AllergyIntolerance')).toEqual([
      patientRecordId('AllergyIntolerance', '100|LOCAL'),
    ]);
  });

  test('is the same however the name of the coding system is written', () => {
    const id = (system: string) =>
      idsOf(convertText(hl7('ADT^A01', PID, `AL1|1|DA|100^Aspirin^${system}`)), 'AllergyIntolerance');
    expect(id('local')).toEqual(id('LOCAL'));
  });

  test('is unique only within the coding system: one code names two diagnoses', () => {
    const conversion = convertText(
      hl7('ADT^A01', PID, 'PV1|1|I|||||||||||||||||V1', 'DG1|1||100^Gout^LOCAL', 'DG1|2||100^Angina^OTHER'),
    );
    expect(idsOf(conversion, 'Condition')).toEqual([
      patientRecordId('Condition', 'V1|100|LOCAL'),
      patientRecordId('Condition', 'V1|100|OTHER'),
    ]);
  });

  test('is unique only within the authority: one number names two visits', () => {
    expect(encounters('77^^^HOSPA')).toEqual([patientRecordId('Encounter', '77|HOSPA')]);
    expect(encounters('77^^^HOSPB')).toEqual([patientRecordId('Encounter', '77|HOSPB')]);
    expect(encounters('77')).toEqual([patientRecordId('Encounter', '77')]);
  });

  test('is unique only within the namespace: one number names two reports', () => {
    const report = (number: string) =>
      idsOf(convertText(hl7('ORU^R01', PID, `OBR|1||${number}|FBC`)), 'DiagnosticReport');
    expect(report('1001^LABA')).toEqual([patientRecordId('DiagnosticReport', '1001|LABA|||FBC')]);
    expect(report('1001^LABB')).toEqual([patientRecordId('DiagnosticReport', '1001|LABB|||FBC')]);
  });
});

test('an allergy without severity and reaction leaves what is stored of them', () => {
  const record = recordOf(
    convertText(hl7('ADT^A31', PID, 'AL1|1|DA|100^Penicillin^LOCAL')),
    'AllergyIntolerance',
  );
  expect(record.mode).toBe('merge');
  // An error that was noted is taken back by saying it again.
  expect(record.removed).toEqual(['verificationStatus.coding[code=entered-in-error]']);
  const allergy = record.resource as AllergyIntolerance;
  expect(allergy.criticality).toBeUndefined();
  expect(allergy.reaction).toBeUndefined();
});

describe('an identifier that belongs to somebody else', () => {
  const MRN = 'https://rxx.nhs.uk/id/mrn';
  const NHS = 'https://fhir.nhs.uk/Id/nhs-number';
  const contestedIn = (pid: Record<number, string>, contested: string[]) => {
    const conversion = convertText(hl7('ADT^A31', segment('PID', pid)), { contested });
    return {
      values: (resourceOf<Patient>(conversion, 'Patient').identifier ?? []).map(({ value }) => value),
      left: conversion.ledger
        .filter(({ rule }) => rule === 'pid-identifier-contested')
        .map(({ source, fate }) => `${source} ${fate}`),
    };
  };

  test.each([
    ['a local number', { 3: 'A1^^^RXX^MR~B2^^^RXX^MR' }, `${MRN}|B2`, ['A1'], 'PID-3[2]'],
    ['an NHS number', { 3: 'A1^^^RXX^MR~999 000 0018^^^NHS^NH' }, `${NHS}|9990000018`, ['A1'], 'PID-3[2]'],
    ['a number in PID-2', { 2: 'B2^^^RXX^MR', 3: 'A1^^^RXX^MR' }, `${MRN}|B2`, ['A1'], 'PID-2[1]'],
    ['a number in PID-4', { 3: 'A1^^^RXX^MR', 4: 'B2^^^RXX^MR' }, `${MRN}|B2`, ['A1'], 'PID-4[1]'],
    [
      'an NHS number in PID-19',
      { 3: 'A1^^^RXX^MR', 19: '9990000018' },
      `${NHS}|9990000018`,
      ['A1'],
      'PID-19[1]',
    ],
  ])('is not written to the patient: %s', (_case, pid, contested, values, source) => {
    expect(contestedIn(pid, [contested])).toEqual({ values, left: [`${source} ignored`] });
  });

  test('is told from the same number of another system', () => {
    expect(contestedIn({ 3: 'A1^^^RXX^MR' }, [`${NHS}|A1`])).toEqual({ values: ['A1'], left: [] });
  });
});

test('a number that PID-3 repeats from MRG-1 stays with the retired patient alone', () => {
  const text = hl7('ADT^A40', 'PID|1||A1^^^RXX^MR~B99^^^RXX^MR', 'MRG|B99^^^RXX^MR');
  const conversion = convertText(text, { contested: ['https://rxx.nhs.uk/id/mrn|B99'] });
  const numbers = recordsOf(conversion, 'Patient').map(({ resource }) =>
    (resource as Patient).identifier?.map(({ value }) => value),
  );
  expect(numbers).toEqual([['A1'], ['B99']]);
});

test('a retired patient keeps every number of MRG-1, without the trace status of the other', () => {
  const traced = segment('PID', { 3: 'A1^^^RXX^MR', 32: 'NSTS01' });
  const conversion = convertText(hl7('ADT^A40', traced, 'MRG|9990000018^^^NHS^NH~B99^^^RXX^MR'));
  const retired = recordsOf(conversion, 'Patient').find(({ mode }) => mode === 'link')?.resource as Patient;
  expect(retired.identifier).toMatchObject([
    { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' },
    { system: 'https://rxx.nhs.uk/id/mrn', value: 'B99' },
  ]);
  expect(retired.identifier?.[0]).not.toHaveProperty('extension');
  expect(conversion.ledger.filter(({ source }) => source.startsWith('MRG'))).toEqual([
    expect.objectContaining({ source: 'MRG-1[1]', fate: 'mapped' }),
    expect.objectContaining({ source: 'MRG-1[2]', fate: 'mapped' }),
  ]);
});
