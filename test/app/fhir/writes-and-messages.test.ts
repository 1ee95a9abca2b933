/** What clients write and what messages state about the same records. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AllergyIntolerance, Bundle, Patient, Resource } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { createTurns } from '../../../src/app/in-turn.js';
import { findingPlaces } from '../../../src/app/fhir/record-places.js';
import { handleFhirRequest } from '../../../src/app/fhir/handle-fhir-request.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { applyReplay } from '../../../src/app/replay/apply-replay.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage, type MessageParts } from '../../support/messages.js';
import { aClearedSystem, anAccess, aSystem } from '../../support/access.js';
import { baseUrl } from './arrange.js';
import { aMinimal } from './minimal.js';

let exchange: MemoryExchange;
let requests = 0;

beforeEach(() => {
  exchange = createMemoryExchange();
});

/** A request of a client, done in a moment; the clock of the exchange stands at about noon of 30 March 2026. */
async function send(
  method: string,
  path: string,
  body?: object,
  principal = aSystem,
): Promise<Resource | undefined> {
  const { records, identities, identitySecret, clock } = exchange;
  const now = clock.now();
  const found = findingPlaces(records, exchange);
  const { resource } = await handleFhirRequest(
    {
      records: found,
      ...{ identities, identitySecret, clock: { now: () => now }, baseUrl },
      inTurn: createTurns(),
      software: { name: 'Exchange', version: '1.0.0' },
    },
    {
      method,
      path,
      query: [],
      headers: { 'content-type': 'application/fhir+json' },
      writer: {
        ...{ client: 'app-7', requestId: `request-${++requests}`, mayRead: true, mayWrite: true },
        access: anAccess(found, { principal }),
      },
      readBytes: () => Promise.resolve(Buffer.from(JSON.stringify(body ?? null))),
    },
  );
  return resource;
}

async function receive(parts: MessageParts): Promise<{ status: string; ids: readonly string[] }> {
  const { status, changes } = await normaliseMessage(exchange, await acceptBytes(exchange, aMessage(parts)));
  return { status, ids: changes.map(({ resourceType, id }) => `${resourceType}/${id}`) };
}

const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };
const statedPatient = { resourceType: 'Patient', identifier: [nhs], name: [{ family: 'Okafor' }] };
const patientOf = async (id: string) => (await send('GET', `Patient/${id}`)) as Patient;
/** On the next day: after whatever a client wrote. */
const later = '20260331120000';

describe('a patient whom a client created', () => {
  test('is whom a message under the same identifier is about', async () => {
    const { id = '' } = (await send('POST', 'Patient', statedPatient)) as Patient;
    const { ids } = await receive({ at: later, family: 'Okoro' });
    expect(ids).toContain(`Patient/${id}`);
    const patient = await patientOf(id);
    expect(patient).toMatchObject({ gender: 'female', meta: { versionId: '2' } });
    expect(patient.identifier).toEqual(expect.arrayContaining([expect.objectContaining(nhs)]));
  });

  test('keeps what the client stated when a message is about what happened before', async () => {
    const { id = '' } = (await send('POST', 'Patient', { ...statedPatient, gender: 'male' })) as Patient;
    await receive({ at: '20260101120000', family: 'Former' });
    const patient = await patientOf(id);
    expect(patient).toMatchObject({ gender: 'male', name: [{ family: 'Okafor' }] });
    // What nobody had said is news, however old.
    expect(patient.birthDate).toBe('1980-01-02');
  });

  test('does not get back from an earlier message what the client took away', async () => {
    const { ids } = await receive({ at: '20260330090000' });
    const id = ids.find((each) => each.startsWith('Patient/'))?.slice('Patient/'.length) ?? '';
    const { birthDate: _birthDate, ...others } = await patientOf(id);
    await send('PUT', `Patient/${id}`, others);
    await receive({ controlId: 'C2', at: '20260330100000', type: 'ADT^A31' });
    expect(await patientOf(id)).not.toHaveProperty('birthDate');
    await receive({ controlId: 'C3', at: later, type: 'ADT^A31' });
    expect(await patientOf(id)).toHaveProperty('birthDate');
  });

  test('of a message is refused when a client creates them anew', async () => {
    await receive({});
    await expect(send('POST', 'Patient', statedPatient)).rejects.toMatchObject({
      code: 'HDE_PATIENT_DUPLICATE',
    });
  });

  test('tells which element came from the client and which from a message', async () => {
    const { id = '' } = (await send('POST', 'Patient', { ...statedPatient, language: 'cy' })) as Patient;
    const { messageId } = await acceptBytes(exchange, aMessage({ at: later }));
    await normaliseMessage(exchange, exchange.queue.sent.at(-1)!);
    const { lineage } = (await exchange.records.readCurrent('Patient', id))!;
    const sourceOf = (element: string) => {
      const row = lineage.rows.find(([each]) => each === element);
      return row === undefined ? undefined : lineage.messages[row[1]];
    };
    expect(sourceOf('language')).toMatch(/^request-/);
    expect(sourceOf('gender')).toBe(messageId);
  });
});

