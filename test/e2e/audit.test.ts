/** The audit trail on the real local stack: who saw a patient, and that nobody edits the answer unseen. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { runHde } from '../support/command-line.js';
import { startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let operator: string;
let clinician: string;

beforeAll(async () => {
  stack = await startStack('audit');
  operator = await stack.token({ roles: ['operator', 'privacy-officer'], feeds: ['rzz-tie'] });
  clinician = await stack.token({ roles: ['reader', 'writer'] });
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

const hde = (...args: string[]) => runHde([...args, '--url', stack.url], { token: operator });

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${stack.url}/fhir/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${clinician}`, 'content-type': 'application/fhir+json' },
  });

test('who reads and changes a record is found, and who edits the trail is found out', async () => {
  const patient = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Okoro' }] };
  expect((await ask('Patient/p1', { method: 'PUT', body: JSON.stringify(patient) })).status).toBe(201);
  const reads = await Promise.all(Array.from({ length: 50 }, () => ask('Patient/p1')));
  expect(new Set(reads.map(({ status }) => status))).toEqual(new Set([200]));

  const seen = await hde('audit', 'who-saw', 'p1', '--outcome', 'done', '--json');
  const { entries } = JSON.parse(seen.out) as { entries: { interaction: string }[] };
  expect(entries.filter(({ interaction }) => interaction === 'read')).toHaveLength(50);
  expect(entries.filter(({ interaction }) => interaction === 'update')).toHaveLength(1);
  expect(seen.out).not.toContain('Okoro');
  expect(await hde('audit', 'verify')).toMatchObject({ code: 0 });

  const connectionString = stack.settings['HDE_COSMOS']!;
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  const audit = containerOf(client, 'audit');
  const query = "SELECT TOP 1 * FROM c WHERE c.kind = 'block'";
  const { resources } = await audit.items.query<{ id: string; chain: string }>(query).fetchAll();
  await audit.item(resources[0]!.id, resources[0]!.chain).delete();
  client.dispose();
  const { code, out } = await hde('audit', 'verify');
  expect([code, out]).toEqual([1, expect.stringMatching(/removed|truncated/)]);
});
