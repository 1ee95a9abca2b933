/** Identifiers that somebody had by mistake: whoever has them is not filed with whoever had. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { cacheClaims } from '../../src/adapters/caching/identity-store.js';
import { identifyPatient } from '../../src/app/identify-patient.js';
import { claimIdentifiers } from '../../src/app/fhir/write-identity.js';
import { ExchangeError } from '../../src/core/errors.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { createMemoryExchange } from '../support/exchange.js';
import { watched } from '../support/watched.js';
import { asCurrent, baseUrl, store } from './fhir/arrange.js';
import {
  anMrn,
  anNhsNumber,
  createIdentityWorld,
  filedWith,
  localSystem,
  nhsSystem,
  type IdentityWorld,
} from './identity-world.js';

const X = '9990000018';
const Y = '9990000026';
let world: IdentityWorld;

beforeEach(() => {
  world = createIdentityWorld();
});

const conflict = expect.objectContaining({ code: 'HDE_IDENTITY_CONFLICT', severity: 'warning' }) as unknown;

/** Whoever has NHS number X is known by it alone, is somebody new, and stays who they are. */
async function expectAnother(wrong: string): Promise<void> {
  const first = await world.receive({ nhs: X, family: 'Bello' });
  expect(first).toMatchObject({
    status: 'normalised',
    issues: expect.arrayContaining([conflict]) as unknown,
  });
  const id = filedWith(first);
  expect(id).not.toBe(wrong);
  expect(await world.patient(id)).toMatchObject({
    name: [{ family: 'Bello' }],
    identifier: [anNhsNumber(X)],
  });
  const second = await world.receive({ mrn: 'GP5', nhs: X, family: 'Bello' });
  expect([filedWith(second), second.issues]).toEqual([id, []]);
  expect(await world.holders(nhsSystem, X)).toEqual([id]);
}

