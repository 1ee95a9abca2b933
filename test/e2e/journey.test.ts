/** The main job over HTTP, on the real local stack: every part its own process, every SDK on the wire. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, Encounter, OperationOutcome, Patient } from 'fhir/r4.js';
import {
  blobContainerOf,
  createBlobRawArchive,
  openBlobService,
} from '../../src/adapters/blob/raw-archive.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { createCosmosMessageStore } from '../../src/adapters/cosmos/message-store.js';
import { acceptMessage } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { askJson } from '../support/ask-json.js';
import { sampleFeed } from '../support/feeds.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let sender: string;
let reader: string;

beforeAll(async () => {
  stack = await startStack('journey');
  sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  reader = await stack.token({ roles: ['reader'] });
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

interface Receipt {
  readonly status: string;
  readonly issues: readonly { code: string; location?: string; text: string }[];
  readonly records: readonly { resourceType: string; id: string; versionId: number; change: string }[];
}

const get = <T>(path: string, token = reader) => askJson<T>(`${stack.url}${path}`, token);

/** Sends a message and waits until its fate is known. */
async function deliver(bytes: Uint8Array, timeoutMs = 60_000): Promise<Receipt> {
  const { headers, text } = await post(stack, bytes, { token: sender });
  const id = headers.get('x-hde-receipt');
  if (id === null) throw new Error(`no receipt: ${text}`);
  const { body } = await eventually(
    () => get<Receipt>(`/ingest/receipts/${id}`, sender),
    ({ body }) => body.status !== 'accepted',
    timeoutMs,
  );
  return body;
}

const findPatients = async (system: string, value: string) =>
  (await get<Bundle<Patient>>(`/fhir/Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`)).body
    .entry ?? [];
const localSystem = 'https://rzz.example.nhs.uk/Id/local-patient-id';

describe('health', () => {
  test('needs no token and names each dependency', async () => {
    const { status, body } = await get<{ live: boolean; ready: boolean; dependencies: object }>(
      '/health',
      '',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      live: true,
      ready: true,
      dependencies: { cosmos: { status: 'up' }, serviceBus: { status: 'up' }, storage: { status: 'up' } },
    });
  });

  test('tells whether the process is alive without asking the dependencies', async () => {
    expect((await get('/health/live', '')).body).toEqual({ live: true });
  });
});

describe('acknowledgement', () => {
  test('in original mode is AA, addressed back to the sender', async () => {
    const answer = await post(stack, aMessage({ controlId: 'ACK1', mrn: 'ACK1' }), { token: sender });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/hl7-v2+er7');
    expect(answer.segment('MSH').slice(3, 7)).toEqual(['HDE', 'HDE', 'RZZ_TIE', 'RZZ']);
    expect(answer.segment('MSH')[9]).toBe('ACK^A28^ACK');
    expect(answer.segment('MSA').slice(1, 3)).toEqual(['AA', 'ACK1']);
  });

  test('in enhanced mode is CA', async () => {
    const text = new TextDecoder()
      .decode(aMessage({ controlId: 'ACK2', mrn: 'ACK2' }))
      .replace('|P|2.4', '|P|2.4|||AL|NE');
    expect((await post(stack, text, { token: sender })).segment('MSA').slice(1, 3)).toEqual(['CA', 'ACK2']);
  });

  test('of a message without MSH says so with a table 0357 code', async () => {
    const answer = await post(stack, 'PID|1||X\r', { token: sender });
    expect(answer.status).toBe(400);
    expect(answer.segment('MSA')[1]).toBe('AR');
    expect(answer.headers.get('x-hde-status')).toBe('failed');
  });

  test('of other content under a used control id is AE with condition 205', async () => {
    await post(stack, aMessage({ controlId: 'REUSED', mrn: 'RE1' }), { token: sender });
    const answer = await post(stack, aMessage({ controlId: 'REUSED', mrn: 'RE1', family: 'Changed' }), {
      token: sender,
    });
    expect(answer.status).toBe(409);
    expect(answer.segment('MSA').slice(1, 3)).toEqual(['AE', 'REUSED']);
    expect(answer.text).toContain('205');
  });
});

