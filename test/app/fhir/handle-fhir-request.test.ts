import { describe, expect, test } from '@jest/globals';
import { aPatient, aResource, ask, aStoreWith, search } from './arrange.js';

describe('handleFhirRequest', () => {
  test('answers metadata with the CapabilityStatement of this deployment', async () => {
    const answer = await ask(await aStoreWith(), 'metadata');
    expect(answer.status).toBe(200);
    expect(answer.headers['etag']).toMatch(/^W\/"/);
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

  test.each(['OPTIONS', 'get'])('does not allow %s', async (method) => {
    const records = await aStoreWith(aPatient('p'));
    for (const [target, allowed] of [
      ['Patient', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
      ['', 'POST'],
      ['Patient/p/$everything', 'GET, HEAD, POST'],
      ['metadata', 'GET, HEAD'],
    ] as const) {
      await expect(ask(records, target, {}, method)).rejects.toMatchObject({
        code: 'HDE_METHOD_NOT_ALLOWED',
        detail: `Allowed: ${allowed}.`,
      });
    }
  });

  test.each([
    ['', 'HDE_METHOD_NOT_ALLOWED'],
    ['Patient/p/Observation/o', 'HDE_ROUTE_NOT_FOUND'],
    ['Observation/p.o/$everything', 'HDE_ROUTE_NOT_FOUND'],
    ['Medication/m', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Medication/m/_history/1', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Medication/m/$everything', 'HDE_TYPE_NOT_SUPPORTED'],
    ['patient/p', 'HDE_TYPE_NOT_SUPPORTED'],
    ['constructor/p', 'HDE_TYPE_NOT_SUPPORTED'],
    ['Patient/_search', 'HDE_METHOD_NOT_ALLOWED'],
  ])('refuses %s with %s', async (path, code) => {
    const records = await aStoreWith(aPatient('p'), aResource('Observation/p.o'));
    await expect(ask(records, path)).rejects.toMatchObject({ code });
  });

  test('obeys _format before Accept, and says in which format the answer is', async () => {
    const records = await aStoreWith(aPatient('p'));
    const xml = { accept: 'application/fhir+xml' };
    const typeOf = async (target: string, headers = {}) =>
      (await ask(records, target, headers)).headers['content-type'];
    expect(await typeOf('Patient/p?_format=json', xml)).toBe('application/fhir+json; charset=utf-8');
    expect(await typeOf('Patient/p?_format=application/fhir+xml')).toBe(
      'application/fhir+xml; charset=utf-8',
    );
    expect(await typeOf('metadata', xml)).toBe('application/fhir+xml; charset=utf-8');
    expect((await ask(records, 'Patient/p?_pretty=true', xml)).style).toEqual({
      format: 'xml',
      pretty: true,
    });
    for (const target of ['Patient/p?_format=html', 'metadata?_format=ttl', 'Patient?_id=p&_format=html']) {
      await expect(ask(records, target)).rejects.toMatchObject({ code: 'HDE_NOT_ACCEPTABLE' });
    }
  });

  test('gives the part of a resource that is asked for, and refuses parts that are none', async () => {
    const records = await aStoreWith(aPatient('p', { value: '1' }));
    const patient = (await ask(records, 'Patient/p?_elements=birthDate')).resource;
    expect(patient).toEqual({
      resourceType: 'Patient',
      id: 'p',
      meta: expect.objectContaining({ tag: [expect.objectContaining({ code: 'SUBSETTED' })] }),
    });
    const bundle = await search(records, 'Patient?_id=p&_elements=birthDate');
    expect(bundle.entry?.[0]?.resource).toEqual(patient);
    // Of a choice each of its names will do.
    const measured = aResource('Observation/p.o', {
      valueQuantity: { value: 1 },
      subject: { reference: 'Patient/p' },
    });
    for (const name of ['value', 'value[x]', 'valueQuantity'])
      expect(
        (await ask(await aStoreWith(measured), `Observation/p.o?_elements=${name}`)).resource,
      ).toMatchObject({
        valueQuantity: { value: 1 },
      });
    for (const part of [
      '_summary=maybe',
      '_elements=a b',
      '_elements=name,',
      '_summary=true&_elements=name',
      '_summary=count',
    ]) {
      await expect(ask(records, `Patient/p?${part}`)).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
    }
    for (const target of [
      'Patient/p/_history',
      'Patient/_history',
      'Patient/p/$everything',
      'Patient/p/$meta',
    ])
      await expect(ask(records, `${target}?_summary=count`)).rejects.toMatchObject({
        ...{ code: 'HDE_SEARCH_PARAMETER', location: '_summary' },
      });
  });

  test.each(['', '&_total=none', '&_total=', '&_total=estimate'])(
    'counts without giving what it counted %s',
    async (total) => {
      const bundle = await search(await aStoreWith(aPatient('p')), `Patient?_id=p&_summary=count${total}`);
      expect(bundle).toMatchObject({ type: 'searchset', total: 1 });
      expect(bundle).not.toHaveProperty('entry');
    },
  );

  test('repeats in the links of a Bundle how it is represented', async () => {
    const records = await aStoreWith(aPatient('p'), aPatient('q'));
    const { link = [] } = await search(
      records,
      'Patient?_id=p,q&_count=1&_format=xml&_summary=data&_pretty=true',
    );
    expect(link.map(({ relation }) => relation)).toEqual(['self', 'next']);
    for (const { url } of link) {
      const { searchParams } = new URL(url);
      expect([
        searchParams.get('_format'),
        searchParams.get('_summary'),
        searchParams.get('_pretty'),
      ]).toEqual(['xml', 'data', 'true']);
    }
  });

  test('does not take _format for a search parameter, even when strict', async () => {
    const records = await aStoreWith(aPatient('p'));
    const bundle = await search(records, 'Patient?_id=p&_format=json', { prefer: 'handling=strict' });
    expect(bundle.total).toBe(1);
  });
});