describe('a record that a client deleted', () => {
  const allergy = 'AL1|1|DA|91936005^Penicillin^SCT|SV|Rash';
  const types = async () =>
    (await exchange.records.listPartition(key, undefined, { limit: 50 })).documents.map(
      ({ resourceType }) => resourceType,
    );
  let key: string;
  let id: string;

  beforeEach(async () => {
    const { ids } = await receive({ at: '20260330090000', type: 'ADT^A31', more: [allergy] });
    id = ids.find((each) => each.startsWith('AllergyIntolerance/')) ?? '';
    key = id.slice(id.indexOf('/') + 1, id.indexOf('.'));
    expect(id).not.toBe('');
    await send('DELETE', id);
  });

  test('is not found', async () => {
    await expect(send('GET', id)).rejects.toMatchObject({ code: 'HDE_RESOURCE_DELETED' });
    expect(await types()).not.toContain('AllergyIntolerance');
  });

  test('comes back as a new version when a later message states it', async () => {
    const { status } = await receive({ controlId: 'C2', at: later, type: 'ADT^A31', more: [allergy] });
    expect(status).toBe('normalised');
    expect((await send('GET', id)) as AllergyIntolerance).toMatchObject({ meta: { versionId: '3' } });
    const { entry = [] } = (await send('GET', `${id}/_history`)) as Bundle;
    expect(entry.map(({ request }) => request?.method)).toEqual(['PUT', 'DELETE', 'PUT']);
  });

  test('stays deleted for a message about what happened before, which is kept as evidence', async () => {
    const { status, ids } = await receive({
      controlId: 'C2',
      at: '20260330093000',
      type: 'ADT^A31',
      more: [allergy],
    });
    expect([status, ids]).toEqual(['normalised', expect.arrayContaining([id])]);
    await expect(send('GET', id)).rejects.toMatchObject({ code: 'HDE_RESOURCE_DELETED' });
  });

  test('is no difference to a replay, and stays deleted', async () => {
    const deps = { ...exchange, createScratch: createMemoryRecordStore };
    const request = { selection: { feeds: [sampleFeed.id] }, limit: 50 };
    const { differences, changes } = await applyReplay(deps, request, 'run 1');
    expect([differences, changes]).toEqual([[], []]);
    await expect(send('GET', id)).rejects.toMatchObject({ code: 'HDE_RESOURCE_DELETED' });
  });
});

test('a replay leaves what clients wrote as it is', async () => {
  const { ids } = await receive({ at: '20260330090000' });
  const address = ids.find((each) => each.startsWith('Patient/')) ?? '';
  const id = address.slice('Patient/'.length);
  await send('PUT', address, { ...(await patientOf(id)), gender: 'other' });
  await send('PUT', 'Observation/o', aMinimal('Observation/o', { subject: { reference: address } }));
  const deps = { ...exchange, createScratch: createMemoryRecordStore };
  const request = { selection: { feeds: [sampleFeed.id] }, limit: 50 };
  const { differences, kept } = await applyReplay(deps, request, 'run 1');
  expect([differences, kept]).toEqual([[], []]);
  expect(await patientOf(id)).toMatchObject({ gender: 'other' });
});

test('a patient who was deleted comes back with the next message of a sender who knows them', async () => {
  const before = await receive({ at: '20260330090000' });
  const address = before.ids.find((each) => each.startsWith('Patient/')) ?? '';
  await send('DELETE', address);
  const { ids } = await receive({ controlId: 'C2', type: 'ADT^A31', at: later });
  expect(ids).toContain(address);
  expect(await send('GET', address)).toMatchObject({ meta: { versionId: '3' } });
});

test('a restricted patient who was deleted is as restricted when a message states them anew', async () => {
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const before = await receive({ at: '20260330090000' });
  const address = before.ids.find((each) => each.startsWith('Patient/')) ?? '';
  const stands = (await send('GET', address)) as Patient;
  await send('PUT', address, { ...stands, meta: { security } }, aClearedSystem);
  await send('DELETE', address, undefined, aClearedSystem);
  await receive({ controlId: 'C2', type: 'ADT^A31', at: later });
  await expect(send('GET', address)).rejects.toMatchObject({ code: 'HDE_RESOURCE_NOT_FOUND' });
  const patient = await send('GET', address, undefined, aClearedSystem);
  expect(patient).toMatchObject({ gender: 'female', meta: { versionId: '4', security } });
});