describe('a patient', () => {
  const mrn = 'J1';
  /** PV1 with its fields by number. */
  const pv1 = (fields: Readonly<Record<number, string>>) =>
    ['PV1', ...Array.from({ length: 45 }, (_, i) => fields[i + 1] ?? '')].join('|');
  const admission = {
    2: 'I',
    3: 'W1^B1^1^RZZ01',
    7: '1234567^Jones^Mary^^^Dr^^^GMC',
    19: 'V1^^^RZZ^VN',
    44: '20260330090000',
  };
  const allergy = 'AL1|1|DA|91936005^Allergy to penicillin^SCT';

  test('becomes readable as UK Core FHIR', async () => {
    const receipt = await deliver(
      aMessage({
        type: 'ADT^A01',
        controlId: 'J1',
        mrn,
        nhsNumber: '9990000026',
        more: [pv1(admission), allergy],
      }),
    );
    expect(receipt.status).toBe('normalised');
    const [found] = await findPatients(localSystem, mrn);
    expect(found?.resource).toMatchObject({
      resourceType: 'Patient',
      meta: { versionId: '1', profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'] },
      birthDate: '1980-01-02',
      gender: 'female',
    });
    expect(found?.resource?.identifier).toContainEqual(
      expect.objectContaining({ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000026' }),
    );
  });

  test('has an id that reveals no identifier', async () => {
    const [found] = await findPatients(localSystem, mrn);
    expect(found?.resource?.id).toMatch(/^[a-z2-7]{26}$/);
  });

  test('can be read as a whole, with encounter, allergy and the people and places they name', async () => {
    const [found] = await findPatients(localSystem, mrn);
    const { body } = await get<Bundle>(`/fhir/Patient/${found?.resource?.id}/$everything`);
    const types = new Set(body.entry?.map(({ resource }) => resource?.resourceType));
    expect([...types]).toEqual(
      expect.arrayContaining([
        'Patient',
        'Encounter',
        'AllergyIntolerance',
        'Organization',
        'Practitioner',
        'Location',
      ]),
    );
  });

  test('is not changed by a message that comes again', async () => {
    const bytes = aMessage({
      type: 'ADT^A01',
      controlId: 'J1',
      mrn,
      nhsNumber: '9990000026',
      more: [pv1(admission), allergy],
    });
    const answer = await post(stack, bytes, { token: sender });
    expect(answer.headers.get('x-hde-status')).toBe('duplicate');
    expect(answer.segment('MSA')[1]).toBe('AA');
    expect((await findPatients(localSystem, mrn))[0]?.resource?.meta?.versionId).toBe('1');
  });

  test('gets a new version by a newer message, and the old one stays readable', async () => {
    await deliver(
      aMessage({
        type: 'ADT^A31',
        controlId: 'J2',
        mrn,
        at: '20260330120000',
        family: 'Okoro-Bell',
        nhsNumber: '9990000026',
      }),
    );
    const [found] = await findPatients(localSystem, mrn);
    expect(found?.resource).toMatchObject({ meta: { versionId: '2' }, name: [{ family: 'Okoro-Bell' }] });
    const old = await get<Patient>(`/fhir/Patient/${found?.resource?.id}/_history/1`);
    expect(old.body).toMatchObject({ meta: { versionId: '1' }, name: [{ family: 'Okoro' }] });
  });

  test('is not changed by an older message that comes late', async () => {
    const receipt = await deliver(
      aMessage({
        type: 'ADT^A31',
        controlId: 'J3',
        mrn,
        at: '20260330110000',
        family: 'Stale',
        nhsNumber: '9990000026',
      }),
    );
    expect(receipt.records).toContainEqual(
      expect.objectContaining({ resourceType: 'Patient', change: 'late' }),
    );
    expect((await findPatients(localSystem, mrn))[0]?.resource?.name?.[0]?.family).toBe('Okoro-Bell');
  });

  test('is discharged without losing the admission', async () => {
    const discharge = pv1({ ...admission, 45: '20260330170000' });
    await deliver(
      aMessage({
        type: 'ADT^A03',
        controlId: 'J4',
        mrn,
        at: '20260330170000',
        nhsNumber: '9990000026',
        more: [discharge],
      }),
    );
    const [found] = await findPatients(localSystem, mrn);
    const { body } = await get<Bundle<Encounter>>(`/fhir/Encounter?patient=${found?.resource?.id}`);
    expect(body.entry?.map(({ resource }) => resource)).toMatchObject([
      {
        status: 'finished',
        period: { start: '2026-03-30T09:00:00+01:00', end: '2026-03-30T17:00:00+01:00' },
      },
    ]);
  });
});

test('the same NHS number at another hospital number is the same person, unless the birth dates differ', async () => {
  await deliver(aMessage({ controlId: 'N1', mrn: 'N1', nhsNumber: '9990000034', birthDate: '19700101' }));
  await deliver(aMessage({ controlId: 'N2', mrn: 'N2', nhsNumber: '9990000034', birthDate: '19700101' }));
  const wrong = await deliver(
    aMessage({ controlId: 'N3', mrn: 'N3', nhsNumber: '9990000034', birthDate: '19991231' }),
  );
  const ids = await Promise.all(
    ['N1', 'N2', 'N3'].map(async (mrn) => (await findPatients(localSystem, mrn))[0]?.resource?.id),
  );
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
  expect(wrong.issues).toContainEqual(expect.objectContaining({ code: 'HDE_IDENTITY_CONFLICT' }));
});

test('merged registrations are read as one and lose nothing', async () => {
  await deliver(aMessage({ controlId: 'G1', mrn: 'G1', nhsNumber: '', more: [] }));
  await deliver(
    aMessage({
      type: 'ADT^A31',
      controlId: 'G2',
      mrn: 'G2',
      nhsNumber: '',
      more: ['AL1|1|DA|91936005^Allergy to penicillin^SCT'],
    }),
  );
  const receipt = await deliver(
    aMessage({
      type: 'ADT^A40',
      controlId: 'G3',
      mrn: 'G1',
      nhsNumber: '',
      at: '20260330130000',
      more: ['MRG|G2^^^RZZ^MR'],
    }),
  );
  expect(receipt.status).toBe('normalised');
  const [survivor] = await findPatients(localSystem, 'G1');
  const { body } = await get<Bundle>(`/fhir/AllergyIntolerance?patient=${survivor?.resource?.id}`);
  expect(body.entry).toHaveLength(1);
  const [retired] = (await findPatients(localSystem, 'G2')).filter(
    ({ resource }) => resource?.id !== survivor?.resource?.id,
  );
  expect(retired?.resource).toMatchObject({ active: false, link: [{ type: 'replaced-by' }] });
});

test('a message that identifies nobody is kept as failed with its place', async () => {
  const text = new TextDecoder()
    .decode(aMessage({ controlId: 'NOBODY' }))
    .replace(/PID\|1\|\|[^|]*/, 'PID|1||');
  const receipt = await deliver(new TextEncoder().encode(text));
  expect(receipt).toMatchObject({
    status: 'failed',
    issues: [{ code: 'HDE_HL7_NO_PATIENT', location: 'PID-3' }],
    records: [],
  });
});

test('200 first messages about one person at once make one person', async () => {
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      deliver(aMessage({ controlId: `CROWD${i}`, mrn: `CROWD${i}`, nhsNumber: '9990000042' }), 200_000),
    ),
  );
  const found = await findPatients('https://fhir.nhs.uk/Id/nhs-number', '9990000042');
  expect(found.map(({ resource }) => resource?.id)).toHaveLength(1);
}, 240_000);

test('a message that was archived and never reached the queue is found and processed', async () => {
  const connection = (name: string) =>
    ({ kind: 'connection-string', connectionString: stack.settings[name]! }) as const;
  const cosmos = await openCosmos(connection('HDE_COSMOS'));
  const blobs = await openBlobService(connection('HDE_STORAGE'));
  const messages = createCosmosMessageStore(containerOf(cosmos, 'messages'));
  // The process that accepted it died before it could send, a while ago.
  const dying = {
    archive: createBlobRawArchive(blobContainerOf(blobs, 'raw-messages')),
    messages,
    queue: { send: () => Promise.reject(new Error('killed')) },
    clock: { now: () => new Date(Date.now() - 600_000) },
    identitySecret: stack.settings['HDE_IDENTITY_SECRET']!,
  };
  const bytes = aMessage({ controlId: 'FORGOTTEN', mrn: 'FORGOTTEN', nhsNumber: '' });
  await expect(
    acceptMessage(dying, { feed: sampleFeed, body: wholeBody(bytes), contentType: 'text/plain' }),
  ).rejects.toThrow('killed');
  await eventually(
    () => findPatients(localSystem, 'FORGOTTEN'),
    (found) => found.length === 1,
  );
  // Its receipt is completed just after its records are.
  await eventually(
    () => messages.listUnfinished(new Date().toISOString(), 1),
    (unfinished) => unfinished.length === 0,
  );
  cosmos.dispose();
}, 90_000);

test('what changed is published as an event with ids only', async () => {
  const receipt = await deliver(
    aMessage({ controlId: 'EV1', mrn: 'EV1', nhsNumber: '', family: 'Eventful' }),
  );
  const client = new ServiceBusClient(stack.settings['HDE_SERVICEBUS']!);
  const receiver = client.createReceiver('events', 'all-events', {
    receiveMode: 'receiveAndDelete',
    skipParsingBodyAsJson: true,
  });
  const id = receipt.records.find(({ resourceType }) => resourceType === 'Patient')!.id;
  try {
    const seen: string[] = [];
    await eventually(
      async () => {
        const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 1000 });
        seen.push(...messages.map(({ body }) => Buffer.from(body as Uint8Array).toString('utf8')));
        return seen;
      },
      (events) => events.some((event) => event.includes(id)),
    );
    expect(seen.join('\n')).not.toContain('Eventful');
  } finally {
    await client.close();
  }
});

