import { describe, expect, test } from '@jest/globals';
import type { CapabilityStatement } from 'fhir/r4.js';
import type { ExchangeError } from '../../../src/core/errors.js';
import { aPatient, aResource, ask, aStoreWith, search } from './arrange.js';

describe('handleFhirRequest', () => {
  test('answers metadata with the CapabilityStatement of this deployment', async () => {
    const answer = await ask(await aStoreWith(), 'metadata');
    expect(answer.status).toBe(200);
    expect(answer.resource).toMatchObject({
      resourceType: 'CapabilityStatement',
      software: { name: 'Exchange', version: '1.0.0' },
      implementation: { url: 'https://hde.example/fhir' },
    });
  });

  test('answers HEAD as GET without a body', async () => {
    const records = await aStoreWith(aPatient('p'));
    for (const target of ['Patient/p', 'Patient?_id=p', 'Patient/p/$everything', 'metadata']) {
      const { status, headers } = await ask(records, target);
      expect(await ask(records, target, {}, 'HEAD')).toEqual({ status, headers });
    }
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'])('does not allow %s', async (method) => {
    const records = await aStoreWith(aPatient('p'));
    for (const target of ['Patient', 'Patient/p', 'Patient/p/$everything', 'metadata']) {
      await expect(ask(records, target, {}, method)).rejects.toMatchObject({
        code: 'HDE_METHOD_NOT_ALLOWED',
        detail: 'Allowed: GET, HEAD.',
      });
    }
  });

  test.each([
    ['', 'HDE_ROUTE_NOT_FOUND'],
    ['Patient/p/_history', 'HDE_ROUTE_NOT_FOUND'],
    ['Patient/p/Observation/o', 'HDE_ROUTE_NOT_FOUND'],
    ['Observation/p.o/$everything', 'HDE_ROUTE_NOT_FOUND'],
    ['Medication/m', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Medication/m/_history/1', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Medication/m/$everything', 'HDE_TYPE_NOT_SUPPORTED'],
    ['patient/p', 'HDE_TYPE_NOT_SUPPORTED'],
    ['constructor/p', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Patient/_search', 'HDE_RESOURCE_NOT_FOUND'],
  ])('refuses %s with %s', async (path, code) => {
    const records = await aStoreWith(aPatient('p'), aResource('Observation/p.o'));
    await expect(ask(records, path)).rejects.toMatchObject({ code });
  });

  test('obeys _format before Accept and serves JSON only', async () => {
    const records = await aStoreWith(aPatient('p'));
    const xml = { accept: 'application/fhir+xml' };
    expect((await ask(records, 'Patient/p?_format=json', xml)).status).toBe(200);
    expect((await ask(records, 'Patient/p?_format=application/fhir+json', xml)).status).toBe(200);
    await expect(ask(records, 'Patient/p', xml)).rejects.toMatchObject({ code: 'HDE_NOT_ACCEPTABLE' });
    for (const target of ['Patient/p?_format=xml', 'metadata?_format=xml', 'Patient?_id=p&_format=html']) {
      await expect(ask(records, target)).rejects.toMatchObject({ code: 'HDE_NOT_ACCEPTABLE' });
    }
  });

  test('does not take _format for a search parameter, even when strict', async () => {
    const records = await aStoreWith(aPatient('p'));
    const bundle = await search(records, 'Patient?_id=p&_format=json', { prefer: 'handling=strict' });
    expect(bundle.total).toBe(1);
  });
});

describe('the CapabilityStatement', () => {
  const records = aStoreWith(
    aPatient('p', { value: '1' }),
    ...['Encounter', 'Condition', 'AllergyIntolerance', 'Observation', 'DiagnosticReport'].map((type) =>
      aResource(`${type}/p.${type}`, { identifier: [{ value: '1' }] }),
    ),
    ...['Practitioner', 'PractitionerRole', 'Organization', 'Location'].map((type) =>
      aResource(`${type}/${type}`, { identifier: [{ value: '1' }] }),
    ),
  );
  const idOf = (type: string) => (type === 'Patient' ? 'p' : scopeOf(type) === 'shared' ? type : `p.${type}`);
  const scopeOf = (type: string) =>
    /^(Practitioner|Organization|Location)/.test(type) ? 'shared' : 'patient';

  const claims = async () => {
    const { resource } = await ask(await records, 'metadata');
    return (resource as CapabilityStatement).rest?.[0]?.resource ?? [];
  };

  test('claims interactions that answer', async () => {
    for (const { type, interaction = [] } of await claims()) {
      const targets: Record<string, string> = {
        read: `${type}/${idOf(type)}`,
        vread: `${type}/${idOf(type)}/_history/1`,
        'search-type': `${type}?_id=${idOf(type)}`,
      };
      expect(interaction.length).toBeGreaterThan(0);
      for (const { code } of interaction) {
        expect({ code, status: (await ask(await records, targets[code]!)).status }).toEqual({
          code,
          status: 200,
        });
      }
    }
  });

  test('claims search parameters that find, and are not ignored', async () => {
    for (const { type, searchParam = [] } of await claims()) {
      const values: Record<string, string> = {
        _id: idOf(type),
        identifier: '1',
        patient: 'p',
        subject: 'Patient/p',
      };
      for (const { name } of searchParam) {
        const bundle = await search(await records, `${type}?${name}=${values[name]!}`, {
          prefer: 'handling=strict',
        });
        expect({ type, name, total: bundle.total }).toEqual({ type, name, total: 1 });
      }
    }
  });

  test('claims operations that answer', async () => {
    const claimed = (await claims()).flatMap(({ type, operation = [] }) =>
      operation.map(({ name }) => `${type}/${idOf(type)}/$${name}`),
    );
    expect(claimed).toEqual(['Patient/p/$everything']);
    for (const target of claimed) expect((await ask(await records, target)).status).toBe(200);
  });

  test('claims the conditional read that is served', async () => {
    for (const { type, conditionalRead } of await claims()) {
      expect(conditionalRead).toBe('not-match');
      const answer = await ask(await records, `${type}/${idOf(type)}`, { 'if-none-match': 'W/"1"' });
      expect(answer.status).toBe(304);
    }
  });

  test('leaves out no search parameter that is obeyed', async () => {
    const candidates = [
      '_id',
      'identifier',
      'patient',
      'subject',
      '_lastUpdated',
      '_profile',
      'code',
      'name',
      'status',
    ];
    for (const { type, searchParam = [] } of await claims()) {
      for (const name of candidates) {
        const isObeyed = await ask(await records, `${type}?_id=a&${name}=a`, {
          prefer: 'handling=strict',
        }).then(
          () => true,
          // `_id` twice is refused because it is known.
          (error: unknown) => !(error as ExchangeError).detail?.startsWith('This parameter is not served'),
        );
        expect({ type, name, isObeyed }).toEqual({
          type,
          name,
          isObeyed: searchParam.some((claimed) => claimed.name === name),
        });
      }
    }
  });
});
