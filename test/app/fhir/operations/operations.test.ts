/** The operations of R4 over a store: what they answer, and what they refuse. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Parameters, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../../src/adapters/memory/identity-store.js';
import {
  type Api,
  aPatient,
  type Asked,
  aResource,
  aStoreWith,
  entriesOf,
  linkOf,
  mrn,
  observe,
  send,
} from '../arrange.js';

const nhs = 'https://fhir.nhs.uk/Id/nhs-number';

let api: Api;
const over = async (...resources: (Resource & { id: string })[]) => {
  api = { records: await aStoreWith(...resources), identities: createMemoryIdentityStore() };
};
const post = (target: string, body: Resource, more: Partial<Asked> = {}) =>
  send(api, { method: 'POST', target, body, ...more });
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter }) as Resource;

describe('Observation/$lastn', () => {
  const observation = (id: string, codes: string[], date: string | undefined, fields: object = {}) =>
    aResource(`Observation/${id}`, {
      status: 'final',
      subject: { reference: `Patient/${id.slice(0, 1)}` },
      code: { coding: codes.map((code) => ({ system: 'urn:c', code })) },
      ...(date === undefined ? {} : { effectiveDateTime: date }),
      ...fields,
    });

  const kin = { name: [{ family: 'Kin' }] };

  beforeEach(() =>
    over(
      { ...aPatient('p', { links: { replaces: 'q' } }), ...kin },
      aPatient('q'),
      { ...aPatient('r'), ...kin },
      observation('p.a', ['x'], '2026-01-01'),
      observation('p.b', ['x', 'y'], '2026-01-03'),
      observation('q.c', ['y'], '2026-01-02'),
      observation('p.d', ['z'], undefined),
      observation('p.e', ['z'], '2025-01-01', { category: [{ coding: [{ code: 'lab' }] }] }),
      observation('p.f', ['x'], '2026-02-01', { status: 'entered-in-error' }),
      observation('p.g', [], '2026-01-01', { code: { text: 'Weight ' } }),
      observation('p.h', [], '2026-01-02', { code: { text: 'weight' } }),
      observation('r.i', ['x'], '2026-03-01'),
    ),
  );

  const lastN = async (query: string, records = api.records) =>
    entriesOf(
      (await send({ ...api, records }, { target: `Observation/$lastn?${query}` })).resource as Bundle,
    );
  const names = (...ids: string[]) => ids.map((id) => `Observation/${id}`);

  test('gives the latest of each kind, translations being one kind, over linked patients', async () => {
    expect(await lastN('patient=p')).toEqual(names('p.h', 'p.b', 'p.e'));
    expect(await lastN('subject=Patient/p&max=2')).toEqual(names('p.h', 'p.g', 'p.b', 'q.c', 'p.e', 'p.d'));
    expect(await lastN('patient=p,q')).toEqual(names('p.h', 'p.b', 'p.e'));
  });

  test('takes the criteria of a search, by GET and by POST', async () => {
    expect(await lastN('patient=p&category=lab&max=5')).toEqual(names('p.e'));
    const given = parameters(
      { name: 'patient', valueString: 'p' },
      { name: 'code', valueString: 'urn:c|z' },
      { name: 'max', valuePositiveInt: 2 },
    );
    const { resource } = await post('Observation/$lastn', given);
    expect(entriesOf(resource as Bundle)).toEqual(names('p.e', 'p.d'));
    expect(JSON.stringify((resource as Bundle).link)).not.toContain('patient');
    const [, self = ''] = linkOf(resource as Bundle, 'self')?.split('?') ?? [];
    expect(await lastN(self)).toEqual(names('p.e', 'p.d'));
  });

  test('reads the partitions of the patient only', async () => {
    const { records, calls } = observe(api.records);
    await lastN('patient=r', records);
    expect(calls.filter((call) => call.startsWith('find'))).toEqual(['findRecords r Observation']);
  });

  test.each([
    ['no patient', 'code=x', 'HDE_SEARCH_UNSELECTIVE'],
    ['a number that is none', 'patient=p&max=0', 'HDE_SEARCH_PARAMETER'],
    ['an order of its own', 'patient=p&_sort=date', 'HDE_SEARCH_PARAMETER'],
    ['several people', 'patient=p,r', 'HDE_SEARCH_UNSELECTIVE'],
    ['whoever has a name', 'patient.family=kin', 'HDE_SEARCH_UNSELECTIVE'],
  ])('is refused for %s', async (_, query, code) => {
    await expect(lastN(query)).rejects.toMatchObject({ code });
  });

  test('is of no other type', async () => {
    await expect(send(api, { target: 'Condition/$lastn?patient=p' })).rejects.toMatchObject({
      code: 'HDE_ROUTE_NOT_FOUND',
    });
  });
});

describe('Patient/$match', () => {
  const ann = {
    ...aPatient('p'),
    identifier: [
      { system: nhs, value: '9990000018' },
      { system: mrn, value: '1' },
    ],
    name: [{ family: 'Test' }],
    birthDate: '1980-02-03',
  };
  beforeEach(() =>
    over(
      ann,
      { ...aPatient('q'), identifier: [{ system: mrn, value: '2' }] } as Resource & { id: string },
      { ...aPatient('r'), identifier: [{ system: mrn, value: '3', use: 'old' }] } as Resource & {
        id: string;
      },
    ),
  );

  async function match(
    patient: object,
    ...more: object[]
  ): Promise<[id: string, grade: string, score: number][]> {
    const resource = { resourceType: 'Patient', ...patient };
    const answer = await post('Patient/$match', parameters({ name: 'resource', resource }, ...more));
    const { entry = [] } = answer.resource as Bundle;
    expect(entry.at(-1)?.search?.mode).toBe('outcome');
    return entry
      .slice(0, -1)
      .map(({ resource: found, search }) => [
        found?.id ?? '',
        search?.extension?.[0]?.valueCode ?? '',
        search?.score ?? 0,
      ]);
  }
  const byNumber = { identifier: [{ system: nhs, value: '999 000 0018' }] };
  const onlyCertain = { name: 'onlyCertainMatches', valueBoolean: true };

  test('finds by the NHS number, and grades by what else is known', async () => {
    expect(await match(byNumber)).toEqual([['p', 'certain', 1]]);
    expect(await match({ ...byNumber, birthDate: '1980-02' })).toEqual([['p', 'certain', 1]]);
    expect(await match({ ...byNumber, birthDate: '1980-02', name: [{ family: 'Else' }] })).toEqual([
      ['p', 'certain', 1],
    ]);
    expect(await match({ ...byNumber, name: [{ family: 'Else' }] })).toEqual([['p', 'probable', 0.8]]);
    expect(await match({ ...byNumber, birthDate: '1981' })).toEqual([['p', 'possible', 0.5]]);
    expect(await match({ ...byNumber, birthDate: '1981' }, onlyCertain)).toEqual([]);
  });

  test('finds by a system and value, and nobody by a value alone or a name', async () => {
    expect(await match({ identifier: [{ system: mrn, value: '2' }] })).toEqual([['q', 'certain', 1]]);
    expect(await match({ identifier: [{ system: mrn, value: '3' }] })).toEqual([['r', 'possible', 0.5]]);
    expect(await match({ identifier: [{ system: mrn, value: '4' }] })).toEqual([]);
    for (const patient of [{ identifier: [{ value: '2' }] }, { name: [{ family: 'Test' }] }])
      await expect(match(patient)).rejects.toMatchObject({ code: 'HDE_SEARCH_UNSELECTIVE' });
  });

  test('is sure of nobody where the identifiers are those of two people', async () => {
    const both = { identifier: [...byNumber.identifier, { system: mrn, value: '2' }] };
    expect(await match(both)).toEqual([
      ['p', 'possible', 0.5],
      ['q', 'possible', 0.5],
    ]);
    expect(await match(both, { name: 'count', valueInteger: 1 })).toEqual([['p', 'possible', 0.5]]);
    expect(await match(both, onlyCertain)).toEqual([]);
  });

  test.each([
    ['another type', { resourceType: 'Observation' }, 'HDE_REQUEST_INVALID'],
    ['a Patient that is none', { resourceType: 'Patient', birthDate: 5 }, 'HDE_RESOURCE_INVALID'],
  ])('is refused for %s', async (_, resource, code) => {
    await expect(post('Patient/$match', resource as Resource)).rejects.toMatchObject({ code });
  });
});

describe('$validate', () => {
  beforeEach(() => over(aPatient('p'), aPatient('q'), aResource('Observation/p.o', { status: 'final' })));

  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/p' },
  };

  /** `severity code location` of the findings, without what is said of the check. */
  async function validate(target: string, body?: object): Promise<string[]> {
    const answer = await (body === undefined ? send(api, { target }) : post(target, body as Resource));
    expect(answer.status).toBe(200);
    const { issue } = answer.resource as OperationOutcome;
    expect(issue.at(-1)?.diagnostics).toMatch(/Not checked|not checked/);
    return issue
      .filter(({ severity }) => severity === 'error')
      .map(
        ({ details, diagnostics = '' }) =>
          `${details?.coding?.[0]?.code ?? ''} ${diagnostics.split(':')[0] ?? ''}`,
      );
  }

  test('finds nothing in what may be stored, and stores nothing', async () => {
    const { records, calls } = observe(api.records);
    api = { ...api, records };
    expect(await validate('Observation/$validate', observation)).toEqual([]);
    expect(await validate('Observation/$validate?mode=create', observation)).toEqual([]);
    const given = { name: 'resource', resource: { ...observation, id: 'p.o' } };
    const asked = parameters(given, { name: 'mode', valueCode: 'update' });
    expect(await validate('Observation/p.o/$validate', asked)).toEqual([]);
    expect(calls).not.toContainEqual(expect.stringMatching(/^commit/));
  });

  test('finds what is wrong with shape, codes, narrative, type, id and patient', async () => {
    expect(await validate('Observation/$validate', { resourceType: 'Observation', status: 'x' })).toEqual([
      'HDE_RESOURCE_INVALID Observation.code',
      'HDE_CODE_INVALID Observation.status',
    ]);
    const text = { status: 'generated', div: '<div><script/></div>' };
    expect(await validate('Observation/$validate', { ...observation, text })).toEqual([
      'HDE_RESOURCE_INVALID Observation.text.div',
    ]);
    expect(await validate('Patient/$validate', observation)).toEqual(['HDE_RESOURCE_MISMATCH resourceType']);
    expect(await validate('Observation/p.o/$validate', { ...observation, id: 'x' })).toEqual([
      'HDE_RESOURCE_MISMATCH Observation.id',
    ]);
    const nobody = { ...observation, subject: { reference: 'Patient/z' } };
    expect(await validate('Observation/$validate?mode=create', nobody)).toEqual([
      'HDE_PATIENT_UNKNOWN Observation.subject',
    ]);
  });

  test('finds invariants that are broken, with their key, where the shape is right', async () => {
    const said = { valueString: 'x', dataAbsentReason: { text: 'unknown' } };
    const body = { ...observation, ...said, performer: [{ reference: '#nobody' }] };
    expect(await validate('Observation/$validate?mode=create', body)).toEqual([
      'HDE_INVARIANT_BROKEN Observation',
      'HDE_INVARIANT_BROKEN Observation.performer[0]',
    ]);
    const { resource } = await post('Observation/$validate', body);
    const { issue } = resource as OperationOutcome;
    expect(issue.map(({ severity, code, diagnostics }) => [severity, code, diagnostics]).slice(0, 3)).toEqual(
      [
        ['warning', 'invariant', 'Observation: dom-6: a resource should have a narrative'],
        ['error', 'invariant', 'Observation: obs-6: a dataAbsentReason only without a value'],
        ['error', 'invariant', 'Observation.performer[0]: ref-1: what # names is contained in the resource'],
      ],
    );
  });

  test('looks at what is stored, and at its deletion', async () => {
    expect(await validate('Observation/p.o/$validate')).toEqual(['HDE_RESOURCE_INVALID Observation.code']);
    expect(await validate('Patient/q/$validate?mode=delete')).toEqual([]);
    expect(await validate('Patient/p/$validate?mode=delete')).toEqual([
      expect.stringMatching(/^HDE_PATIENT_NOT_EMPTY /),
    ]);
    expect(await validate('Patient/z/$validate?mode=delete')).toEqual(['HDE_RESOURCE_NOT_FOUND ']);
  });

  test('finds for what a write would be refused by what is stored, and claims nothing', async () => {
    const [known, free] = ['9990000018', '9990000026'];
    const numbered = (value: string, fields: object = {}) =>
      ({ resourceType: 'Patient', identifier: [{ system: nhs, value }], ...fields }) as Resource;
    await send(api, { method: 'PUT', target: 'Patient/n', body: numbered(known, { id: 'n' }) });
    const wrong = ['HDE_RESOURCE_REFUSED Patient.identifier[0].value'];
    expect(await validate('Patient/$validate', numbered('9990000011'))).toEqual(wrong);
    expect(await validate('Patient/$validate?mode=create', numbered('9990000011'))).toEqual(wrong);
    const duplicate = ['HDE_PATIENT_DUPLICATE Patient.identifier[0].value'];
    expect(await validate('Patient/$validate?mode=create', numbered(known))).toEqual(duplicate);
    expect(await validate('Patient/p/$validate?mode=update', numbered(known, { id: 'p' }))).toEqual(
      duplicate,
    );
    expect(await validate('Patient/n/$validate?mode=update', numbered(known, { id: 'n' }))).toEqual([]);
    expect(await validate('Patient/$validate?mode=create', numbered(free))).toEqual([]);
    const link = [{ other: { reference: 'Patient/z' }, type: 'seealso' }];
    expect(await validate('Patient/$validate?mode=create', numbered(free, { link }))).toEqual([
      'HDE_PATIENT_UNKNOWN Patient.link[0].other',
    ]);
    const moved = { ...observation, id: 'p.o', subject: { reference: 'Patient/q' } };
    expect(await validate('Observation/p.o/$validate?mode=update', moved)).toEqual(['HDE_PATIENT_CHANGED ']);
    expect(
      (await send(api, { method: 'PUT', target: 'Patient/f', body: numbered(free, { id: 'f' }) })).status,
    ).toBe(201);
  });

  test('says that a profile was not checked', async () => {
    const { resource } = await post('Observation/$validate?profile=urn:p', observation);
    expect((resource as OperationOutcome).issue.at(-1)).toMatchObject({ severity: 'warning' });
  });

  test.each([
    ['another mode', 'Observation/$validate?mode=x'],
    ['an update of nothing', 'Observation/$validate?mode=update'],
    ['a profile that is not named', 'Observation/$validate?mode=profile'],
    ['another parameter', 'Observation/$validate?x=1'],
  ])('is refused for %s', async (_, target) => {
    await expect(post(target, observation as Resource)).rejects.toMatchObject({
      code: 'HDE_SEARCH_PARAMETER',
    });
  });
});

