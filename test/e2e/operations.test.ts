/** Replay and account over HTTP and on the command line, on the real local stack. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Bundle } from 'fhir/r4.js';
import type { DemoSummary } from '../../local/demo/accounting.js';
import { playSampleDay, type DemoOptions } from '../../local/demo/play.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { hl7v2Base } from '../../src/core/mapping/packs/hl7v2-base/pack.js';
import { eventId, partitionsOfPeople, receiptId } from '../../src/core/records/ids.js';
import type { PatientDifference } from '../../src/core/replay/compare-records.js';
import type { MessageReceipt } from '../../src/ports/message-store.js';
import { runHde } from '../support/command-line.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const silent = { isTTY: false, write: () => true } as unknown as NonNullable<DemoOptions['output']>;

/** Says everything that the UK pack says, except allergies. */
const withoutAllergies = {
  name: 'without-allergies',
  version: '1.0.0',
  extends: 'hl7v2-uk',
  dropped: hl7v2Base.maps.filter(({ resource }) => resource === 'AllergyIntolerance').map(({ id }) => id),
};

/** Takes what the UK pack refuses. */
const tolerant = {
  name: 'tolerant',
  version: '1.0.0',
  extends: 'hl7v2-uk',
  messages: { ADT: { ...hl7v2Base.messages['ADT'], unsupported: [] } },
};

let stack: RunningStack;
let operator: string;
let reader: string;
let played: DemoSummary;

