/** Messages that meet what a transaction has staged, when its process ended. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { createTurns } from '../../../../src/app/in-turn.js';
import { normaliseMessage } from '../../../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange } from '../../../support/exchange.js';
import { aMessage } from '../../../support/messages.js';
import { watched } from '../../../support/watched.js';
import { aPatient, send } from '../arrange.js';
import { entry, sendBundle } from './bundles.js';

beforeEach(() => {
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((go: () => void) => setImmediate(go)) as never);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A patient of a message and one of a client, whom a transaction changes until its process ends at a call. */
async function killedAt(call: number) {
  const exchange = createMemoryExchange();
  const receive = async (controlId: string, at: string) =>
    normaliseMessage(exchange, await acceptBytes(exchange, aMessage({ controlId, at, type: 'ADT^A31' })));
  const { changes } = await receive('C1', '20260330090000');
  const id = changes.find(({ resourceType }) => resourceType === 'Patient')?.id ?? '';
  await send(exchange, { method: 'PUT', target: 'Patient/z', body: aPatient('z') });
  const { resource } = (await exchange.records.readCurrent('Patient', id))!;
  let calls = 0;
  const records = watched(exchange.records, () =>
    calls++ < call ? Promise.resolve() : Promise.reject(new Error('the process has ended')),
  );
  const dying = { identities: exchange.identities, records, inTurn: createTurns() };
  const changed = [
    { ...(resource as Patient), language: 'en' },
    { ...aPatient('z'), language: 'en' },
  ];
  const ended = await sendBundle(
    dying,
    'transaction',
    changed.map((each) => entry('PUT', `Patient/${each.id ?? ''}`, { resource: each })),
  ).then(
    () => 'answered',
    () => 'killed',
  );
  const languageOf = async (each: string) =>
    (await exchange.records.readCurrent('Patient', each))?.resource.language;
  return { exchange, id, calls, ended, receive, languageOf };
}

test('a message goes on with what stands, wherever the process of a transaction ended', async () => {
  const seen = new Set<string>();
  const { calls } = await killedAt(Infinity);
  for (let call = 0; call < calls; call++) {
    const { exchange, id, ended, receive, languageOf } = await killedAt(call);
    const before = await languageOf(id);
    expect({ call, language: await languageOf('z') }).toEqual({ call, language: before });
    seen.add(`${ended} ${before ?? ''}`);
    expect((await receive('C2', '20260330110000')).status).toBe('normalised');
    expect({ call, languages: [await languageOf(id), await languageOf('z')] }).toEqual({
      ...{ call, languages: [before, before] },
    });
    const loaded = await exchange.records.load(id, [`Patient:${id}`]);
    expect(loaded.get(`Patient:${id}`)?.document.kind).toBe('resource');
  }
  expect([...seen].sort()).toEqual(['answered en', 'killed ']);
});
