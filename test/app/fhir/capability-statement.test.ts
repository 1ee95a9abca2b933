/** What the CapabilityStatement claims is answered, and nothing else is. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, Resource } from 'fhir/r4.js';
import type { ExchangeError } from '../../../src/core/errors.js';
import { findServedType, servedTypes } from '../../../src/core/fhir/interactions.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { aPatient, aResource, ask, type Asked, aStoreWith, search, send } from './arrange.js';
import { about, aMinimal } from './minimal.js';

const idOf = (type: string) =>
  type === 'Patient' ? 'p' : findServedType(type)?.scope === 'shared' ? type : `p.${type}`;

describe('the CapabilityStatement', () => {
  const records = aStoreWith(
    aPatient('p', { value: '1' }),
    aPatient('q'),
    ...servedTypes
      .filter(({ type }) => type !== 'Patient')
      .map(({ type }) => aResource(`${type}/${idOf(type)}`, { identifier: [{ value: '1' }] })),
  );

  const identities = createMemoryIdentityStore();
  const allClaims = async () => {
    const { resource } = await ask(await records, 'metadata');
    return (resource as CapabilityStatement).rest?.[0]?.resource ?? [];
  };
  const claims = async () =>
    (await allClaims()).filter(({ type }) => type !== 'Provenance' && type !== 'AuditEvent');

  test('claims the provenance that is made of every record, and no other use of it', async () => {
    const claimed = (await allClaims()).find(({ type }) => type === 'Provenance');
    expect(claimed?.interaction).toEqual([{ code: 'search-type' }]);
    expect(claimed?.searchParam?.map(({ name }) => name)).toEqual(['target']);
    for (const { type } of servedTypes) {
      const target = type === 'Patient' ? 'Patient/p' : `${type}/${idOf(type)}`;
      const { total, entry } = await search(await records, `Provenance?target=${target}`);
      expect({ type, total, made: entry?.[0]?.resource?.resourceType }).toEqual({
        ...{ type, total: 1, made: 'Provenance' },
      });
    }
    for (const target of ['Provenance/x', 'Provenance/_history'])
      await expect(ask(await records, target)).rejects.toMatchObject({ code: 'HDE_TYPE_NOT_SUPPORTED' });
  });

  test('claims interactions that answer', async () => {
    for (const { type, interaction = [] } of await claims()) {
      const id = `of-${type}`;
      const one = `${type}/${id}`;
      const body = (of: string) => aMinimal(of, about(type, 'Patient/q'));
      const requests: Record<string, [request: Asked, status: number]> = {
        update: [{ method: 'PUT', target: one, body: body(one) }, 201],
        create: [{ method: 'POST', target: type, body: body(`${type}/none`) }, 201],
        read: [{ target: one }, 200],
        vread: [{ target: `${one}/_history/1` }, 200],
        'history-instance': [{ target: `${one}/_history` }, 200],
        'history-type': [{ target: `${type}/_history` }, 200],
        'search-type': [{ target: `${type}?_id=${id}` }, 200],
        patch: [
          {
            method: 'PATCH',
            target: one,
            headers: { 'content-type': 'application/json-patch+json' },
            body: [{ op: 'add', path: '/language', value: 'en' }],
          },
          200,
        ],
        delete: [{ method: 'DELETE', target: one }, 204],
      };
      const claimed = interaction.map(({ code }) => code);
      expect([...claimed].sort()).toEqual(Object.keys(requests).sort());
      const api = { records: await records, identities };
      for (const [code, [request, status]] of Object.entries(requests))
        expect({ code, status: (await send(api, request)).status }).toEqual({ code, status });
    }
  });

  test('claims search parameters that are asked, and are not ignored', async () => {
    const values: Record<string, string> = {
      token: 'urn:a|1',
      string: 'text',
      date: 'ge2020',
      number: 'gt1',
      quantity: 'gt1||mg',
      special: '51.5|-0.1|5|km',
      reference: 'Patient/p',
      uri: 'urn:a',
    };
    for (const { type, searchParam = [] } of await claims()) {
      const total = async (criterion: string) => {
        const target = `${type}?_id=${idOf(type)}&${criterion}`;
        return (await search(await records, target, { prefer: 'handling=strict' })).total;
      };
      for (const { name, type: kind } of searchParam) {
        if (name === '_id' || name === '_lastUpdated') {
          expect(await total(name === '_id' ? `_id=${idOf(type)}` : '_lastUpdated=ge2020')).toBe(1);
          continue;
        }
        const sum = (await total(`${name}:missing=true`))! + (await total(`${name}:missing=false`))!;
        expect({ type, name, sum }).toEqual({ type, name, sum: 1 });
        if (kind in values) expect(await total(`${name}=${values[kind]!}`)).toBeGreaterThanOrEqual(0);
      }
      await expect(total('colour=red')).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER' });
    }
  });

  test('claims operations that answer', async () => {
    const api = { records: await records, identities };
    const meta = { name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 't' }] } };
    const posted = (target: string, body: object): Asked => ({
      method: 'POST',
      target,
      body: body as Resource,
    });
    const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
    const bothWays = (target: string, ...parameter: object[]) => [
      { target },
      posted(target, parameters(...parameter)),
    ];
    const asked: Record<string, (type: string, id: string) => readonly Asked[]> = {
      everything: (type, id) => bothWays(`${type}/${id}/$everything`, { name: '_count', valueInteger: 5 }),
      lastn: (type) => bothWays(`${type}/$lastn?patient=p`, { name: 'max', valuePositiveInt: 1 }),
      match: (type) => [
        posted(`${type}/$match`, { resourceType: 'Patient', identifier: [{ system: 'urn:a', value: '1' }] }),
      ],
      validate: (type, id) => [
        ...bothWays(`${type}/${id}/$validate`),
        posted(`${type}/$validate`, { resourceType: type }),
      ],
      meta: (type, id) => [...bothWays(`${type}/${id}/$meta`), ...bothWays(`${type}/$meta`)],
      'meta-add': (type, id) => [posted(`${type}/${id}/$meta-add`, parameters(meta))],
      'meta-delete': (type, id) => [posted(`${type}/${id}/$meta-delete`, parameters(meta))],
    };
    const answered = new Set<string>();
    for (const { type, operation = [] } of await claims()) {
      const one = `${type}/for-operations`;
      await send(api, { method: 'PUT', target: one, body: aMinimal(one, about(type, 'Patient/q')) });
      for (const { name } of operation) {
        // Beside the API: test/platform/export.test.ts.
        if (name === 'export') continue;
        for (const each of asked[name]!(type, 'for-operations')) {
          const { status } = await send(api, each);
          expect({ type, name, status }).toEqual({ type, name, status: 200 });
        }
        answered.add(name);
      }
    }
    expect([...answered].sort()).toEqual(Object.keys(asked).sort());
  });

  test('claims the operations on the system that answer, and no other one does', async () => {
    const { resource } = await ask(await records, 'metadata');
    const names = (resource as CapabilityStatement).rest?.[0]?.operation?.map(({ name }) => name);
    expect(names).toEqual(['meta', 'export']);
    const onTypes = (await claims()).flatMap(({ operation = [] }) => operation.map(({ name }) => name));
    for (const name of new Set(onTypes)) {
      const answer = ask(await records, `$${name}`);
      if (name === 'meta') expect((await answer).status).toBe(200);
      else await expect(answer).rejects.toMatchObject({ code: 'HDE_TYPE_NOT_SUPPORTED' });
    }
  });

  test('claims the conditional read that is served', async () => {
    for (const { type, conditionalRead } of await claims()) {
      expect(conditionalRead).toBe('full-support');
      const answer = await ask(await records, `${type}/${idOf(type)}`, { 'if-none-match': 'W/"1"' });
      expect(answer.status).toBe(304);
    }
  });

  test('claims conditional writes that are carried out', async () => {
    const api = { records: await records, identities };
    const patch = [{ op: 'add', path: '/language', value: 'en' }];
    for (const { type, conditionalCreate, conditionalUpdate, conditionalDelete } of await claims()) {
      const claimed = { conditionalCreate, conditionalUpdate, conditionalDelete };
      expect(claimed).toEqual({
        conditionalCreate: true,
        conditionalUpdate: true,
        conditionalDelete: 'single',
      });
      const one = `conditional-${type}`;
      const body = aMinimal(`${type}/${one}`, about(type, 'Patient/q'));
      const target = `${type}?_id=${one}`;
      const headers = { 'content-type': 'application/json-patch+json' };
      const requests: Asked[] = [
        { method: 'PUT', target, body },
        { method: 'PUT', target, body },
        { method: 'PATCH', target, body: patch, headers },
        { method: 'POST', target: type, body, headers: { 'if-none-exist': `_id=${one}` } },
        { method: 'DELETE', target },
        { method: 'DELETE', target },
      ];
      const statuses: number[] = [];
      for (const request of requests) statuses.push((await send(api, request)).status);
      expect({ type, statuses }).toEqual({ type, statuses: [201, 200, 200, 200, 204, 204] });
    }
  });

  test('claims the formats of patches that are taken, and no others are', async () => {
    const { resource } = await ask(await records, 'metadata');
    const operation =
      '<parameter><name value="operation"/>' +
      '<part><name value="type"/><valueCode value="add"/></part>' +
      '<part><name value="path"/><valueString value="Patient"/></part>' +
      '<part><name value="name"/><valueString value="language"/></part>' +
      '<part><name value="value"/><valueCode value="en"/></part></parameter>';
    const part = [
      { name: 'type', valueCode: 'add' },
      { name: 'path', valueString: 'Patient' },
      { name: 'name', valueString: 'language' },
      { name: 'value', valueCode: 'en' },
    ];
    const bodies: Readonly<Record<string, string>> = {
      'application/json-patch+json': JSON.stringify([{ op: 'add', path: '/language', value: 'en' }]),
      'application/fhir+json': JSON.stringify({
        resourceType: 'Parameters',
        parameter: [{ name: 'operation', part }],
      }),
      'application/fhir+xml': `<Parameters xmlns="http://hl7.org/fhir">${operation}</Parameters>`,
      'application/merge-patch+json': JSON.stringify({ language: 'en' }),
    };
    const { patchFormat = [] } = resource as CapabilityStatement;
    for (const [type, form] of Object.entries(bodies)) {
      const id = `patched-${type.replace(/\W/g, '-')}`;
      const api = { records: await records, identities };
      await send(api, { method: 'PUT', target: `Patient/${id}`, body: aMinimal(`Patient/${id}`) });
      const headers = { 'content-type': type };
      const patched = await send(api, { method: 'PATCH', target: `Patient/${id}`, form, headers }).then(
        ({ resource: after }) => after?.language,
        (error: unknown) => (error as ExchangeError).detail,
      );
      expect([type, patched]).toEqual([type, patchFormat.includes(type) ? 'en' : patchFormat.join(', ')]);
    }
    expect(Object.keys(bodies)).toEqual(expect.arrayContaining(patchFormat));
  });

  test('claims batches and transactions that are carried out', async () => {
    const { resource } = await ask(await records, 'metadata');
    const [rest] = (resource as CapabilityStatement).rest ?? [];
    expect(rest?.interaction?.map(({ code }) => code)).toEqual(['transaction', 'batch']);
    for (const { code } of rest?.interaction ?? []) {
      const entry = [{ request: { method: 'GET', url: 'Patient/p' } }] as const;
      const body = { resourceType: 'Bundle', type: code, entry } as unknown as Bundle;
      const answer = await send({ records: await records, identities }, { method: 'POST', target: '', body });
      expect(answer).toMatchObject({
        status: 200,
        resource: { type: `${code}-response`, entry: [{ response: { status: '200 OK' } }] },
      });
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
