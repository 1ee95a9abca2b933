/** The rules of `RecordStore` about versions, deletions and places of records, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planDeletion, planWrite } from '../../../src/core/records/plan-write.js';
import { planStage, stageOperations } from '../../../src/core/records/stage-records.js';
import { asVersion } from '../../../src/core/records/versions.js';
import type {
  CurrentDocument,
  LatestDocument,
  ReceiptDocument,
  StageDocument,
  Stored,
} from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aStaged } from './record-samples.js';

const context = { client: 'app-7', now: '2026-11-25T09:00:00.000Z' };

export function describeRecordHistory(
  name: string,
  open: () => Promise<{ store: RecordStore; close: () => Promise<void> }>,
): void {
  describe(`the history of the record store ${name}`, () => {
    let store: RecordStore;
    let close: () => Promise<void>;
    let requests = 0;

    beforeAll(async () => {
      ({ store, close } = await open());
    }, 60_000);
    afterAll(() => close(), 60_000);

    const latest = async (partition: string, id: string): Promise<Stored<LatestDocument> | undefined> =>
      (await store.load(partition, [`Observation:${id}`])).get(`Observation:${id}`) as
        Stored<LatestDocument> | undefined;

    const write = async (partition: string, id: string, language: string): Promise<CurrentDocument> => {
      const resource = { resourceType: 'Observation', id, language } as const;
      const requestId = `r${++requests}`;
      const plan = planWrite(partition, { resource }, await latest(partition, id), { ...context, requestId });
      expect(await store.commit(partition, plan.operations)).toBe('committed');
      return plan.document as CurrentDocument;
    };

    const remove = async (partition: string, id: string): Promise<LatestDocument> => {
      const before = (await latest(partition, id)) as Stored<CurrentDocument>;
      const plan = planDeletion(before, { ...context, requestId: `r${++requests}` });
      expect(await store.commit(partition, plan.operations)).toBe('committed');
      return plan.document;
    };

    test('lists versions, the latest first, from a place on', async () => {
      for (const language of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await write('h1', 'h1.x', language);
      const versions = async (page: { limit: number; before?: number }) =>
        (await store.listVersions('Observation', 'h1.x', page)).map(({ versionId }) => versionId);
      expect(await versions({ limit: 100 })).toEqual([7, 6, 5, 4, 3, 2, 1]);
      expect(await versions({ limit: 3 })).toEqual([7, 6, 5]);
      expect(await versions({ limit: 3, before: 5 })).toEqual([4, 3, 2]);
      expect(await versions({ limit: 3, before: 1 })).toEqual([]);
      expect(await store.listVersions('Observation', 'h1.nothing', { limit: 3 })).toEqual([]);
    });

    test('holds what each version said', async () => {
      const first = await write('h2', 'h2.x', 'a');
      const second = await write('h2', 'h2.x', 'b');
      const [current, version] = await store.listVersions('Observation', 'h2.x', { limit: 2 });
      expect(current).toEqual(second);
      expect(version).toMatchObject({ kind: 'version', resource: first.resource });
    });

    test('finds no deleted record, save as a deletion', async () => {
      await write('h3', 'h3.x', 'a');
      const deletion = await remove('h3', 'h3.x');
      expect(deletion).toMatchObject({ kind: 'deleted', versionId: 2 });
      expect(await store.readCurrent('Observation', 'h3.x')).toBeUndefined();
      expect((await store.loadCurrent('h3', ['Observation:h3.x'])).size).toBe(0);
      expect((await store.listPartition('h3', undefined, { limit: 10 })).documents).toEqual([]);
      expect(await store.readLatest('Observation', 'h3.x')).toEqual(deletion);
      expect(await store.readVersion('Observation', 'h3.x', 2)).toEqual(deletion);
      expect(await store.readVersion('Observation', 'h3.x', 1)).toMatchObject({ kind: 'version' });
    });

    test('keeps a deletion among the versions when the record comes back', async () => {
      await write('h4', 'h4.x', 'a');
      await remove('h4', 'h4.x');
      const again = await write('h4', 'h4.x', 'a');
      expect(again.versionId).toBe(3);
      const kinds = (await store.listVersions('Observation', 'h4.x', { limit: 9 })).map(({ kind }) => kind);
      expect(kinds).toEqual(['resource', 'deleted', 'version']);
      expect(await store.readVersion('Observation', 'h4.x', 2)).toMatchObject({ kind: 'deleted' });
      expect((await store.listPartition('h4', 'Observation', { limit: 10 })).documents).toEqual([again]);
    });

    test('finds a record in the partition that is named where its id does not say it', async () => {
      const first = await write('h5', 'anything', 'a');
      expect(await store.readCurrent('Observation', 'anything')).toBeUndefined();
      expect(await store.readCurrent('Observation', 'anything', 'h5')).toEqual(first);
      expect(await store.readLatest('Observation', 'anything', 'h5')).toEqual(first);
      expect(await store.readVersion('Observation', 'anything', 1, 'h5')).toEqual(first);
      expect(await store.listVersions('Observation', 'anything', { limit: 9 }, 'h5')).toEqual([first]);
    });

    test('a deleted record that a large message states is deleted until the message is visible', async () => {
      const before = await write('h6', 'h6.x', 'a');
      await remove('h6', 'h6.x');
      const loaded = await store.load('h6', ['Observation:h6.x']);
      const next = asVersion(before, 3, context.now);
      const { operation, stage } = planStage('h6', 'm9', undefined, context.now);
      const staged = stageOperations(
        [{ kind: 'create', document: next }],
        loaded,
        operation.document as StageDocument,
      );
      expect(await store.commit('h6', [operation, ...staged])).toBe('committed');
      expect(await store.readCurrent('Observation', 'h6.x')).toBeUndefined();
      expect(await store.readLatest('Observation', 'h6.x')).toMatchObject({ kind: 'deleted' });
      expect((await store.listPartition('h6', undefined, { limit: 10 })).documents).toEqual([]);
      const receipt: ReceiptDocument = {
        ...{ id: 'receipt:m9', kind: 'receipt', partition: 'h6', stage, changes: [] },
        source: { messageId: 'm9', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } },
        ...{ eventTime: context.now, lastUpdated: context.now },
      };
      expect(await store.commit('h6', [{ kind: 'create', document: receipt }])).toBe('committed');
      expect(await store.readCurrent('Observation', 'h6.x')).toEqual(next);
      expect(await store.readVersion('Observation', 'h6.x', 2)).toMatchObject({ kind: 'deleted' });
      const kinds = (await store.listVersions('Observation', 'h6.x', { limit: 9 })).map(({ kind }) => kind);
      expect(kinds).toEqual(['resource', 'deleted', 'version']);
    });

    test('pages through a partition where records of several types have one id, and leaves none out', async () => {
      const types = ['Condition', 'Goal', 'Observation', 'Procedure'];
      for (const resourceType of types)
        for (const id of ['b', 'a']) {
          const resource = { resourceType, id } as const;
          const requestId = `r${++requests}`;
          const plan = planWrite('h7', { resource }, undefined, { ...context, requestId });
          expect(await store.commit('h7', plan.operations)).toBe('committed');
        }
      for (const limit of [1, 2, 3, 5]) {
        const found: string[] = [];
        let continuation: string | undefined;
        do {
          const from = continuation === undefined ? {} : { continuation };
          const page = await store.listPartition('h7', undefined, { limit, ...from });
          found.push(...page.documents.map(({ id }) => id));
          continuation = page.continuation;
        } while (continuation !== undefined);
        expect(found).toEqual(['a', 'b'].flatMap((id) => types.map((type) => `${type}:${id}`)));
      }
    });

    test('lists what happened to the resources of a type, the latest first', async () => {
      const at = (minute: number) => `2026-11-25T10:0${minute}:00.000Z`;
      const commit = async (id: string, minute: number, language?: string) => {
        const key = `Basic:${id}`;
        const before = (await store.load('h8', [key])).get(key) as Stored<CurrentDocument> | undefined;
        const on = { client: 'app-7', requestId: `r${++requests}`, now: at(minute) };
        const { operations } =
          language === undefined && before !== undefined
            ? planDeletion(before, on)
            : planWrite(
                'h8',
                { resource: { resourceType: 'Basic', id, language: language ?? 'en' } },
                before,
                on,
              );
        expect(await store.commit('h8', operations)).toBe('committed');
      };
      await commit('x', 1, 'a');
      await commit('y', 1, 'a');
      await commit('x', 2, 'b');
      await commit('y', 3);
      const all = ['Basic:y 2', 'Basic:x 2', 'Basic:y:v1 1', 'Basic:x:v1 1'];
      const named = ({ id, versionId }: { id: string; versionId: number }) => `${id} ${versionId}`;
      expect((await store.listHistory('Basic', { limit: 9 })).map(named)).toEqual(all);
      expect((await store.listHistory('Basic', { limit: 9, since: at(2) })).map(named)).toEqual(
        all.slice(0, 2),
      );
      const paged: string[] = [];
      let after: { lastUpdated: string; id: string } | undefined;
      do {
        const page = await store.listHistory('Basic', {
          limit: 1,
          ...(after === undefined ? {} : { after }),
        });
        paged.push(...page.map(named));
        after = page[0];
      } while (after !== undefined);
      expect(paged).toEqual(all);
    });

    test('lists a page in full, whatever is staged among it', async () => {
      const at = (minute: number) => `2026-11-25T10:0${minute}:00.000Z`;
      const made = [1, 2, 3, 4].map((minute) => {
        const resource = { resourceType: 'Flag', id: `h9.${minute}` } as const;
        const on = { client: 'app-7', requestId: `r${++requests}`, now: at(minute) };
        return planWrite('h9', { resource }, undefined, on);
      });
      for (const [index, { operations, document }] of made.entries()) {
        const isStaged = index === 1 || index === 2;
        const staged = aStaged(document as CurrentDocument);
        const written = isStaged ? ([{ kind: 'create', document: staged }] as const) : operations;
        expect(await store.commit('h9', written)).toBe('committed');
      }
      for (const limit of [1, 2, 3])
        expect((await store.listHistory('Flag', { limit })).map(({ fhirId }) => fhirId)).toEqual(
          ['h9.4', 'h9.1'].slice(0, limit),
        );
    });
  });
}
