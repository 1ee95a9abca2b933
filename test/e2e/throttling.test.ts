/**
 * The stores refuse requests, on the real local stack: nearly a third of them for a while, then all of them, then none.
 * `HDE_THROTTLE_SECONDS` sets how long the first lasts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { startHttpProxy, type HttpLink } from '../../chaos/faults/http-proxy.js';
import { refuseAsBlob, refuseAsCosmos } from '../../chaos/faults/refusals.js';
import { createRandom } from '../../chaos/random.js';
import { portsFrom } from '../../local/stack/ports.js';
import sample from '../../local.settings.sample.json' with { type: 'json' };
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { stackOffset } from '../support/stack-offsets.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const seconds = Number(process.env['HDE_THROTTLE_SECONDS'] ?? 8);
const mostInFlight = 6;
/** The host runs as two processes, each with a bound of its own, and reads the change feed past both. */
const mostAtOnce = 2 * mostInFlight + 4;

let stack: RunningStack;
let cosmos: HttpLink;
let blob: HttpLink;
let sender: string;
let reader: string;

const through = (link: HttpLink, connection: string): string =>
  connection.replace(/(127\.0\.0\.1:)\d+/, `$1${link.port}`);

beforeAll(async () => {
  const random = createRandom('throttling');
  const ports = portsFrom(stackOffset('throttling'));
  const common = { port: 0, random, faultShare: 0, choose: () => 'throttled' as const };
  cosmos = await startHttpProxy({ ...common, target: ports.cosmos, refuse: refuseAsCosmos });
  blob = await startHttpProxy({ ...common, target: ports.blob, refuse: refuseAsBlob });
  stack = await startStack('throttling', undefined, {
    HDE_COSMOS: through(cosmos, sample.Values.HDE_COSMOS),
    HDE_STORAGE: through(blob, sample.Values.HDE_STORAGE),
    HDE_MAX_IN_FLIGHT: String(mostInFlight),
    HDE_MAX_WAIT_SECONDS: '5',
  });
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
}, 120_000);

afterAll(async () => {
  await stack.destroy();
  await cosmos.close();
  await blob.close();
}, 60_000);

let number = 0;
const send = async (mrn = `T${number++}`) => {
  const bytes = aMessage({ controlId: mrn, mrn, nhsNumber: '' });
  const posted = await post(stack, bytes, { token: sender });
  const { status, headers } = posted;
  return {
    mrn,
    status,
    retryAfter: headers.get('retry-after'),
    ack: posted.segment('MSA')[1],
    id: headers.get('x-hde-receipt') ?? '',
  };
};

async function get(path: string, token = reader) {
  const response = await fetch(`${stack.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const { status, headers } = response;
  return { status, retryAfter: headers.get('retry-after'), body: await response.json() };
}
const numbers = 'https://rzz.example.nhs.uk/Id/local-patient-id';
const search = (mrn: string) => get(`/fhir/Patient?identifier=${encodeURIComponent(`${numbers}|${mrn}`)}`);
/** What is known of a patient, once anything is. */
async function read(mrn: string) {
  const found = await patiently(() => search(mrn));
  const id = (found.body as Bundle).entry?.[0]?.resource?.id;
  if (id === undefined) return [found];
  const targets = [`/fhir/Patient/${id}`, `/fhir/Encounter?patient=${id}`];
  return [found, ...(await Promise.all(targets.map((target) => patiently(() => get(target)))))];
}
const receiptOf = async (id: string) =>
  (await patiently(() => get(`/ingest/receipts/${id}`, sender))).body as { status?: string };
const normalised = (id: string) =>
  eventually(
    () => receiptOf(id),
    ({ status }) => status !== 'accepted',
  );

/** How often the service answered, and how often that a client should come again. */
const answers = { all: 0, later: 0 };

/** A client of a saturated service: it comes again when it is told to, and not for ever. */
async function patiently<T extends { status: number; retryAfter: string | null }>(
  ask: () => Promise<T>,
): Promise<T> {
  for (let left = 20; ; left--) {
    const answer = await ask();
    answers.all++;
    if (answer.status !== 503 || left === 0) return answer;
    answers.later++;
    expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1);
    await sleep(Number(answer.retryAfter) * 1000);
  }
}

/** As many clients as send at once: more than may be under way at a store. */
const atOnce = (count: number, work: () => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, work));

test('of requests that are refused now and then nothing fails, and their number stays within its bound', async () => {
  cosmos.setFaultShare(0.3);
  blob.setFaultShare(0.3);
  const sent: Awaited<ReturnType<typeof send>>[] = [];
  const reads: { status: number }[] = [];
  const until = Date.now() + seconds * 1000;
  await atOnce(24, async () => {
    while (Date.now() < until) {
      const mrn = `T${number++}`;
      const message = await patiently(() => send(mrn));
      sent.push(message);
      reads.push(...(await read(sent[Math.floor(sent.length / 2)]?.mrn ?? message.mrn)));
    }
  });
  expect(sent.filter(({ status }) => status !== 200)).toEqual([]);
  expect(reads.filter(({ status }) => status !== 200)).toEqual([]);
  // Without attempts of its own the service would send most clients away: each answer takes several requests.
  expect(answers.later / answers.all).toBeLessThan(0.25);
  const fates = await Promise.all(sent.map(({ id }) => normalised(id)));
  expect(fates.filter(({ status }) => status !== 'normalised')).toEqual([]);
  const found = (await patiently(() => search(sent.at(-1)!.mrn))).body as Bundle;
  expect(found.entry).toHaveLength(1);
  for (const link of [cosmos, blob]) {
    expect(link.counts['throttled']).toBeGreaterThan(5);
    expect(link.mostInFlight).toBeLessThanOrEqual(mostAtOnce);
  }
}, 240_000);

test('when all is refused clients are asked to come again, and all goes on by itself when that is over', async () => {
  cosmos.setFaultShare(0);
  blob.setFaultShare(0);
  const waiting: string[] = [];
  for (let count = 0; count < 20; count++) waiting.push((await send()).id);
  cosmos.setFaultShare(1);
  const refused = await Promise.all(Array.from({ length: 20 }, send));
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 503));
  expect(refused.every(({ ack, retryAfter }) => ack === 'AE' && Number(retryAfter) >= 1)).toBe(true);
  const answer = await search('T0');
  expect(answer).toMatchObject({
    status: 503,
    body: { resourceType: 'OperationOutcome', issue: [{ code: 'throttled' }] },
  });
  expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1);
  await sleep(1_000);
  cosmos.setFaultShare(0);
  // What was accepted was not given up meanwhile.
  const fates = await Promise.all(waiting.map((id) => normalised(id)));
  expect(fates.filter(({ status }) => status !== 'normalised')).toEqual([]);
  const again = await send();
  expect(again.status).toBe(200);
  expect(await normalised(again.id)).toMatchObject({ status: 'normalised' });
  expect((await search(again.mrn)).status).toBe(200);
  expect(cosmos.mostInFlight).toBeLessThanOrEqual(mostAtOnce);
}, 240_000);