test('the CapabilityStatement names what is served, to anybody', async () => {
  const { status, body } = await get<CapabilityStatement>('/fhir/metadata', '');
  expect(status).toBe(200);
  expect(body.rest?.[0]?.resource?.map(({ type }) => type)).toContain('Patient');
});

test('the logs of all parts hold nothing about anybody', async () => {
  const logs = await Promise.all(
    ['functions-background', 'functions-http', 'cosmos', 'service-bus', 'azurite'].map((part) =>
      readFile(join(stack.stateDir, 'logs', `${part}.log`), 'utf8'),
    ),
  );
  expect(logs[0]).toContain('message-processed');
  for (const secret of ['Okoro', 'Eventful', '9990000026', '19800102', '1980-01-02', 'CROWD1']) {
    expect([secret, logs.join('\n').includes(secret)]).toEqual([secret, false]);
  }
});

test.each([
  ['/fhir/Patient/nobody', 404],
  ['/fhir/Medication/x', 404],
  ['/fhir/Patient', 400],
  ['/fhir/Patient?gender=male', 400],
])('%s answers an OperationOutcome with status %d', async (path, expected) => {
  const { status, body } = await get<OperationOutcome>(path);
  expect(status).toBe(expected);
  expect(body.resourceType).toBe('OperationOutcome');
});
