/**
 * What decides about records, or keeps who had them, refuses for a while on the real local stack: nothing is answered
 * undecided or unrecorded, and no event is lost, even when the process ends. All people are synthetic.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { startHttpProxy, type HttpLink } from '../../chaos/faults/http-proxy.js';
import { refuseAsCosmos } from '../../chaos/faults/refusals.js';
import { createRandom } from '../../chaos/random.js';
import { portsFrom } from '../../local/stack/ports.js';
import sample from '../../local.settings.sample.json' with { type: 'json' };
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { stackOffset } from '../support/stack-offsets.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const number = '9990000018';

let stack: RunningStack;
let cosmos: HttpLink;
/** The container that refuses. */
let refusing: 'governance' | 'audit' | undefined;
let tokens: Readonly<Record<'sender' | 'client' | 'operator' | 'clinician' | 'person', string>>;
let patient: string;
let bus: ServiceBusClient;
/** What the consumer got: message ids of Service Bus, and of what they tell. */
const received: { readonly id: string; readonly messageId: string }[] = [];

beforeAll(async () => {
  const { cosmos: target } = portsFrom(stackOffset('governance-faults'));
  cosmos = await startHttpProxy({
    ...{ port: 0, target, random: createRandom('governance'), faultShare: 1, refuse: refuseAsCosmos },
    choose: (_random, { url = '' }) =>
      refusing !== undefined && url.includes(`/colls/${refusing}/docs`) ? 'throttled' : undefined,
  });
  stack = await startStack('governance-faults', undefined, {
    HDE_COSMOS: sample.Values.HDE_COSMOS.replace(/(127\.0\.0\.1:)\d+/, `$1${cosmos.port}`),
    HDE_MAX_WAIT_SECONDS: '2',
  });
  tokens = {
    sender: await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] }),
    client: await stack.token({ roles: ['reader', 'writer'] }),
    clinician: await stack.token({ as: 'entra-user', roles: ['R8000'], organisation: 'RYY' }),
    person: await stack.token({ as: 'nhs-login', roles: [], nhsNumber: number }),
    operator: await stack.token({ roles: ['operator', 'privacy-officer'], feeds: ['rzz-tie'] }),
  };
  bus = new ServiceBusClient(stack.settings['HDE_SERVICEBUS']!);
  bus.createReceiver('events', 'all-events', { skipParsingBodyAsJson: true }).subscribe({
    processMessage: ({ messageId: id, body }) => {
      const { messageId } = JSON.parse(String(body)) as { messageId: string };
      received.push({ id: String(id), messageId });
      return Promise.resolve();
    },
    processError: () => Promise.resolve(),
  });
  const first = await send('G1', number);
  await eventually(
    () => Promise.resolve(received),
    (got) => got.some(({ messageId }) => messageId === first),
  );
  const { json } = await call(`/fhir/Patient?identifier=${number}`);
  patient = (json as Bundle).entry![0]!.resource!.id!;
}, 120_000);

afterAll(async () => {
  await bus.close();
  await stack.destroy();
  await cosmos.close();
}, 60_000);

async function send(mrn: string, nhsNumber = ''): Promise<string> {
  const bytes = aMessage({ controlId: mrn, mrn, nhsNumber });
  const { headers } = await post(stack, bytes, { token: tokens.sender });
  return headers.get('x-hde-receipt')!;
}

const normalised = (id: string) =>
  eventually(
    async () => (await call(`/ingest/receipts/${id}`, undefined, tokens.sender)).json as { status?: string },
    ({ status }) => status === 'normalised',
  );

/** A GET, or with a body a POST. */
async function call(path: string, body?: object, token = tokens.client) {
  const type = path.startsWith('/fhir') ? 'application/fhir+json' : 'application/json';
  const response = await fetch(`${stack.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const canWait = Number(response.headers.get('retry-after')) >= 1;
  return { status: response.status, canWait, text, json: JSON.parse(text || '{}') as object };
}

/** Of a batch that of its only entry. */
const statusOf = ({ status, json }: Awaited<ReturnType<typeof call>>): number =>
  Number((json as Partial<Bundle>).entry?.[0]?.response?.status.slice(0, 3) ?? status);

/** All ways to something about the patient, and changes of what is stored and of who may see it. */
const requests = (): readonly (readonly [path: string, body?: object | undefined, token?: string])[] => [
  [`/fhir/Patient/${patient}`],
  [`/fhir/Patient/${patient}/_history/1`],
  [`/fhir/Patient/${patient}/_history`],
  [`/fhir/Patient/${patient}/$everything`],
  ['/fhir/Patient/_history'],
  [`/fhir/Patient?identifier=${number}`],
  [`/fhir/Patient?identifier=${number}&_summary=count`],
  [`/fhir/Provenance?target=Patient/${patient}`],
  [`/Patient/${number}`],
  [
    '/fhir',
    {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: `Patient/${patient}` } }],
    },
  ],
  [
    '/fhir/AllergyIntolerance',
    { resourceType: 'AllergyIntolerance', patient: { reference: `Patient/${patient}` } },
  ],
  ['/access/my-record-views', undefined, tokens.person],
  ['/access/break-glass', { patient, reason: 'unconscious on arrival' }, tokens.clinician],
  ['/access/relationships', { patient, organisation: 'RYY' }, tokens.operator],
];

describe.each(['governance', 'audit'] as const)('while the container %s refuses', (container) => {
  test('nothing is answered and nothing changed, and clients are asked to come again', async () => {
    refusing = container;
    const answers = await Promise.all(requests().map((request) => call(...request)));
    refusing = undefined;
    expect(answers.map(statusOf)).toEqual(answers.map(() => 503));
    for (const { status, canWait } of answers) expect([status, canWait]).toEqual([status, status === 503]);
    const said = answers.map(({ text }) => text).join('\n');
    for (const part of [patient, number, 'Okoro']) expect(said).not.toContain(part);
    const { json } = await call(`/fhir/AllergyIntolerance?patient=${patient}`);
    expect(json).toMatchObject({ total: 0 });
    const broken = await call('/access/break-glass/search', { patient }, tokens.operator);
    expect(broken.json).toEqual({ glass: [] });
    // Nor has anybody come to care for them.
    expect((await call(`/fhir/Patient/${patient}`, undefined, tokens.clinician)).status).toBe(404);
  }, 60_000);

  test('events wait, and all of them are told of when it does not, although the process was killed', async () => {
    refusing = container;
    const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => send(`${container}${n}`)));
    const told = () => received.filter(({ messageId }) => ids.includes(messageId));
    await sleep(4_000);
    process.kill(await stack.pidOf('functions-background'), 'SIGKILL');
    await sleep(2_000);
    expect(told()).toEqual([]);
    refusing = undefined;
    for (const id of ids) await normalised(id);
    await eventually(
      () => Promise.resolve(new Set(told().map(({ messageId }) => messageId))),
      ({ size }) => size === ids.length,
    );
    // A repetition is known by its id.
    expect(new Set(told().map(({ id }) => id)).size).toBe(ids.length);
    const search = { subject: 'feed:rzz-tie', limit: 200 };
    const { json } = await call('/audit/search', search, tokens.operator);
    const records = (json as { entries: { records: string[] }[] }).entries.flatMap((entry) => entry.records);
    for (const id of ids) expect(records).toContain(`message/${id}`);
  }, 120_000);
});