describe('an NHS number that a client gave to a patient by mistake', () => {
  const okoro: Patient = { resourceType: 'Patient', id: 'k', name: [{ family: 'Okoro' }] };

  test('and corrected is that of somebody else', async () => {
    await world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anMrn('M1'), anNhsNumber(X)] });
    await world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anMrn('M1'), anNhsNumber(Y)] });
    await expectAnother('k');
    expect(await world.patient('k')).toMatchObject({ ...okoro, identifier: [anMrn('M1'), anNhsNumber(Y)] });
    expect(filedWith(await world.receive({ mrn: 'M1' }))).toBe('k');
  });

  test('whom it deleted then is that of somebody else', async () => {
    await world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anNhsNumber(X)] });
    await world.ask('DELETE', 'Patient/k');
    await expectAnother('k');
  });

  test('in a write that was refused is that of somebody else', async () => {
    await world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anMrn('M1')] });
    const body = { ...okoro, identifier: [anMrn('M1'), anNhsNumber(X)] };
    const refusing = createIdentityWorld({ ...world.exchange, records: refusingAll(world.exchange.records) });
    await expect(refusing.ask('PUT', 'Patient/k', body)).rejects.toMatchObject({
      code: 'HDE_MESSAGE_TOO_LARGE',
    });
    await expectAnother('k');
  });

  test('in a write that was refused can be given to another patient', async () => {
    const refusing = createIdentityWorld({ ...world.exchange, records: refusingAll(world.exchange.records) });
    const wrong = refusing.ask('PUT', 'Patient/k', { ...okoro, identifier: [anNhsNumber(X)] });
    await expect(wrong).rejects.toMatchObject({ code: 'HDE_MESSAGE_TOO_LARGE' });
    const { status } = await world.ask('PUT', 'Patient/l', {
      ...okoro,
      id: 'l',
      identifier: [anNhsNumber(X)],
    });
    expect(status).toBe(201);
  });

  test('is given to another patient once it is corrected, and not before', async () => {
    const other = { ...okoro, id: 'l', identifier: [anNhsNumber(X)] };
    await world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anNhsNumber(X)] });
    await expect(world.ask('PUT', 'Patient/l', other)).rejects.toMatchObject({
      code: 'HDE_PATIENT_DUPLICATE',
    });
    await world.ask('PUT', 'Patient/k', okoro);
    expect((await world.ask('PUT', 'Patient/l', other)).status).toBe(201);
    const back = world.ask('PUT', 'Patient/k', { ...okoro, identifier: [anNhsNumber(X)] });
    await expect(back).rejects.toMatchObject({ code: 'HDE_PATIENT_DUPLICATE' });
    expect(filedWith(await world.receive({ nhs: X }))).toBe('l');
  });

  test('is of one patient only, of 50 to whom clients give it at the same moment', async () => {
    const { exchange } = world;
    const ids = Array.from({ length: 50 }, (_, n) => `p${n}`);
    await store(exchange.records, ...ids.map((id) => asCurrent({ resourceType: 'Patient', id })));
    const deps = { ...exchange, baseUrl, clock: { now: () => new Date() }, inTurn: undefined as never };
    const results = await Promise.allSettled(
      ids.map((id) => {
        const patient = { ...okoro, id, identifier: [anNhsNumber(X)] };
        return claimIdentifiers(deps, patient, id, { requestId: id } as never);
      }),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('an NHS number that messages corrected', () => {
  test('is that of somebody else', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
    await world.receive({ mrn: 'M1', nhs: Y });
    await expectAnother(id);
    expect(await world.patient(id)).toMatchObject({ name: [{ family: 'Okoro' }] });
    expect(filedWith(await world.receive({ nhs: Y }))).toBe(id);
  });

  test('and gave back is that of the patient again', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
    await world.receive({ mrn: 'M1', nhs: Y });
    const back = await world.receive({ mrn: 'M1', nhs: X });
    expect([filedWith(back), back.issues]).toEqual([id, [conflict]]);
    expect(filedWith(await world.receive({ nhs: X }))).toBe(id);
  });

  test('makes one person of 200 messages that come first at the same moment', async () => {
    await world.receive({ mrn: 'M1', nhs: X });
    await world.receive({ mrn: 'M1', nhs: Y });
    const identifiers = [{ ...anNhsNumber(X), kind: 'nhs', source: 'PID-3[1].1' }] as const;
    const people = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        identifyPatient(
          world.exchange,
          { identifiers: identifiers as never, birthDate: undefined, messageId: `m${n}` },
          true,
        ),
      ),
    );
    expect(new Set(people.map(({ patientKey }) => patientKey)).size).toBe(1);
  });

  test('is found out by a process that remembers the claim, and not stated of two people', async () => {
    const { exchange } = world;
    const remembering = createIdentityWorld({ ...exchange, identities: cacheClaims(exchange.identities) });
    const wrong = filedWith(await remembering.receive({ mrn: 'M1', nhs: X }));
    const corrected: Patient = { resourceType: 'Patient', id: wrong, identifier: [anMrn('M1')] };
    await world.ask('PUT', `Patient/${wrong}`, corrected);
    const id = filedWith(await world.receive({ mrn: 'GP5', nhs: X }));
    expect(id).not.toBe(wrong);
    const again = await remembering.receive({ mrn: 'M1', nhs: X, family: 'Okoro' });
    expect([filedWith(again), again.issues]).toEqual([wrong, [conflict]]);
    expect(filedWith(await remembering.receive({ nhs: X }))).toBe(id);
    expect(await remembering.holders(nhsSystem, X)).toEqual([id]);
  });
});

describe('a message that claimed an identifier and broke off', () => {
  test('does not make two people of whoever comes meanwhile', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1' }));
    const envelope = await world.accept({ mrn: 'M1', nhs: X });
    const broken = createIdentityWorld({ ...world.exchange, records: breakingOff(world.exchange.records) });
    await expect(broken.normalise(envelope)).rejects.toThrow('broken off');
    expect(filedWith(await world.receive({ nhs: X }))).toBe(id);
    expect(filedWith(await world.normalise(envelope))).toBe(id);
    expect(await world.holders(nhsSystem, X)).toEqual([id]);
  });

  test('after it took an identifier over says so once it is delivered again', async () => {
    const wrong = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
    await world.receive({ mrn: 'M1', nhs: Y });
    const envelope = await world.accept({ nhs: X });
    const broken = createIdentityWorld({ ...world.exchange, records: breakingOff(world.exchange.records) });
    await expect(broken.normalise(envelope)).rejects.toThrow('broken off');
    const other = filedWith(await world.receive({ mrn: 'GP5', nhs: X }));
    const settled = await world.normalise(envelope);
    expect([filedWith(settled), settled.issues]).toEqual([other, [conflict]]);
    expect(other).not.toBe(wrong);
  });

  test('and failed for good keeps the identifier from nobody', async () => {
    const wrong = filedWith(await world.receive({ mrn: 'M1' }));
    const envelope = await world.accept({ mrn: 'M1', nhs: X });
    const refusing = createIdentityWorld({ ...world.exchange, records: refusingAll(world.exchange.records) });
    expect(await refusing.normalise(envelope)).toMatchObject({ status: 'failed' });
    await expectAnother(wrong);
  });
});

