/** Bulk exports by the decisions of requests: people with several records, opt-outs, labels and deletions since. */
import { expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryExportFiles } from '../../../src/adapters/memory/export-files.js';
import { createMemoryExportStore } from '../../../src/adapters/memory/export-store.js';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { keepOptOuts } from '../../../src/app/access/opt-outs.js';
import { advanceExport } from '../../../src/app/export/advance-export.js';
import { beginExport } from '../../../src/app/export/begin-export.js';
import { findExport, openExportFile } from '../../../src/app/export/read-export.js';
import { findingPlaces } from '../../../src/app/fhir/record-places.js';
import { namedFiles } from '../../../src/core/fhir/export/export-job.js';
import type { Purpose } from '../../../src/core/governance/access-vocabulary.js';
import { NHS_NUMBER_SYSTEM } from '../../../src/core/identity/nhs-number.js';
import type { ExportKey } from '../../../src/ports/export-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aClearedSystem, anAccess, aSystem, onlyOwn } from '../../support/access.js';
import { aResource, identitySecret, send } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const numbers = { a: '9990000018', b: '9990000026', c: '9990000034', d: '9990000042' } as const;
type Name = keyof typeof numbers;
type Answer = 'may-be-used' | 'opted-out';
const restricted = {
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
};
const linkTo = (id: Name) => ({ link: [{ type: 'seealso', other: { reference: `Patient/${id}` } }] });

const person = (id: Name, more = {}) =>
  aResource(`Patient/${id}`, { identifier: [{ system: NHS_NUMBER_SYSTEM, value: numbers[id] }], ...more });
const resultOf = (id: Name, more = {}) => ({
  ...aMinimal(`Observation/of-${id}`, { subject: { reference: `Patient/${id}` } }),
  ...{ ...more, id: `of-${id}` },
});

function arrange() {
  let now = Date.UTC(2026, 10, 26, 9);
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const governance = createMemoryGovernanceStore();
  const known = { governance, identitySecret };
  const ask = (method: string, target: string, body?: Resource) => {
    const access = (found: RecordStore) => anAccess(found, { principal: aClearedSystem, now }, known);
    const asked = { method, target, access, now: () => new Date(now) };
    return send(api, body === undefined ? asked : { ...asked, body });
  };
  const records = findingPlaces(api.records, { identities: api.identities, identitySecret });
  const deps = {
    ...{ records, exports: createMemoryExportStore(), files: createMemoryExportFiles(), policy: onlyOwn },
    judgeFor: (asker: Parameters<typeof anAccess>[1]) => anAccess(records, asker, known),
    queue: { send: () => Promise.resolve() },
    clock: { now: () => new Date(now) },
    trail: { record: () => Promise.resolve() },
    hours: 24,
  };
  let count = 0;
  return {
    put: (body: Resource & { id: string }) => ask('PUT', `${body.resourceType}/${body.id}`, body),
    remove: (target: string) => ask('DELETE', target),
    keep: (answers: Partial<Record<Name, Answer>>) =>
      keepOptOuts(
        { ...api, ...known },
        new Map(Object.entries(answers).map(([id, answer]) => [numbers[id as Name], answer])),
        new Date((now += 1000)).toISOString(),
      ),
    run: async (purpose: Purpose): Promise<ExportKey> => {
      const key = { client: 'c', id: `job-${++count}` };
      now += 1000;
      await beginExport(deps, {
        ...{ ...key, level: 'system', asker: { principal: aSystem, purpose } },
        parameters: [['_type', 'Patient,Observation']],
        ...{ prefer: 'respond-async', accept: undefined },
      });
      now += 20_000;
      await advanceExport(deps, key, 3_600_000);
      return key;
    },
    /** Of whom there are lines in the files today, and what: `a of-a`. */
    fetch: async (key: ExportKey, purpose: Purpose): Promise<string> => {
      const request = {
        principal: aSystem,
        purpose,
        now,
        interaction: 'export',
        breakGlass: undefined,
      } as const;
      const ids: string[] = [];
      for (const { name } of namedFiles(await findExport(deps, key))) {
        let text = '';
        for await (const chunk of await openExportFile(deps, key, name, request))
          text += Buffer.from(chunk).toString();
        const lines = text.split('\n').filter((line) => line !== '');
        ids.push(...lines.map((line) => (JSON.parse(line) as { id: string }).id));
      }
      return ids.sort().join(' ');
    },
  };
}

test('files give on each day what the policy gives then, of all records of a person', async () => {
  const { put, remove, keep, run, fetch } = arrange();
  for (const id of ['a', 'b', 'c', 'd'] as const) {
    await put(person(id));
    await put(resultOf(id));
  }
  await keep({ a: 'may-be-used', b: 'opted-out', c: 'may-be-used' });
  const [care, planning] = [await run('direct-care'), await run('planning')];
  expect(await fetch(care, 'direct-care')).toBe('a b c d of-a of-b of-c of-d');
  // Of d there is no answer.
  expect(await fetch(planning, 'planning')).toBe('a c of-a of-c');
  await expect(fetch(care, 'planning')).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });

  await put(person('a', linkTo('b')));
  expect(await fetch(planning, 'planning')).toBe('c of-c');
  await put(person('d', restricted));
  await put(person('c', linkTo('d')));
  expect(await fetch(planning, 'planning')).toBe('');
  expect(await fetch(care, 'direct-care')).toBe('a b of-a of-b');

  await put(person('a'));
  expect(await fetch(planning, 'planning')).toBe('a of-a');
  await keep({ a: 'opted-out' });
  expect(await fetch(planning, 'planning')).toBe('');

  for (const target of ['Observation/of-b', 'Patient/b']) await remove(target);
  expect(await fetch(care, 'direct-care')).toBe('a of-a');
  await put(resultOf('a', restricted));
  expect(await fetch(care, 'direct-care')).toBe('a');
});
