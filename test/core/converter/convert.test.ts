import { describe, expect, test } from '@jest/globals';
import type { Encounter, Patient } from 'fhir/r4.js';
import { convert } from '../../../src/core/converter/convert.js';
import { builtInPacks } from '../../../src/core/mapping/packs/built-in-packs.js';
import { feed, hl7, PID } from '../mapping/support.js';

const text = hl7('ADT^A28', PID);

describe('convert', () => {
  test('gives a collection whose references lead from one entry to another', () => {
    const { bundle } = convert(hl7('ADT^A01', PID, 'PV1|1|I|||||||||||||||||V1'), { format: 'hl7v2' });
    expect(bundle.type).toBe('collection');
    const resources = bundle.entry?.map(({ resource }) => resource!) ?? [];
    expect(resources.map(({ resourceType }) => resourceType)).toEqual([
      'Patient',
      'Encounter',
      'Organization',
    ]);
    expect(bundle.entry?.map(({ fullUrl }) => fullUrl)).toEqual(
      resources.map(({ resourceType, id }) => `https://hde.invalid/fhir/${resourceType}/${id ?? ''}`),
    );
    const references = JSON.stringify(bundle).match(/"reference":"[^"]+"/g) ?? [];
    const ids = new Set(resources.map(({ resourceType, id }) => `"reference":"${resourceType}/${id ?? ''}"`));
    expect(references.length).toBeGreaterThan(2);
    for (const reference of references) expect(ids).toContain(reference);
  });

  test('derives the same keys from text and bytes, on any machine', () => {
    const fromText = convert(text, { format: 'hl7v2' });
    expect(convert(new TextEncoder().encode(text), { format: 'hl7v2' })).toEqual(fromText);
    expect(fromText.bundle.entry?.[0]?.resource?.id).toBe('bev4psv6oy43fzawe6wvhqh6o3');
  });

  test('knows a person by the NHS number, whatever the local numbers', () => {
    const key = (pid: string) =>
      convert(hl7('ADT^A28', pid), { format: 'hl7v2' }).bundle.entry?.[0]?.resource?.id;
    expect(key('PID|1||A1^^^RXX~9990000018^^^NHS^NH')).toBe(key('PID|1||999 000 0018^^^NHS^NH~B2^^^RYY'));
    expect(key('PID|1||A1^^^RXX')).not.toBe(key('PID|1||A2^^^RXX'));
  });

  test('takes the feed it is given', () => {
    const { bundle } = convert(text, { format: 'hl7v2', feed });
    expect((bundle.entry?.[0]?.resource as Patient).identifier?.[1]?.system).toBe(
      'https://rxx.nhs.uk/id/mrn',
    );
  });

  test('tells where each element comes from and what became of each field', () => {
    const { lineage, ledger, issues } = convert(text, { format: 'hl7v2' });
    expect(lineage).toContainEqual({
      resource: 'Patient/bev4psv6oy43fzawe6wvhqh6o3',
      element: 'Patient.name[0].family',
      source: 'PID-5[1].1.1',
      start: text.indexOf('Khan'),
      end: text.indexOf('Khan') + 4,
      rule: 'pid-5-name',
    });
    expect(ledger).toContainEqual({ source: 'PID-5[1]', fate: 'mapped', rule: 'pid-5-name' });
    expect(issues).toEqual([]);
  });
});

describe('a visit that moves', () => {
  const statusOf = (end: string) =>
    convert(
      hl7(
        'ADT^A45',
        PID,
        'MRG|B99^^^RXX^MR',
        `PV1|1|I|W1|${'|'.repeat(15)}V1${'|'.repeat(25)}20240101|${end}`,
      ),
      {
        format: 'hl7v2',
      },
    )
      .bundle.entry?.filter(({ resource }) => resource?.resourceType === 'Encounter')
      .map(({ resource }) => (resource as Encounter).status)
      .sort();

  test('is not shown to run by when it began, but to have ended by when it did', () => {
    expect(statusOf('')).toEqual(['entered-in-error', 'unknown']);
    expect(statusOf('20240102')).toEqual(['entered-in-error', 'finished']);
  });
});

describe('the built-in packs', () => {
  test.each([
    ['hl7v2-base', '1.0.0'],
    ['hl7v2-uk', '1.0.0'],
  ])('%s is valid', (name, version) => {
    expect(builtInPacks.find(name).reference).toEqual({ name, version });
  });
});

describe('a message without a patient', () => {
  const messageOf = (type: string, ...segments: string[]) =>
    convert(hl7(type, ...segments), { format: 'hl7v2' }).issues.map(({ code, location }) => [code, location]);

  test('says so, as the exchange would refuse it', () => {
    expect(messageOf('SIU^S12', 'SCH|A1')).toContainEqual(['HDE_HL7_NO_PATIENT', 'PID-3']);
  });

  test('is as it should be where it is a master file', () => {
    expect(messageOf('MFN^M02', 'MFI|STF||UPD|||AL')).not.toContainEqual(['HDE_HL7_NO_PATIENT', 'PID-3']);
  });
});