describe('$meta', () => {
  const meta = { security: [{ system: 'urn:l', code: 'R' }], tag: [{ code: 't' }], profile: ['urn:p'] };
  beforeEach(async () => {
    await over();
    await send(api, { method: 'PUT', target: 'Patient/p', body: { ...aPatient('p'), meta } });
  });

  const metaOf = ({ resource }: { resource?: Resource }) =>
    (resource as Parameters).parameter?.[0]?.valueMeta;
  const given = (valueMeta: object) => parameters({ name: 'meta', valueMeta });

  test('tells the labels, tags and profiles of a resource', async () => {
    const asked = await send(api, { target: 'Patient/p/$meta' });
    expect(metaOf(asked)).toMatchObject({ ...meta, versionId: '1' });
    expect(await post('Patient/p/$meta', parameters())).toMatchObject({ resource: asked.resource });
  });

  test('is changed by what is added and deleted, and by nothing else', async () => {
    const added = await post(
      'Patient/p/$meta-add',
      given({ tag: [{ code: 't' }, { code: 'u' }], profile: ['urn:q'] }),
    );
    expect(metaOf(added)).toMatchObject({
      versionId: '2',
      security: meta.security,
      tag: [{ code: 't' }, { code: 'u' }],
      profile: ['urn:p', 'urn:q'],
    });
    const deleted = metaOf(
      await post('Patient/p/$meta-delete', given({ ...meta, security: [{ system: 'urn:l', code: 'R' }] })),
    );
    expect(deleted).toMatchObject({ versionId: '3', tag: [{ code: 'u' }], profile: ['urn:q'] });
    expect(deleted).not.toHaveProperty('security');
    const again = await post('Patient/p/$meta-delete', given({ tag: [{ code: 'none' }] }));
    expect(metaOf(again)).toMatchObject({ versionId: '3' });
  });

  test.each([
    ['no meta', parameters(), 'HDE_REQUEST_INVALID'],
    ['a meta that is none', given({ tag: 'x' }), 'HDE_RESOURCE_INVALID'],
    ['a label under a name that is none', given({ securty: meta.security }), 'HDE_RESOURCE_INVALID'],
    [
      'two metas, of which one would be passed over',
      parameters({ name: 'meta', valueMeta: meta }, { name: 'meta', valueMeta: { tag: [{ code: 'u' }] } }),
      'HDE_SEARCH_PARAMETER',
    ],
    ['another parameter', parameters({ name: 'x', valueString: 'y' }), 'HDE_SEARCH_PARAMETER'],
    ['a parameter without a value', parameters({ name: 'x' }), 'HDE_REQUEST_INVALID'],
  ])('is not changed by %s', async (_, body, code) => {
    await expect(post('Patient/p/$meta-add', body)).rejects.toMatchObject({ code });
  });

  test('of a version that stands no longer is not changed', async () => {
    const more = { headers: { 'if-match': 'W/"9"' } };
    await expect(post('Patient/p/$meta-add', given({ tag: [{ code: 'u' }] }), more)).rejects.toMatchObject({
      code: 'HDE_PRECONDITION_FAILED',
    });
  });
});
