/** What the trail keeps of operators who ask about, or change, the records of many people. */
import { beforeEach, expect, test } from '@jest/globals';
import { ExchangeError } from '../../src/core/errors.js';
import { optOutsRoute } from '../../src/platform/access-routes.js';
import { auditSearchRoute, auditedOperation } from '../../src/platform/audit.js';
import { exportRoute, systemExportRoute } from '../../src/platform/export.js';
import type { Route } from '../../src/platform/http.js';
import { runRoute } from '../../src/platform/operations.js';
import { jsonAnswer } from '../../src/platform/operator-route.js';
import { reindexRoute } from '../../src/platform/reindex.js';
import { triageMessageRoute } from '../../src/platform/triage.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aPrincipal, systemClaims } from '../support/principals.js';

const claims = { ...systemClaims, onBehalfOf: 'RYY' };
const subjects = { operator: 'officer-1', officer: 'officer-2', reader: 'app-1' };
let platform: MemoryPlatform;

beforeEach(() => {
  platform = openMemoryPlatform({
    operator: aPrincipal(['operator'], { subject: 'officer-1', feeds: ['rzz-tie'], claims }),
    officer: aPrincipal(['privacy-officer'], { subject: 'officer-2', claims }),
    reader: aPrincipal(['reader'], { subject: 'app-1', claims }),
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
  expect((await platform.ask(auditSearchRoute, { as: 'officer', body })).status).toBe(200);
  expect((await platform.recorded()).at(-1)).toMatchObject({
    ...{ interaction: 'audit-search', patients: ['p2', 'p1'].sort() },
    ...{ organisation: 'RZZ', onBehalfOf: 'RYY', purpose: 'HCOMPL', reason: 'role-privacy-officer' },
  });
});

test.each([
  ['a replay', runRoute, 'reader', 'replay-run', 'HSYSADMIN'],
  ['a message', triageMessageRoute, 'officer', 'triage-messages-id', 'HSYSADMIN'],
  ['the trail', auditSearchRoute, 'operator', 'audit-search', 'HCOMPL'],
  ['an opt-out', optOutsRoute, 'operator', 'access-opt-outs', 'HCOMPL'],
  ['an export', systemExportRoute, 'officer', 'export-begin', 'TREAT'],
  ['how far an export is', exportRoute, 'officer', 'export-status', 'TREAT'],
] as const)(
  'whoever may not ask for %s is recorded before they are told',
  async (_, route, as, interaction, purpose) => {
    expect((await platform.ask(route, { as, body: {} })).status).toBe(403);
    expect(await platform.recorded()).toMatchObject([
      { interaction, outcome: 'refused', reason: 'HDE_FORBIDDEN', subject: subjects[as], purpose },
    ]);
  },
);