test('whoever comes while the message that corrects a number takes effect is filed with the same patient', async () => {
  const id = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
  const correction = await world.accept({ mrn: 'M1', nhs: Y });
  const broken = createIdentityWorld({ ...world.exchange, records: breakingOff(world.exchange.records) });
  await expect(broken.normalise(correction)).rejects.toThrow('broken off');
  const { messages } = world.exchange;
  let asked = 0;
  /** Between the record, which was read, and the state of the message, which is read now, that one takes effect. */
  const meeting: typeof messages = {
    ...messages,
    get: async (messageId) => {
      if (messageId === correction.messageId && asked++ === 0)
        expect(filedWith(await world.normalise(correction))).toBe(id);
      return messages.get(messageId);
    },
  };
  const other = createIdentityWorld({ ...world.exchange, messages: meeting });
  expect(filedWith(await other.receive({ mrn: 'GP5', nhs: Y }))).toBe(id);
  expect(asked).toBeGreaterThan(0);
  expect(await world.holders(nhsSystem, Y)).toEqual([id]);
});

test('a large message is not written to somebody from whom its number is taken away meanwhile', async () => {
  const k: Patient = { resourceType: 'Patient', id: 'k', identifier: [anMrn('M1'), anMrn('M2')] };
  for (let at = 0, isReached = true; isReached; at++) {
    world = createIdentityWorld();
    await world.ask('PUT', 'Patient/k', k);
    const envelope = await world.accept({ mrn: 'M2', allergies: 110 });
    let calls = 0;
    const meeting = watched(world.exchange.records, async () => {
      if (calls++ === at) await world.ask('PUT', 'Patient/k', { ...k, identifier: [anMrn('M1')] });
    });
    const { status } = await createIdentityWorld({ ...world.exchange, records: meeting }).normalise(envelope);
    isReached = calls > at;
    if (isReached) expect([at, status, await world.holders(localSystem, 'M2')]).not.toContainEqual(['k']);
  }
});

test('an NHS number that only result messages state finds the patient', async () => {
  const id = filedWith(await world.receive({ mrn: 'M1' }));
  expect(filedWith(await world.receive({ mrn: 'M1', nhs: X, type: 'ORU^R01' }))).toBe(id);
  expect(await world.holders(nhsSystem, X)).toEqual([]);
  expect(filedWith(await world.receive({ nhs: X, family: 'Okoro' }))).toBe(id);
  expect(await world.holders(localSystem, 'M1')).toEqual([id]);
});

test('a message that the record of its patient bears out asks for nothing more', async () => {
  const exchange = createMemoryExchange();
  const asked: string[] = [];
  const { records, messages, identities } = exchange;
  const counting = createIdentityWorld({
    ...exchange,
    records: { ...records, readLatest: (...args) => (asked.push('latest'), records.readLatest(...args)) },
    identities: { ...identities, load: (tokens) => (asked.push('load'), identities.load(tokens)) },
    messages: { ...messages, get: (id) => (asked.push('message'), messages.get(id)) },
  });
  await counting.receive({ mrn: 'M1', nhs: X });
  asked.length = 0;
  await counting.receive({ mrn: 'M1', nhs: X, type: 'ORU^R01' });
  // Accept and normalise ask for the receipt of the message itself, as they always did.
  expect(asked.filter((what) => what !== 'message')).toEqual([]);
});

/** A store that refuses each write as too large. */
const refusingAll = (records: RecordStore): RecordStore => ({
  ...records,
  commit: () => Promise.reject(new ExchangeError('HDE_MESSAGE_TOO_LARGE')),
});

/** A store whose process dies as it writes. */
const breakingOff = (records: RecordStore): RecordStore => ({
  ...records,
  commit: () => Promise.reject(new Error('broken off')),
});
