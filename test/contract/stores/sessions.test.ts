/** A session leads a second instance, over the wire, to ask for what the first one has written. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { inSession } from '../../../src/adapters/cosmos/sessions.js';
import { dependencyNames } from '../../../src/adapters/throttling/dependencies.js';
import { createGuard, type Guard } from '../../../src/adapters/throttling/guard.js';
import { answerInSession, sessionHeader } from '../../../src/platform/fhir-session.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { aPatient, asCurrent, store } from '../../app/fhir/arrange.js';
import { portOf, startPassingProxy, throughProxy } from '../../support/passing-proxy.js';

/** The tokens of the requests for records that came through the proxy. */
const sent: (string | undefined)[] = [];
/** How the proxy answers the next reads of records itself; with none it passes them on. */
let refusals = 0;
/** Whether it answers so whoever asks for what a session has reached. */
let isLost = false;
let writer: RecordStore;
/** Of each test anew: it knows of nothing that anybody wrote. */
let reader: RecordStore;
let openReader: (guard?: Guard) => Promise<RecordStore>;
const closing: (() => Promise<void> | void)[] = [];

/** Notes the session tokens of requests. */
function answered({ url = '', method, headers }: IncomingMessage, outgoing: ServerResponse): boolean {
  const isOfRecords = url.includes('colls/records/docs');
  if (isOfRecords) sent.push(headers['x-ms-session-token'] as string | undefined);
  const isRefused = refusals > 0 || (isLost && headers['x-ms-session-token'] !== undefined);
  if (!isOfRecords || method !== 'GET' || !isRefused) return false;
  refusals = Math.max(0, refusals - 1);
  outgoing.writeHead(404, { 'content-type': 'application/json', 'x-ms-substatus': '1002' });
  outgoing.end('{"code":"NotFound","message":"The read session is not available"}');
  return true;
}

async function openStore(connectionString: string, guard?: Guard): Promise<RecordStore> {
  const client = await openCosmos({ kind: 'connection-string', connectionString }, guard);
  closing.push(() => {
    client.dispose();
  });
  return createCosmosRecordStore(containerOf(client, 'records'));
}

beforeAll(async () => {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const { connectionString } = endpoint;
  const setUp = await openCosmos({ kind: 'connection-string', connectionString });
  await provisionCosmos(setUp);
  setUp.dispose();
  const proxy = await startPassingProxy(portOf(connectionString), answered);
  const proxied = throughProxy(connectionString, proxy);
  writer = await openStore(connectionString);
  openReader = (guard) => openStore(proxied, guard);
  closing.push(
    () => {
      proxy.close();
    },
    () => endpoint.close(),
  );
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
});

beforeEach(async () => {
  sent.length = 0;
  isLost = false;
  reader = await openReader();
});

