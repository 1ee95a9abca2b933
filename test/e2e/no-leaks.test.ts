/**
 * Restricted patients on the real local stack: what every part tells of them to somebody without clearance. Words that
 * stand nowhere else are planted in every field; they must come out nowhere, in no form.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import topology from '../../infra/topology/cosmos.json' with { type: 'json' };
import { blobContainerOf, openBlobService } from '../../src/adapters/blob/raw-archive.js';
import { openCosmos } from '../../src/adapters/cosmos/connect.js';
import { attemptsToWrite, wrongRequests } from '../support/leak-attempts.js';
import { findMarkers, markerOf } from '../support/leak-scanner.js';
import {
  answerTo,
  ask,
  inParallel,
  leaksOf,
  patientOf,
  withoutQuestion,
  type Asker,
} from '../support/leak-questions.js';
import { probesAbout, readingInteractions, type StoredRecord } from '../support/leak-probes.js';
import { post } from '../support/hl7-client.js';
import { markersOf, messagesAbout, resourcesAbout, type MarkedPerson } from '../support/marked-people.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const hidden: MarkedPerson = {
  ...{ word: 'Zorblatt', nhsNumber: '9997314042', birthDate: '1917-11-23' },
  ...{ postcode: 'ZB97 9ZB', phone: '01632960917', isProtected: true },
};
const hiddenClientPatient: MarkedPerson = {
  ...{ word: 'Quexolin', nhsNumber: '9997314050', birthDate: '1918-10-22' },
  ...{ postcode: 'QX98 8QX', phone: '01632960918', isProtected: true },
};
const visible: MarkedPerson = {
  ...{ word: 'Plaindale', nhsNumber: '9997314069', birthDate: '1971-03-05' },
  ...{ postcode: 'PL11 1PL', phone: '01632960111', isProtected: false },
};
const markers = [hidden, hiddenClientPatient].flatMap(markersOf).map(markerOf);

let stack: RunningStack;
let reader: string;
let sender: string;
let writer: string;
let operator: string;
let staff: string;
let cleared: string;
let hiddenRecords: readonly StoredRecord[];
let clientRecords: readonly StoredRecord[];
let visibleRecords: readonly StoredRecord[];

beforeAll(async () => {
  stack = await startStack('hardening');
  reader = await stack.token({ roles: ['reader'], subject: 'curious' });
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  writer = await stack.token({ roles: ['reader', 'writer'], subject: 'scribe' });
  operator = await stack.token({ roles: ['operator', 'privacy-officer'], feeds: ['rzz-tie'] });
  staff = await stack.token({ as: 'entra-user', roles: ['R8000'] });
  cleared = await stack.token({ as: 'entra-user', roles: ['SAFEGUARDING'] });
  hiddenRecords = await sendIn(messagesAbout(hidden));
  visibleRecords = await sendIn(messagesAbout(visible));
  const written = await writeIn(hiddenClientPatient);
  // Nobody without clearance may label somebody as restricted: the trust does.
  clientRecords = distinct([...written, ...(await sendIn(messagesAbout(hiddenClientPatient).slice(0, 1)))]);
}, 180_000);

afterAll(() => stack.destroy(), 60_000);

const as = (token: string): Asker => ({ url: stack.url, token });

interface Receipt {
  readonly status: string;
  readonly records: readonly StoredRecord[];
}

/** Sends messages in, and answers what they became about patients. */
async function sendIn(messages: readonly Uint8Array[]): Promise<readonly StoredRecord[]> {
  const stored: StoredRecord[] = [];
  for (const message of messages) {
    const { headers } = await post(stack, message, { token: sender });
    const path = `/ingest/receipts/${headers.get('x-hde-receipt') ?? ''}`;
    const receipt = await eventually(
      async () =>
        (await (await ask(as(sender), { method: 'GET', path, interaction: 'receipt' })).json()) as Receipt,
      ({ status }) => status !== 'accepted',
    );
    expect(receipt.status).toBe('normalised');
    stored.push(...receipt.records);
  }
  return distinct(stored);
}