beforeAll(async () => {
  stack = await startStack('operations', undefined, {
    HDE_PACKS: JSON.stringify([withoutAllergies, tolerant]),
  });
  operator = await stack.token({ roles: ['operator'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
  const token = await stack.token({ roles: ['sender', 'reader', 'operator'], feeds: ['rzz-tie'] });
  played = await playSampleDay({ url: stack.url, token, limit: 150, output: silent });
}, 180_000);

afterAll(() => stack.destroy(), 60_000);

async function hde(...args: string[]): Promise<{ code: number; out: string }> {
  const { code, out, err } = await runHde([...args, '--url', stack.url], { token: operator });
  return { code, out: out === '' ? err : out };
}

/** Everybody of whom an allergy is stored. */
async function allergic(subjects: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const subject of subjects) {
    const answer = await fetch(`${stack.url}/fhir/AllergyIntolerance?patient=${subject}`, {
      headers: { authorization: `Bearer ${reader}` },
    });
    const bundle = (await answer.json()) as Bundle<AllergyIntolerance>;
    if ((bundle.entry ?? []).length > 0) found.push(subject);
  }
  return found;
}

interface Totals {
  readonly messages: number;
  readonly patients: number;
  readonly differences: readonly PatientDifference[];
  readonly skipped: readonly unknown[];
}

describe('a replay of what was received', () => {
  test('changes nothing with the same pack, looked at or carried out', async () => {
    const preview = await hde('replay', 'preview', '--json');
    expect(preview.code).toBe(0);
    expect(JSON.parse(preview.out)).toMatchObject({ differences: [], failures: [], skipped: [] });
    const done = await hde('replay', 'run', '--all', '--json');
    expect(JSON.parse(done.out)).toMatchObject({ differences: [], changes: 0, kept: [] });
  }, 120_000);

  test('names everybody who would lose an allergy, first in the list', async () => {
    const { code, out } = await hde('replay', 'preview', '--pack', 'without-allergies', '--json');
    expect(code).toBe(0);
    const { differences, messages } = JSON.parse(out) as Totals;
    expect(messages).toBeGreaterThan(100);
    const losing = differences.map(({ subject }) => subject);
    expect(losing.length).toBeGreaterThan(3);
    expect(await allergic(losing)).toEqual(losing);
    for (const { records } of differences) {
      expect(records[0]).toMatchObject({ resourceType: 'AllergyIntolerance', difference: 'lost' });
    }
    const text = (await hde('replay', 'preview', '--pack', 'without-allergies')).out;
    expect(text.split('\n')[1]).toContain('AllergyIntolerance/');
    expect(text).toContain('nothing was written');
  }, 120_000);

  test('is refused with a pack that is not there, and for others', async () => {
    const { code, out } = await hde('replay', 'preview', '--pack', 'nothing');
    expect([code, out]).toEqual([1, expect.stringContaining('HDE_REQUEST_INVALID')]);
    for (const path of ['/replay/preview', '/replay/run', '/ledger/receipts', '/ledger/archive']) {
      const ask = (headers: Record<string, string>) =>
        fetch(`${stack.url}${path}`, { method: 'POST', headers }).then(({ status }) => status);
      expect([path, await ask({}), await ask({ authorization: `Bearer ${reader}` })]).toEqual([
        path,
        401,
        403,
      ]);
    }
  });

  test.each(['/replay/preview', '/ledger/receipts', '/ledger/archive'])(
    'is refused from a place that nobody named (%s)',
    async (path) => {
      const period = { feed: 'rzz-tie', from: '2026-01-01', to: '2100-01-01' };
      const body = path.startsWith('/ledger') ? period : {};
      const answer = await fetch(`${stack.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, continuation: 'nonsense' }),
      });
      // Azurite takes any marker for a name to begin after.
      expect([path, answer.status]).toEqual([path, path === '/ledger/archive' ? 200 : 400]);
    },
  );

  test.each([{}, { all: true, feeds: ['rzz-tie'] }])(
    'is not carried out for %j: that is no choice',
    async (body) => {
      const answer = await fetch(`${stack.url}/replay/run`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, runId: 'r' }),
      });
      expect([answer.status, await answer.text()]).toEqual([
        400,
        expect.stringContaining('or all: true does'),
      ]);
    },
  );

  test('is refused for feeds that the operator does not have', async () => {
    expect((await hde('replay', 'preview', '--feed', 'other')).out).toContain('HDE_FORBIDDEN');
    const period = ['--from', '2026-01-01', '--to', '2100-01-01'];
    expect((await hde('ledger', '--feed', 'other', ...period)).out).toContain('HDE_FORBIDDEN');
  });
});

describe('the account of the feed', () => {
  test('is refused for a period that ends before it begins', async () => {
    const { code, out } = await hde(
      'ledger',
      '--feed',
      'rzz-tie',
      '--from',
      '2026-02-01',
      '--to',
      '2026-01-01',
    );
    expect([code, out]).toEqual([1, expect.stringContaining('a later time')]);
  });

  test('balances: each message is in exactly one class', async () => {
    const { code, out } = await hde(
      ...['ledger', '--feed', 'rzz-tie', '--from', '2026-01-01', '--to', '2100-01-01', '--json'],
    );
    expect(code).toBe(0);
    const account = JSON.parse(out) as Record<string, unknown>;
    const { normalised, failed, duplicate } = played.outcomes;
    expect(account).toMatchObject({
      received: normalised + failed,
      archived: normalised + failed,
      counts: { normalised, failed, accepted: 0, dismissed: 0, corrected: 0 },
      duplicates: duplicate,
      differences: [],
    });
  });
});

describe('a replay of messages that failed', () => {
  const failed = ['--status', 'failed', '--type', 'ADT^A19', '--pack', 'tolerant', '--limit', '1'];
  const statusOf = async (reference: string): Promise<number> => {
    const answer = await fetch(`${stack.url}/fhir/${reference}`, {
      headers: { authorization: `Bearer ${reader}` },
    });
    return answer.status;
  };

  test('shows what they would change by another pack, does it, and closes their entries', async () => {
    const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
    for (const n of [1, 2]) {
      const more = ['AL1|1|DA|P'];
      const sent = await fetch(`${stack.url}/ingest/rzz-tie`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sender}`, 'content-type': 'application/hl7-v2' },
        body: aMessage({ type: 'ADT^A19', controlId: `A19-${n}`, mrn: `A19-M${n}`, nhsNumber: '', more }),
      });
      expect(await sent.text()).toContain(`MSA|AR|A19-${n}`);
    }

    const preview = await hde('replay', 'preview', ...failed, '--json');
    expect(JSON.parse(preview.out)).toMatchObject({ messages: 2, patients: 2, failures: [], skipped: [] });
    const { recovered, differences } = JSON.parse(preview.out) as Totals & { recovered: string[] };
    expect(differences.flatMap(({ records }) => records.map(({ resourceType }) => resourceType))).toEqual(
      expect.arrayContaining(['AllergyIntolerance', 'Patient']),
    );
    const patient = differences.find(({ subject }) => subject.startsWith('Patient/'))?.subject ?? '';
    expect(await statusOf(patient)).toBe(404);
    const same = await hde('replay', 'preview', '--status', 'failed', '--type', 'ADT^A19');
    expect([same.code, same.out]).toEqual([3, expect.stringContaining('HDE_HL7_TYPE_UNSUPPORTED')]);

    const done = await hde('replay', 'run', ...failed, '--json');
    expect(JSON.parse(done.out)).toMatchObject({ recovered, queued: [], failures: [], differences });
    expect(await statusOf(patient)).toBe(200);
    const shown = JSON.parse((await hde('triage', 'show', recovered[0] ?? '', '--json')).out) as {
      readonly receipt: unknown;
    };
    expect(shown.receipt).toMatchObject({
      status: 'normalised',
      pack: { name: 'tolerant' },
      history: [{ action: 'resubmitted', reason: 'replay', failedWith: 'HDE_HL7_TYPE_UNSUPPORTED' }],
    });
    expect(JSON.parse((await hde('replay', 'run', ...failed, '--json')).out)).toMatchObject({ messages: 0 });

    const both = ['--status', 'failed', '--status', 'normalised', '--limit', '100', '--json'];
    const after = JSON.parse((await hde('replay', 'preview', ...both)).out) as Totals;
    expect(after).toMatchObject({ messages: played.outcomes.normalised + 2, skipped: [] });
  }, 60_000);
});

