/** The profiles, labels and tags of a type, and of all types. */
import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome, Parameters, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../../src/adapters/memory/record-store.js';
import type { RecordStore } from '../../../../src/ports/record-store.js';
import { aPatient, aResource, asCurrent, send } from '../arrange.js';

const labelled = (reference: string, meta: object) => {
  const resource = aResource(reference, { meta });
  const document = asCurrent(resource);
  return { ...document, resource: { ...resource, meta: { ...document.resource.meta, ...meta } } };
};

async function aStore(...documents: ReturnType<typeof asCurrent>[]): Promise<RecordStore> {
  const records = createMemoryRecordStore();
  for (const document of documents) await records.commit(document.partition, [{ kind: 'create', document }]);
  return records;
}

const asking =
  (records: RecordStore) =>
  async (target: string, method = 'GET', body?: object): Promise<Parameters> => {
    const api = { records, identities: createMemoryIdentityStore() };
    const sent = body === undefined ? {} : { body: body as Resource };
    return (await send(api, { method, target, ...sent })).resource as Parameters;
  };

const r = { system: 'urn:label', code: 'R' };
const tag = (code: string, fields: object = {}) => ({ system: 'urn:tag', code, ...fields });

describe('$meta of many records', () => {
  const store = () =>
    aStore(
      asCurrent(aPatient('p')),
      labelled('Patient/q', { profile: ['urn:profile:b'], tag: [tag('x')] }),
      labelled('Observation/p.a', { profile: ['urn:profile:b', 'urn:profile:a'], security: [r] }),
      labelled('Observation/p.b', { tag: [tag('y', { display: 'Why' }), tag('x')], security: [r] }),
      labelled('Observation/q.a', { tag: [tag('y', { display: 'Ypsilon' })] }),
    );

  test('is the union of what records of a type say, each once and in order, without versions', async () => {
    const ask = asking(await store());
    const expected = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'return',
          valueMeta: {
            profile: ['urn:profile:a', 'urn:profile:b'],
            security: [r],
            tag: [tag('x'), tag('y', { display: 'Why' })],
          },
        },
      ],
    };
    expect(await ask('Observation/$meta')).toEqual(expected);
    expect(await ask('Observation/$meta', 'POST', { resourceType: 'Parameters' })).toEqual(expected);
  });

  test('of the system is the union over all types', async () => {
    const ask = asking(await store());
    const { parameter } = await ask('$meta');
    expect(parameter?.[0]?.valueMeta).toMatchObject({
      ...{ profile: ['urn:profile:a', 'urn:profile:b'], security: [r] },
      tag: [{ code: 'x' }, { code: 'y' }],
    });
    expect((await ask('$meta', 'POST', { resourceType: 'Parameters' })).parameter).toEqual(parameter);
  });

  test('of nothing is an empty Meta', async () => {
    const ask = asking(await store());
    expect(await ask('Encounter/$meta')).toEqual({
      resourceType: 'Parameters',
      parameter: [{ name: 'return', valueMeta: {} }],
    });
  });

  test('looks at so many records at most, and says that there are more', async () => {
    const many = Array.from({ length: 2001 }, (_, index) =>
      labelled(`Location/l${index}`, { tag: [tag(`t${index % 3}`)] }),
    );
    const ask = asking(await aStore(...many));
    const { parameter = [] } = await ask('Location/$meta');
    expect(parameter.map(({ name }) => name)).toEqual(['return', 'outcome']);
    expect(parameter[0]?.valueMeta?.tag).toEqual([tag('t0'), tag('t1'), tag('t2')]);
    expect((parameter[1]?.resource as OperationOutcome).issue).toMatchObject([{ severity: 'warning' }]);
  });

  test('is refused with parameters, of types that are not served, and where it would change something', async () => {
    const ask = asking(await store());
    await expect(ask('Observation/$meta?x=1')).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
    await expect(ask('Basic/$meta')).rejects.toMatchObject({ code: 'HDE_TYPE_NOT_SUPPORTED' });
    const body = { resourceType: 'Parameters' };
    for (const target of ['$meta-add', 'Observation/$meta-add'])
      await expect(ask(target, 'POST', body)).rejects.toMatchObject({ code: expect.any(String) });
  });
});
