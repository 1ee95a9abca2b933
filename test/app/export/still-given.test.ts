/** Files of exports are decided on again when they are fetched. */
import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { stillGiven } from '../../../src/app/export/still-given.js';
import type { Purpose } from '../../../src/core/governance/access-vocabulary.js';
import { currentDocument, replacedVersion } from '../../../src/core/records/versions.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import { aWorld, client } from './export-world.js';

const early = '2026-06-15T10:00:00.000Z';
const later = '2026-06-15T13:00:00.000Z';
const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };

function aRecord(reference: string, version = 1, security: readonly object[] = []): CurrentDocument {
  const [resourceType = '', id = ''] = reference.split('/');
  const resource = { resourceType, id, meta: { security } } as unknown as Resource;
  const source = { messageId: 'm1', feed: 'rbd-pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
  return currentDocument(
    id.split('.')[0] ?? '',
    resource,
    version,
    { messages: [], rows: [] },
    {
      ...{ source, eventTime: early, now: version === 1 ? early : later },
    },
  );
}

/** An export of two patients and a record of each that is done. */
async function anExport(purpose: Purpose) {
  const world = aWorld();
  const { records } = world.deps;
  for (const name of ['Patient/p1', 'Observation/p1.a', 'Patient/p2', 'Observation/p2.a']) {
    const document = aRecord(name);
    await records.commit(document.partition, [{ kind: 'create', document }]);
  }
  const key = await world.begin({ asker: { principal: client, purpose } });
  await world.run(key);
  const idsOf = async (name: string) =>
    (await world.contentOf(key, name, client, purpose as 'direct-care'))
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { id: string }).id);
  const change = async (next: CurrentDocument) => {
    const stored = (await records.load(next.partition, [next.id])).get(next.id);
    const before = stored?.document as CurrentDocument;
    await records.commit(next.partition, [
      { kind: 'replace', document: next, etag: stored?.etag ?? '' },
      { kind: 'create', document: replacedVersion(before) },
    ]);
  };
  return { ...world, idsOf, change };
}

const files = ['Patient.1.ndjson', 'Observation.1.ndjson'];

describe('a file that is fetched', () => {
  test('holds what was written where nothing has changed', async () => {
    const { idsOf } = await anExport('planning');
    expect(await Promise.all(files.map(idsOf))).toEqual([
      ['p1', 'p2'],
      ['p1.a', 'p2.a'],
    ]);
  });

  test.each([
    ['who has opted out since', { optOut: 'opted-out' }],
    ['whose answer is too old by now', { optOut: undefined }],
    ['who is restricted since', { labels: ['restricted'] }],
  ] as const)('holds nothing of a patient %s', async (_, facts) => {
    const { patients, idsOf } = await anExport('planning');
    patients.set('p1', facts);
    expect(await Promise.all(files.map(idsOf))).toEqual([['p2'], ['p2.a']]);
  });

  test('holds a patient who has opted out since for direct care', async () => {
    const { patients, idsOf } = await anExport('direct-care');
    patients.set('p1', { optOut: 'opted-out' });
    expect(await idsOf('Patient.1.ndjson')).toEqual(['p1', 'p2']);
  });

  test('holds a record that was changed since as it was, unless it is restricted now', async () => {
    const { idsOf, change } = await anExport('direct-care');
    await change(aRecord('Observation/p1.a', 2));
    expect(await idsOf('Observation.1.ndjson')).toEqual(['p1.a', 'p2.a']);
    await change(aRecord('Observation/p1.a', 3, [restricted]));
    expect(await idsOf('Observation.1.ndjson')).toEqual(['p2.a']);
  });

  test('holds no record that was deleted since', async () => {
    const { idsOf, deps } = await anExport('direct-care');
    const document = aRecord('Observation/p2.a');
    const etag = (await deps.records.load('p2', [document.id])).get(document.id)?.etag ?? '';
    await deps.records.commit('p2', [{ kind: 'delete', document, etag }]);
    expect(await idsOf('Observation.1.ndjson')).toEqual(['p1.a']);
  });
});

test('lines are given as they were written, however they come', async () => {
  const { deps } = await anExport('direct-care');
  const text = files.map(() => '{"id":"p1","meta":{"versionId":"1"},"name":"Zoë","n":1.0}\n').join('');
  const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
  let judges = 0;
  const newJudge = () => {
    judges += 1;
    return deps.judgeFor({ principal: client, purpose: 'direct-care', now: Date.parse(later) });
  };
  const given: Uint8Array[] = [];
  const content = (async function* () {
    await Promise.resolve();
    yield* bytes;
  })();
  for await (const chunk of stillGiven({ records: deps.records, newJudge }, 'Patient', content))
    given.push(chunk);
  expect(Buffer.concat(given).toString()).toBe(text);
  expect(judges).toBe(1);
});