test('what was accepted and has lost its receipt, or its records, is taken in again and comes back', async () => {
  const cosmos = await openCosmos({
    kind: 'connection-string',
    connectionString: stack.settings['HDE_COSMOS']!,
  });
  const [messages, records] = (['messages', 'records'] as const).map((name) => containerOf(cosmos, name));
  const query =
    "SELECT TOP 2 c.id, c.changes FROM c WHERE c.status = 'normalised' AND c.messageType = 'ADT^A28'";
  type Kept = Pick<MessageReceipt, 'id' | 'changes'>;
  const { resources } = await messages!.items.query<Kept>(query).fetchAll();
  const [forgotten, lost] = resources as [Kept, Kept];
  await messages!.item(forgotten.id, forgotten.id).delete();
  // Both are in one batch with what the message changed.
  for (const partition of partitionsOfPeople(lost.changes))
    for (const id of [receiptId(lost.id), eventId(lost.id)]) await records!.item(id, partition).delete();

  const account = ['ledger', '--feed', 'rzz-tie', '--from', '2026-01-01', '--to', '2100-01-01', '--json'];
  const differences = async () =>
    (JSON.parse((await hde(...account)).out) as { differences: { messageId: string; problem: string }[] })
      .differences;
  expect((await differences()).map(({ messageId, problem }) => [messageId, problem])).toEqual([
    [lost.id, 'not-stored'],
    [forgotten.id, 'no-receipt'],
  ]);
  expect((await hde(...account, '--take-in')).code).toBe(0);
  const statusOf = async (id: string) =>
    (await messages!.item(id, id).read<MessageReceipt>()).resource?.status;
  await eventually(
    () => Promise.all([forgotten.id, lost.id].map(statusOf)),
    (statuses) => statuses.every((status) => status === 'normalised'),
  );
  expect(await differences()).toEqual([]);
  cosmos.dispose();
}, 120_000);
