/** What is stored while an export is made is in it, or in the next one. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { longestUntilVisible } from '../../../src/app/export/export-page.js';
import { replacedVersion } from '../../../src/core/records/versions.js';
import { aRecord, aWorld, store } from './export-world.js';

test('what was stored before the time of an export, and could be read only after it, is in the next', async () => {
  const world = aWorld();
  await store(world, aRecord('Patient/p1'));
  const first = await world.begin();
  await world.run(first);
  expect(await world.resultOf(first)).toEqual({ 'Patient.1.ndjson': ['p1'] });
  // A large message that was taken up before becomes visible.
  const at = '2026-06-15T11:55:00.001Z';
  const changed = aRecord('Observation/p1.b', { at });
  await store(world, aRecord('Observation/p1.a', { at }), replacedVersion(changed));
  await store(world, aRecord('Observation/p1.b', { version: 2, at: '2026-06-15T13:00:05.000Z' }));
  world.world.now = '2026-06-15T13:00:00.000Z';
  const { transactionTime } = await world.find(first);
  const next = await world.begin({ parameters: [['_since', transactionTime]] });
  await world.run(next);
  expect(await world.resultOf(next)).toEqual({ 'Observation.1.ndjson': ['p1.a', 'p1.b'] });
});

test('the next export looks back for as long as a session is kept for a message', () => {
  const host = JSON.parse(readFileSync('host.json', 'utf8')) as {
    extensions: { serviceBus: { maxAutoLockRenewalDuration: string } };
  };
  const { maxAutoLockRenewalDuration } = host.extensions.serviceBus;
  expect(new Date(longestUntilVisible).toISOString().slice(11, 19)).toBe(maxAutoLockRenewalDuration);
});