/** Each record once, of those that are about patients. */
function distinct(records: readonly StoredRecord[]): readonly StoredRecord[] {
  const unique = new Map(
    records.map(({ resourceType, id }) => [`${resourceType}/${id}`, { resourceType, id }]),
  );
  return [...unique.values()].filter(({ resourceType }) => !directoryTypes.has(resourceType));
}

/** Places and people of the trust are no secret of a patient. */
const directoryTypes = new Set([
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'HealthcareService',
]);

/** Writes the records of a person as a client does. */
async function writeIn(person: MarkedPerson): Promise<readonly StoredRecord[]> {
  const stored: StoredRecord[] = [];
  for (const resource of resourcesAbout(person, 'quiet')) {
    const resourceType = String(resource['resourceType']);
    const place = resourceType === 'Patient' ? `${resourceType}/quiet` : resourceType;
    const response = await fetch(`${stack.url}/fhir/${place}`, {
      method: resourceType === 'Patient' ? 'PUT' : 'POST',
      headers: { authorization: `Bearer ${writer}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    expect([resourceType, response.status]).toEqual([resourceType, 201]);
    const id = /\/([^/]+)\/_history/.exec(response.headers.get('location') ?? '')?.[1];
    stored.push({ resourceType, id: id ?? '' });
  }
  return stored;
}

describe('the scanner', () => {
  test('finds a marker in every form', () => {
    const [marker] = [markerOf('Zorblatt')];
    const letter = (before: string) => Buffer.from(`${before}Zorblatt fell ill`).toString('base64');
    const forms = [
      'ZORBLATT',
      'xzorblatty',
      letter(''),
      letter('a'),
      letter('ab'),
      Buffer.from('zorblatt').toString('hex'),
    ];
    for (const form of forms) expect(findMarkers([marker], `"${form}"`)).toEqual(['Zorblatt']);
    expect(findMarkers([marker], 'Zorbl att')).toEqual([]);
  });

  test('finds whom everybody may see, by the same questions', async () => {
    const { leaks, failures } = await leaksOf(as(reader), visible, visibleRecords, 3);
    expect(failures).toEqual([]);
    expect(leaks.length).toBeGreaterThan(50);
    for (const { resourceType } of visibleRecords)
      expect(leaks.some((leak) => leak.includes(`/fhir/${resourceType}`))).toBe(true);
    // FHIR writes no date as HL7 does.
    for (const marker of markersOf(visible).filter((text) => !/^\d{8}$/.test(text)))
      expect(leaks.join('\n')).toContain(marker);
  }, 300_000);

  test('asks by every interaction that tells of what is stored', () => {
    const asked = new Set(probesAbout(hidden, 'a', hiddenRecords).map(({ interaction }) => interaction));
    expect([...asked]).toEqual(expect.arrayContaining([...readingInteractions]));
    const types = hiddenRecords.map(({ resourceType }) => resourceType);
    expect(types).toEqual(
      expect.arrayContaining([
        'Patient',
        'Observation',
        'Condition',
        'AllergyIntolerance',
        'DocumentReference',
      ]),
    );
  });
});

describe('nobody without clearance finds a restricted patient', () => {
  test.each([
    ['whom a trust sent in', () => [hidden, hiddenRecords] as const],
    ['whom a client wrote', () => [hiddenClientPatient, clientRecords] as const],
  ])(
    '%s: in no read, search, total, chain, include, history, operation, batch or face',
    async (_, of) => {
      const [person, records] = of();
      const { leaks, failures } = await leaksOf(as(reader), person, records);
      expect(leaks).toEqual([]);
      expect(failures).toEqual([]);
    },
    300_000,
  );

  test('not staff without the glass either, and those with clearance do', async () => {
    const { leaks, failures } = await leaksOf(as(staff), hidden, hiddenRecords, 4);
    expect([leaks, failures]).toEqual([[], []]);
    const others = await leaksOf(as(staff), visible, visibleRecords, 8);
    expect(others.leaks.length).toBeGreaterThan(20);
    const own = await leaksOf(as(cleared), hidden, hiddenRecords, 8);
    expect(own.leaks.length).toBeGreaterThan(20);
  }, 180_000);

  test('who may write learns nothing by it, and changes nothing', async () => {
    const before = await versions();
    const told: string[] = [];
    for (const probe of attemptsToWrite(hiddenClientPatient, 'quiet')) {
      const { status, text } = await answerTo(as(writer), probe);
      const found = findMarkers(markers, withoutQuestion(text, probe));
      if (found.length > 0 || status >= 500)
        told.push(`${status} ${probe.method} ${probe.path}: ${found.join()}`);
    }
    expect(told).toEqual([]);
    expect(await versions()).toEqual(before);
  }, 60_000);

  /** What stands of the patient whom a client wrote, as those with clearance see it. */
  async function versions(): Promise<readonly string[]> {
    const asked = {
      method: 'GET',
      path: '/fhir/Patient/quiet/$everything?_count=100',
      interaction: 'everything',
    };
    const response = await ask(as(cleared), asked);
    const { entry = [] } = (await response.json()) as Bundle;
    expect(entry.length).toBeGreaterThan(4);
    return entry
      .map(
        ({ resource }) =>
          `${resource?.resourceType ?? ''}/${resource?.id ?? ''} ${resource?.meta?.versionId ?? ''}`,
      )
      .sort();
  }

  test('their ids are answered as ids of nobody', async () => {
    const differing: string[] = [];
    await inParallel([...hiddenRecords, ...clientRecords], async ({ resourceType, id }) => {
      const nobody = id.replace(/^.{4}/, 'none');
      for (const suffix of ['', '/_history', '/_history/1', '/$meta', '/$validate', '/$everything']) {
        const [theirs, nobodys] = await Promise.all(
          [id, nobody].map(async (each) => {
            const response = await ask(as(reader), {
              ...{ method: 'GET', path: `/fhir/${resourceType}/${each}${suffix}`, interaction: 'read' },
            });
            const names = [...response.headers.keys()].filter((name) => name !== 'date').join();
            return `${response.status} ${names} ${(await response.text()).replaceAll(each, 'ID')}`;
          }),
        );
        if (theirs !== nobodys) differing.push(`${resourceType}${suffix}: ${theirs} | ${nobodys}`);
      }
    });
    expect(differing).toEqual([]);
  }, 120_000);
});

test('errors say what is wrong, and never with what', async () => {
  const { word } = hidden;
  const all = await stack.token({
    roles: ['reader', 'writer', 'sender', 'operator', 'privacy-officer'],
    feeds: ['rzz-tie'],
  });
  const told: string[] = [];
  await inParallel(wrongRequests(hidden), async (probe) => {
    const { status, text } = await answerTo(as(all), probe);
    // A link or a name of a parameter may repeat the address, which the client knows; a body never comes back.
    if (findMarkers(markers, probe.method === 'GET' ? withoutQuestion(text, probe) : text).length > 0)
      told.push(`${status} ${probe.method} ${probe.path}: ${text}`);
    expect([probe.path, status < 400 || status >= 500]).toEqual([probe.path, false]);
  });
  for (const message of [
    // An acknowledgement goes back to whom MSH-3 and MSH-4 name, about the control id of MSH-10, by which operators look.
    `MSH|^~\\&|A|B|C|D|${word}`,
    word,
    `MSH|^~\\&|A|B|C|D|${word}||ADT^A01|UNREAD1|P|2.4\rPID|||${word}\r${word}|1\r`,
  ]) {
    const { text } = await post(stack, message, { token: sender, headers: { accept: 'application/json' } });
    if (findMarkers(markers, text).length > 0) told.push(text);
  }
  expect(told).toEqual([]);
}, 120_000);

test('events name records, and nothing that stands in them', async () => {
  const client = new ServiceBusClient(stack.settings['HDE_SERVICEBUS']!);
  const receiver = client.createReceiver('events', 'all-events', {
    receiveMode: 'receiveAndDelete',
    skipParsingBodyAsJson: true,
  });
  const seen: string[] = [];
  try {
    await eventually(
      async () => {
        const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 1000 });
        for (const {
          body,
          applicationProperties,
          subject,
          messageId,
          sessionId,
          correlationId,
        } of messages) {
          const properties = [applicationProperties, subject, messageId, sessionId, correlationId];
          seen.push(`${Buffer.from(body as Uint8Array).toString()} ${JSON.stringify(properties)}`);
        }
        return seen;
      },
      (events) => events.join().includes(patientOf(visibleRecords)),
    );
  } finally {
    await client.close();
  }
  expect(findMarkers(markers, seen.join('\n'))).toEqual([]);
}, 60_000);

test('logs, queues and whatever else is written to the disk hold nothing of them, but the stores of records', async () => {
  const stores = ['cosmos', 'azurite', 'issuer'];
  const entries = await readdir(stack.stateDir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(stack.stateDir.length + 1))
    .filter((file) => !stores.includes(file.split('/')[0] ?? ''));
  expect(files).toEqual(expect.arrayContaining(['logs/functions-http.log', 'logs/functions-background.log']));
  expect(files.some((file) => file.startsWith('service-bus/'))).toBe(true);
  for (const file of files) {
    const text = await readFile(join(stack.stateDir, file), 'latin1');
    expect([file, findMarkers(markers, text)]).toEqual([file, []]);
  }
});

test('names of blobs, ids and partition keys hold nothing of them: platforms log those', async () => {
  const connection = (name: string) =>
    ({ kind: 'connection-string', connectionString: stack.settings[name]! }) as const;
  const names: string[] = [];
  const blobs = await openBlobService(connection('HDE_STORAGE'));
  for await (const { name, metadata } of blobContainerOf(blobs, 'raw-messages').listBlobsFlat({
    includeMetadata: true,
  }))
    names.push(name, JSON.stringify(metadata));
  const cosmos = await openCosmos(connection('HDE_COSMOS'));
  for (const { name, partitionKey } of topology.containers) {
    const key = partitionKey.slice(1);
    const query = `SELECT c.id, c[${JSON.stringify(key)}] AS key FROM c`;
    const { resources } = await cosmos
      .database(topology.database)
      .container(name)
      .items.query(query)
      .fetchAll();
    names.push(...resources.map((each) => JSON.stringify(each)));
  }
  cosmos.dispose();
  expect(names.length).toBeGreaterThan(50);
  expect(findMarkers(markers, names.join('\n'))).toEqual([]);
});

test('operators find them in no answer that is about many', async () => {
  const day = new Date().toISOString().slice(0, 10);
  const period = { from: '2026-01-01', to: `${day}T23:59:59Z` };
  const questions: readonly (readonly [path: string, body: object])[] = [
    ['/audit/search', {}],
    ['/audit/search', { fhir: true }],
    ['/audit/lines', { from: day, to: day }],
    ['/triage/search', {}],
    ['/replay/preview', { feeds: ['rzz-tie'] }],
    ['/ledger/receipts', { feed: 'rzz-tie', ...period }],
    ['/ledger/archive', { feed: 'rzz-tie', ...period }],
  ];
  for (const [path, body] of questions) {
    const headers = { 'content-type': 'application/json' };
    const probe = { method: 'POST', path, interaction: 'operator', body, headers };
    const { status, text } = await answerTo(as(operator), probe);
    expect([path, status, findMarkers(markers, text)]).toEqual([path, 200, []]);
  }
});
