/** What the trail keeps of operators who ask about, or change, the records of many people. */
import { beforeEach, expect, test } from '@jest/globals';
import { ExchangeError } from '../../src/core/errors.js';
import { auditSearchRoute, auditedOperation } from '../../src/platform/audit.js';
import type { Route } from '../../src/platform/http.js';
import { jsonAnswer } from '../../src/platform/operator-route.js';
import { reindexRoute } from '../../src/platform/reindex.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aPrincipal, systemClaims } from '../support/principals.js';

const claims = { ...systemClaims, onBehalfOf: 'RYY' };
let platform: MemoryPlatform;

beforeEach(() => {
  platform = openMemoryPlatform({
    operator: aPrincipal(['operator'], { subject: 'officer-1', feeds: ['rzz-tie'], claims }),
  });
});

const failing: Route = {
  name: 'test',
  handle: async (exchange) => {
    const access = { interaction: 'replay-run', isChange: true };
    await auditedOperation(
      exchange,
      access,
      (tell) => {
        tell({ records: ['Patient/p1/_history/2'], patients: ['p1'] });
        tell({ records: ['Patient/p1/_history/2', 'Patient/p2/_history/3'], patients: ['p2'] });
        return Promise.reject(new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE'));
      },
      () => ({ records: [], patients: [] }),
    );
    return jsonAnswer(200, {});
  },
};

test('what had changed before an operation failed stands in the trail', async () => {
  expect((await platform.ask(failing, { as: 'operator' })).status).toBe(503);
  expect(await platform.recorded()).toMatchObject([
    { outcome: 'begun', records: [], patients: [] },
    {
      outcome: 'failed',
      reason: 'HDE_DEPENDENCY_UNAVAILABLE',
      records: ['Patient/p1/_history/2', 'Patient/p2/_history/3'],
      patients: ['p1', 'p2'],
    },
  ]);
});

test('a page of a new index is recorded before it is written, and after', async () => {
  expect((await platform.ask(reindexRoute, { as: 'operator', body: {} })).status).toBe(200);
  expect((await platform.recorded()).map(({ interaction, outcome }) => [interaction, outcome])).toEqual([
    ['reindex-run', 'begun'],
    ['reindex-run', 'done'],
  ]);
});

test('a question to the trail concerns everybody whom its answer names', async () => {
  await platform.ask(failing, { as: 'operator' });
  const body = { subject: 'officer-1' };
  expect((await platform.ask(auditSearchRoute, { as: 'operator', body })).status).toBe(200);
  expect((await platform.recorded()).at(-1)).toMatchObject({
    ...{ interaction: 'audit-search', patients: ['p2', 'p1'].sort() },
    ...{ organisation: 'RZZ', onBehalfOf: 'RYY', purpose: 'HSYSADMIN', reason: 'role-operator' },
  });
});
