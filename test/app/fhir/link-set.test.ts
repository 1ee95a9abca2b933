import { describe, expect, test } from '@jest/globals';
import { expandLinks, maxLinkedPatients } from '../../../src/app/fhir/link-set.js';
import { aPatient, aResource, aStoreWith, baseUrl, observe } from './arrange.js';

const expand = async (id: string, ...patients: ReturnType<typeof aPatient>[]) =>
  expandLinks({ records: await aStoreWith(...patients), baseUrl }, id);

describe('expandLinks', () => {
  test('is the patient alone without links', async () => {
    expect(await expand('p', aPatient('p'))).toEqual({ patients: ['p'], isKnown: true, isComplete: true });
  });

  test('tells an unknown patient', async () => {
    expect(await expand('q', aPatient('p'))).toEqual({ patients: ['q'], isKnown: false, isComplete: true });
  });

  test('follows links of every joining type over several steps, nearest first', async () => {
    const { patients } = await expand(
      'p',
      aPatient('p', { links: { replaces: 'b', seealso: 'c' } }),
      aPatient('b', { links: { 'replaced-by': 'd' } }),
      aPatient('c'),
      aPatient('d'),
    );
    expect(patients).toEqual(['p', 'b', 'c', 'd']);
  });

  test('ends on cycles and on links to itself', async () => {
    const { patients } = await expand(
      'a',
      aPatient('a', { links: { replaces: 'b', seealso: 'a' } }),
      aPatient('b', { links: { 'replaced-by': 'a', seealso: 'c' } }),
      aPatient('c', { links: { seealso: 'a' } }),
    );
    expect(patients).toEqual(['a', 'b', 'c']);
  });

  test('does not follow refer, other types, other servers or malformed references', async () => {
    const link = [
      { type: 'refer', other: { reference: 'Patient/x' } },
      { type: 'seealso', other: { reference: 'RelatedPerson/x' } },
      { type: 'seealso', other: { reference: 'https://other.example/fhir/Patient/x' } },
      { type: 'seealso', other: { display: 'no reference' } },
      { type: 'seealso', other: { reference: `${baseUrl}/Patient/b` } },
    ];
    expect((await expand('p', aResource('Patient/p', { link }))).patients).toEqual(['p', 'b']);
  });

  test('keeps a linked patient who is not stored, for their records may be', async () => {
    expect(await expand('p', aPatient('p', { links: { replaces: 'gone' } }))).toEqual({
      patients: ['p', 'gone'],
      isKnown: true,
      isComplete: true,
    });
  });

  test('stops at its bound and says that it is not complete', async () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, n) =>
        aPatient(`p${n}`, n + 1 < length ? { links: { replaces: `p${n + 1}` } } : {}),
      );
    const whole = await expand('p0', ...chain(maxLinkedPatients));
    expect(whole.patients).toHaveLength(maxLinkedPatients);
    expect(whole.isComplete).toBe(true);
    const { records, calls } = observe(await aStoreWith(...chain(maxLinkedPatients + 10)));
    const cut = await expandLinks({ records, baseUrl }, 'p0');
    expect(cut.patients).toEqual(whole.patients);
    expect(cut.isComplete).toBe(false);
    expect(calls).toHaveLength(maxLinkedPatients);
  });

  test('stops at its bound on a wide set too', async () => {
    const link = Array.from({ length: 30 }, (_, n) => ({
      type: 'replaces',
      other: { reference: `Patient/q${n}` },
    }));
    const set = await expand('p', aResource('Patient/p', { link }));
    expect(set.patients).toHaveLength(maxLinkedPatients);
    expect(set.isComplete).toBe(false);
  });
});
