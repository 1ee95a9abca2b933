/**
 * Restricted patients on the real local stack: what every part tells of them to somebody without clearance. Words that
 * stand nowhere else are planted in every field; they must come out nowhere, in no form.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import topology from '../../infra/topology/cosmos.json' with { type: 'json' };
import { blobContainerOf, openBlobService } from '../../src/adapters/blob/raw-archive.js';
import { openCosmos } from '../../src/adapters/cosmos/connect.js';
import { findMarkers, markerOf, type Marker } from '../support/leak-scanner.js';
import { probesAbout, readingInteractions, type Probe, type StoredRecord } from '../support/leak-probes.js';
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
let hiddenRecords: readonly StoredRecord[];
let clientRecords: readonly StoredRecord[];
let visibleRecords: readonly StoredRecord[];

beforeAll(async () => {
  stack = await startStack('hardening');
  reader = await stack.token({ roles: ['reader'], subject: 'curious' });
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  writer = await stack.token({ roles: ['reader', 'writer'], subject: 'scribe' });
  operator = await stack.token({ roles: ['operator'], feeds: ['rzz-tie'] });
  hiddenRecords = await sendIn(hidden);
  visibleRecords = await sendIn(visible);
  clientRecords = await writeIn(hiddenClientPatient);
}, 180_000);

afterAll(() => stack.destroy(), 60_000);

interface Receipt {
  readonly status: string;
  readonly records: readonly StoredRecord[];
}

/** Sends the messages about a person in, and answers what they became. */
async function sendIn(person: MarkedPerson): Promise<readonly StoredRecord[]> {
  const stored: StoredRecord[] = [];
  for (const message of messagesAbout(person)) {
    const { headers } = await post(stack, message, { token: sender });
    const path = `/ingest/receipts/${headers.get('x-hde-receipt') ?? ''}`;
    const receipt = await eventually(
      async () =>
        (await (await ask({ method: 'GET', path, interaction: 'receipt' }, sender)).json()) as Receipt,
      ({ status }) => status !== 'accepted',
    );
    expect(receipt.status).toBe('normalised');
    stored.push(...receipt.records);
  }
  const unique = new Map(
    stored.map(({ resourceType, id }) => [`${resourceType}/${id}`, { resourceType, id }]),
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

function ask({ method, path, body, headers = {} }: Probe, token = reader): Promise<Response> {
  return fetch(`${stack.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** What a client gets: the text and the headers. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerTo(probe: Probe, token = reader): Promise<Answer> {
  const response = await ask(probe, token);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return { status: response.status, text: `${headers}\n${await response.text()}` };
}

/** Without what the question said itself: a link `self` repeats it (FHIR R4 section 3.1.1.3.2). */
function withoutQuestion(text: string, probe: Probe): string {
  const asked = [...wordsOf(probe)].sort((a, b) => b.length - a.length);
  return asked.reduce((rest, word) => rest.split(word).join(''), text);
}

function wordsOf({ path, body }: Probe): Set<string> {
  const text = `${path} ${body === undefined ? '' : JSON.stringify(body)}`;
  const all = [...text.split(/[?&=/|\s"$,:]+/), ...decodeURIComponent(text).split(/[?&=/|\s"$,:]+/)];
  return new Set(all.filter((word) => word.length > 4));
}

async function inParallel<T>(tasks: readonly T[], run: (task: T) => Promise<void>): Promise<void> {
  const queue = [...tasks];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) await run(task);
    }),
  );
}

const patientOf = (records: readonly StoredRecord[]): string =>
  records.find(({ resourceType }) => resourceType === 'Patient')?.id ?? '';

const totalOf = (text: string): number => Number(/"total":(\d+)/.exec(text)?.[1] ?? 0);

/** How many are shown on a page that is the only one; infinite for other pages and for mere counts. */
function shownIn({ path }: Probe, text: string): number {
  if (path.includes('_summary=count') || /"relation":"next"|"type":"batch-response"/.test(text))
    return Infinity;
  return text.split(/"mode":"match"|"request":\{/).length - 1;
}

/**
 * What answers tell of a person.
 *
 * @param step of the questions every how manieth is asked
 */
async function leaksOf(
  person: MarkedPerson,
  records: readonly StoredRecord[],
  step = 1,
): Promise<{ readonly leaks: readonly string[]; readonly failures: readonly string[] }> {
  const own: Marker[] = [...markersOf(person), ...records.map(({ id }) => id)]
    .filter((text) => text.length > 4)
    .map(markerOf);
  const leaks: string[] = [];
  const failures: string[] = [];
  const probes = probesAbout(person, patientOf(records), records).filter((_, index) => index % step === 0);
  await inParallel(probes, async (probe) => {
    const { status, text } = await answerTo(probe);
    if (status >= 500) failures.push(`${status} ${probe.method} ${probe.path}`);
    const found = findMarkers(own, withoutQuestion(text, probe));
    const total = totalOf(text);
    if (found.length > 0) leaks.push(`${status} ${probe.method} ${probe.path}: ${found.join(', ')}`);
    // Somebody else may be counted where the question does not name anybody, but not without being shown.
    else if (total > (wordsOf(probe).has(patientOf(records)) ? 0 : shownIn(probe, text)))
      leaks.push(`${status} ${probe.method} ${probe.path}: total ${total}`);
  });
  return { leaks, failures };
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
    const { leaks, failures } = await leaksOf(visible, visibleRecords, 3);
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
      const { leaks, failures } = await leaksOf(person, records);
      expect(leaks).toEqual([]);
      expect(failures).toEqual([]);
    },
    300_000,
  );

  test('their ids are answered as ids of nobody', async () => {
    const differing: string[] = [];
    await inParallel([...hiddenRecords, ...clientRecords], async ({ resourceType, id }) => {
      const nobody = id.replace(/^.{4}/, 'none');
      for (const suffix of ['', '/_history', '/_history/1', '/$meta', '/$validate', '/$everything']) {
        const [theirs, nobodys] = await Promise.all(
          [id, nobody].map(async (each) => {
            const response = await ask({
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
  const word = hidden.word;
  const bad: Probe[] = [
    ...[
      '/fhir/Patient',
      '/fhir',
      '/fhir/Observation',
      '/triage/search',
      '/audit/search',
      '/replay/preview',
    ].flatMap((path) =>
      [
        `{"${word}":1,"${word}":2}`,
        `{"resourceType":"${word}"`,
        `{"resourceType":"Patient","${word} ${hidden.nhsNumber}":1}`,
        `"${word}"`,
      ].flatMap((body) =>
        ['application/fhir+json', 'application/json'].map((type) => ({
          ...{ method: 'POST', path, interaction: 'error', body },
          headers: { 'content-type': type },
        })),
      ),
    ),
    {
      ...{ method: 'POST', path: '/fhir/Patient', interaction: 'error' },
      body: `<Patient xmlns="http://hl7.org/fhir"><${word}/><birthDate value="${word}"/></Patient>`,
      headers: { 'content-type': 'application/fhir+xml' },
    },
    ...[
      `Patient?birthdate=${word}`,
      `Patient?_sort=${word}`,
      `Observation?code:${word}=1`,
      `Patient/${word}/${word}`,
    ].map((path) => ({ method: 'GET', path: `/fhir/${path}`, interaction: 'error' })),
    { method: 'GET', path: `/Patient/${word}`, interaction: 'error' },
    { method: 'GET', path: `/Patient?${word}=${word}`, interaction: 'error' },
    { method: 'GET', path: `/${word}/${word}`, interaction: 'error' },
    { method: 'GET', path: `/ingest/receipts/${word}`, interaction: 'error' },
  ];
  const all = await stack.token({ roles: ['reader', 'writer', 'sender', 'operator'], feeds: ['rzz-tie'] });
  const told: string[] = [];
  await inParallel(bad, async (probe) => {
    const { status, text } = await answerTo(probe, all);
    // A link or a name of a parameter may repeat the address, which the client knows; a body never comes back.
    if (findMarkers(markers, probe.method === 'GET' ? withoutQuestion(text, probe) : text).length > 0)
      told.push(`${status} ${probe.method} ${probe.path}: ${text}`);
    expect([probe.path, status < 400 || status >= 500]).toEqual([probe.path, false]);
  });
  for (const message of [
    // An acknowledgement goes back to whom MSH-3 and MSH-4 name, about the control id of MSH-10.
    `MSH|^~\\&|A|B|C|D|${word}`,
    word,
    `MSH|^~\\&|A|B|C|D|${word}||ADT^A01|${word}1|P|2.4\rPID|||${word}\r${word}|1\r`,
  ]) {
    const { text } = await post(stack, message, { token: sender, headers: { accept: 'application/json' } });
    if (findMarkers(markers, text.replaceAll(`${word}1`, '')).length > 0) told.push(text);
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
    const { status, text } = await answerTo(
      { method: 'POST', path, interaction: 'operator', body, headers },
      operator,
    );
    expect([path, status, findMarkers(markers, text)]).toEqual([path, 200, []]);
  }
});