test('what an instance wrote itself, or was shown, it asks for', async () => {
  await store(reader, asCurrent(aPatient('own')));
  await reader.readCurrent('Patient', 'own');
  await reader.readCurrent('Patient', 'own');
  expect(sent).toEqual([undefined, ...Array(2).fill(expect.stringMatching(/^\d+:-1#\d+$/))]);
});

test('what it knows itself it asks for beside what a session brings', async () => {
  const { known } = await inSession('', () => store(writer, asCurrent(aPatient('both'))));
  const [range = '', place = ''] = known.split(':-1#');
  const elsewhere = `${Number(range) + 10}:-1#7`;
  await reader.readCurrent('Patient', 'both');
  const ask = (token: string) => inSession(token, () => reader.readCurrent('Patient', 'both'));
  expect((await ask(elsewhere)).known.split(',').sort()).toEqual([known, elsewhere].sort());
  await ask(`${range}:-1#${Number(place) - 1}`);
  expect(sent.map((token) => token?.split(',').sort())).toEqual([
    undefined,
    [known, elsewhere].sort(),
    [known],
  ]);
});

test('what one instance wrote, another one asks for', async () => {
  const { known } = await inSession('', () => store(writer, asCurrent(aPatient('a'))));
  expect(known).toMatch(/^\d+:-1#\d+$/);
  const read = await inSession(known, () => reader.readCurrent('Patient', 'a'));
  expect(read.result?.fhirId).toBe('a');
  expect(sent).toEqual([known]);
  expect(read.known).toBe(known);
});

test('who catches up with a partition asks for all that anybody wrote there before', async () => {
  const { known } = await inSession('', () => store(writer, asCurrent(aPatient('caught-up'))));
  await reader.catchUp('caught-up');
  await reader.readCurrent('Patient', 'caught-up');
  const placesOf = (token = '') =>
    new Map(token.split(',').map((part) => part.split(':-1#') as [range: string, place: string]));
  const [[range = '', place] = []] = placesOf(known);
  expect(Number(placesOf(sent.at(-1)).get(range))).toBeGreaterThan(Number(place));
});

test('what was written outside of any session is asked for by nobody', async () => {
  await store(writer, asCurrent(aPatient('b')));
  await reader.readCurrent('Patient', 'b');
  expect(sent).toEqual([undefined]);
});

test('sessions at the same moment know nothing of each other', async () => {
  const known = await Promise.all(
    ['c', 'd', 'e'].map((id) => inSession('', () => store(writer, asCurrent(aPatient(id))))),
  );
  await Promise.all(
    known.map(({ known: token }, i) =>
      inSession(token, () => reader.readCurrent('Patient', ['c', 'd', 'e'][i] ?? '')),
    ),
  );
  expect([...sent].sort()).toEqual(known.map(({ known: token }) => token).sort());
});

test('a replica that has not come so far is asked again: a record is not missing for that', async () => {
  const { known } = await inSession('', () => store(writer, asCurrent(aPatient('f'))));
  refusals = 2;
  const read = await inSession(known, () => reader.readCurrent('Patient', 'f'));
  expect(read.result?.fhirId).toBe('f');
});

test('what no replica ever comes to is forgotten: another region took over without it', async () => {
  const timing = { now: () => 0, random: () => 0, sleep: () => Promise.resolve() };
  reader = await openReader(createGuard(dependencyNames.cosmos, undefined, timing));
  await store(reader, asCurrent(aPatient('h')));
  isLost = true;
  await expect(reader.readCurrent('Patient', 'h')).rejects.toMatchObject({
    code: 'HDE_DEPENDENCY_UNAVAILABLE',
  });
  expect((await reader.readCurrent('Patient', 'h'))?.fhirId).toBe('h');
});

test('the header of a write stands for its session in the next request', async () => {
  const request = {
    secret: 'secret',
    now: new Date('2026-11-26T09:00:00Z'),
    header: undefined,
    isWriting: true,
  };
  const done = { status: 200, headers: {} } as const;
  const written = await answerInSession(request, async () => {
    await store(writer, asCurrent(aPatient('g')));
    return done;
  });
  const header = written.headers[sessionHeader];
  expect(header).toMatch(/^[\w-]+$/);
  const reading = { ...request, isWriting: false };
  const read = async () => {
    await reader.readCurrent('Patient', 'g');
    return done;
  };
  expect((await answerInSession({ ...reading, header }, read)).headers[sessionHeader]).toBe(header);
  reader = await openReader();
  expect(await answerInSession(reading, read)).toEqual(done);
  reader = await openReader();
  const later = new Date('2026-11-26T10:00:00Z');
  await answerInSession({ ...reading, header, now: later }, read);
  expect(sent).toEqual([expect.stringMatching(/^\d+:-1#\d+$/), undefined, undefined]);
  for (const altered of [`${header ?? ''}A`, 'x', 'A'.repeat(10_000)])
    await expect(answerInSession({ ...reading, header: altered }, read)).rejects.toMatchObject({
      code: 'HDE_REQUEST_INVALID',
    });
});
