/** Clients from npm, as they are published, against the real local stack: what others wrote for FHIR servers works here. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, OperationOutcome, Patient, Resource } from 'fhir/r4.js';
import { Client as FhirKitClient } from 'fhir-kit-client';
import { startStack, type RunningStack } from '../support/stack.js';

/** As much of `fhirclient` as is used here: its own types declare a browser around it, to the whole project. */
interface SmartClient {
  readonly patient: { read(): Promise<Patient>; request<T>(url: string): Promise<T> };
  create<T extends Resource>(resource: T): Promise<T>;
  update<T extends Resource>(resource: T): Promise<T>;
  patch<T extends Resource>(url: string, patch: readonly object[]): Promise<T>;
  delete(url: string): Promise<unknown>;
  request<T>(url: string, options?: object): Promise<T>;
  pages(url: string): AsyncIterable<Bundle>;
  resources(url: string, options: { readonly limit: number }): AsyncIterable<Resource>;
  getFhirVersion(): Promise<string>;
  getFhirRelease(): Promise<number>;
}
type Smart = (
  request: object,
  response: object,
  storage: object,
) => { client(state: string | object): SmartClient };

const smart = createRequire(import.meta.url)('fhirclient') as Smart;

let stack: RunningStack;
let baseUrl: string;
let token: string;

beforeAll(async () => {
  stack = await startStack('clients');
  baseUrl = `${stack.url}/fhir`;
  token = await stack.token({ roles: ['reader', 'writer'], subject: 'app-9' });
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

const nhsNumber = (value: string) => ({ system: 'https://fhir.nhs.uk/Id/nhs-number', value });

const aPatient = (number: string, family: string): Patient => ({
  resourceType: 'Patient',
  identifier: [nhsNumber(number)],
  name: [{ family, given: ['Amara'] }],
  gender: 'female',
  birthDate: '1980-01-02',
});

const anObservation = (patientId: string, code: string, minute: number): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`,
  valueQuantity: { value: 60 + minute, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
});

const idsOf = (bundle: Bundle): (string | undefined)[] =>
  (bundle.entry ?? []).map(({ resource }) => resource?.id);

/** What a promise is rejected with. */
const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('was not refused');
    },
    (error: unknown) => error,
  );

describe('fhir-kit-client', () => {
  let client: FhirKitClient;
  let patientId: string;

  /** What the client answers, as the resource that it is. */
  const as = async <T extends Resource>(answer: Promise<unknown>): Promise<T> => (await answer) as T;

  beforeAll(async () => {
    client = new FhirKitClient({ baseUrl, bearerToken: token });
    const created = await as<Patient>(
      client.create({ resourceType: 'Patient', body: { ...aPatient('9990000018', 'Okoro') } }),
    );
    patientId = created.id ?? '';
  });

  test('reads what the server can do', async () => {
    const statement = await client.capabilityStatement();
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      fhirVersion: '4.0.1',
      rest: [{ mode: 'server' }],
    });
  });

  test('creates, reads, changes, patches and deletes a record, and finds each version again', async () => {
    const body = { ...anObservation(patientId, '8867-4', 1) };
    const created = await as<Observation>(client.create({ resourceType: 'Observation', body }));
    expect(created).toMatchObject({ ...body, meta: { versionId: '1' } });
    const { response } = FhirKitClient.httpFor(created as never);
    expect([response?.status, response?.headers.get('etag')]).toEqual([201, 'W/"1"']);
    const place = { resourceType: 'Observation', id: created.id ?? '' };
    expect(await client.read(place)).toEqual(created);

    const amended = { ...created, status: 'amended' };
    const options = { headers: { 'If-Match': 'W/"1"' } };
    const updated = await as<Observation>(client.update({ ...place, body: amended, options }));
    expect(updated).toMatchObject({ status: 'amended', meta: { versionId: '2' } });
    const patched = await as<Observation>(
      client.patch({ ...place, jsonPatch: [{ op: 'replace', path: '/valueQuantity/value', value: 75 }] }),
    );
    expect(patched).toMatchObject({ status: 'amended', valueQuantity: { value: 75 } });
    expect(await client.vread({ ...place, version: '1' })).toEqual(created);

    await client.delete(place);
    expect(await refusalOf(client.read(place))).toMatchObject({ response: { status: 410 } });
    const history = await as<Bundle>(client.history(place));
    expect(history.type).toBe('history');
    expect(history.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'PUT', 'PUT', 'PUT']);
    const ofType = await as<Bundle>(client.history({ resourceType: 'Observation' }));
    expect(idsOf(ofType)).toContain(created.id);
  });

  test('searches by GET and by POST, and follows the pages to their end', async () => {
    const made: (string | undefined)[] = [];
    for (let minute = 10; minute < 15; minute++) {
      const body = { ...anObservation(patientId, '9279-1', minute) };
      made.push((await as<Observation>(client.create({ resourceType: 'Observation', body }))).id);
    }
    const searchParams = { patient: patientId, code: 'http://loinc.org|9279-1', _sort: '-date', _count: 2 };
    const found: (string | undefined)[] = [];
    const sizes: number[] = [];
    let page: Bundle | undefined = await as<Bundle>(
      client.search({ resourceType: 'Observation', searchParams }),
    );
    while (page !== undefined) {
      sizes.push(page.entry?.length ?? 0);
      found.push(...idsOf(page));
      page = await (client.nextPage({ bundle: page as never }) as unknown as Promise<Bundle> | undefined);
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect(found).toEqual([...made].reverse());

    const posted = await as<Bundle>(
      client.search({
        resourceType: 'Observation',
        searchParams: { ...searchParams, _count: 10 },
        options: { postSearch: true },
      }),
    );
    expect(idsOf(posted)).toEqual(found);
    const ofPatient = await as<Bundle>(
      client.search({
        compartment: { resourceType: 'Patient', id: patientId },
        resourceType: 'Observation',
        searchParams: { code: '9279-1', date: 'ge2026-03-01T10:13:00Z' },
      }),
    );
    expect(idsOf(ofPatient).sort()).toEqual(made.slice(3).sort());
  });

  test('gets what its matches refer to, and resolves references inside a bundle and on the server', async () => {
    const body = { ...anObservation(patientId, '8310-5', 20) };
    await client.create({ resourceType: 'Observation', body });
    const bundle = await as<Bundle>(
      client.search({
        resourceType: 'Observation',
        searchParams: { patient: patientId, code: '8310-5', _include: 'Observation:subject' },
      }),
    );
    expect(bundle.entry?.map(({ search, resource }) => [search?.mode, resource?.resourceType])).toEqual([
      ['match', 'Observation'],
      ['include', 'Patient'],
    ]);
    const reference = `Patient/${patientId}`;
    const stored = await client.read({ resourceType: 'Patient', id: patientId });
    expect(await client.resolve({ reference })).toEqual(stored);
    expect(await client.resolve({ reference: `${baseUrl}/${reference}` })).toEqual(stored);
  });

  test('writes several records at once, all or none, and asks for several things in one request', async () => {
    const entryOf = (method: string, url: string, resource?: Resource) => ({
      request: { method, url },
      ...(resource === undefined ? {} : { resource }),
    });
    const transaction = await as<Bundle>(
      client.transaction({
        body: {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [50, 51].map((minute) =>
            entryOf('POST', 'Observation', anObservation(patientId, '2708-6', minute)),
          ),
        },
      }),
    );
    expect(transaction.type).toBe('transaction-response');
    expect(transaction.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual(['201', '201']);
    const refused = await refusalOf(
      client.transaction({
        body: {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            entryOf('POST', 'Observation', anObservation(patientId, '2708-6', 52)),
            entryOf('POST', 'Observation', { resourceType: 'Observation', status: 'none' } as Resource),
          ],
        },
      }),
    );
    expect(refused).toMatchObject({ response: { data: { resourceType: 'OperationOutcome' } } });
    const batch = await as<Bundle>(
      client.batch({
        body: {
          resourceType: 'Bundle',
          type: 'batch',
          entry: [
            entryOf('GET', `Patient/${patientId}`),
            entryOf('GET', `Observation?patient=${patientId}&code=2708-6`),
            entryOf('GET', 'Patient/nobody'),
          ],
        },
      }),
    );
    expect(batch.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual(['200', '200', '404']);
    expect(batch.entry?.[1]?.resource).toMatchObject({ type: 'searchset', total: 2 });
  });

  test('gets everything about a patient by an operation', async () => {
    const everything = await as<Bundle>(
      client.operation({ name: '$everything', resourceType: 'Patient', id: patientId, method: 'GET' }),
    );
    expect(everything.type).toBe('searchset');
    expect(everything.entry?.[0]?.resource).toMatchObject({ resourceType: 'Patient', id: patientId });
    expect(everything.entry?.length).toBeGreaterThan(1);
  });

  test('is told what is wrong by an OperationOutcome in its error', async () => {
    const body = { ...aPatient('9990000018', 'Okoro'), birthDate: '1980-13-01' };
    const refusals = [
      [() => client.create({ resourceType: 'Patient', body }), 400],
      [() => client.read({ resourceType: 'Patient', id: 'nobody' }), 404],
      [
        () =>
          client.update({
            resourceType: 'Patient',
            id: patientId,
            body: { ...aPatient('9990000018', 'Adeyemi'), id: patientId },
            options: { headers: { 'If-Match': 'W/"99"' } },
          }),
        412,
      ],
      [() => client.search({ resourceType: 'Observation', searchParams: { code: '8867-4' } }), 400],
    ] as const;
    for (const [ask, status] of refusals) {
      const { response } = (await refusalOf(ask())) as {
        response: { status: number; data: OperationOutcome };
      };
      expect(response.status).toBe(status);
      expect(response.data).toMatchObject({
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error' }],
      });
    }
  });
});

describe('fhirclient', () => {
  let client: SmartClient;
  let patientId: string;

  /** The library's state of a session, which a browser would keep. */
  const storage = () => {
    const held = new Map<string, unknown>();
    return {
      get: (key: string) => Promise.resolve(held.get(key)),
      set: (key: string, value: unknown) => {
        held.set(key, value);
        return Promise.resolve(value);
      },
      unset: (key: string) => Promise.resolve(held.delete(key)),
    };
  };

  const open = (patient?: string): SmartClient =>
    smart({ headers: {} }, {}, storage()).client({
      serverUrl: baseUrl,
      tokenResponse: { access_token: token, ...(patient === undefined ? {} : { patient }) },
    });

  beforeAll(async () => {
    const created = await open().create<Patient>(aPatient('9990000026', 'Byrne'));
    patientId = created.id ?? '';
    client = open(patientId);
    for (let minute = 30; minute < 35; minute++) {
      await client.create(anObservation(patientId, '8867-4', minute));
    }
  });

  test('knows which FHIR it talks to before it has a token', async () => {
    const bare = smart({ headers: {} }, {}, storage()).client(baseUrl);
    expect([await bare.getFhirVersion(), await bare.getFhirRelease()]).toEqual(['4.0.1', 4]);
    expect(await refusalOf(bare.request('Patient/nobody'))).toMatchObject({ status: 401 });
  });

  test('reads its patient, and their records by the parameter that the server names', async () => {
    expect(await client.patient.read()).toMatchObject({ id: patientId, name: [{ family: 'Byrne' }] });
    const bundle = await client.patient.request<Bundle>('Observation');
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 5 });
  });

  test('collects all pages of a search as one list', async () => {
    const search = `Observation?patient=${patientId}&_sort=date&_count=2`;
    const found = await client.request<Observation[]>(search, { pageLimit: 0, flat: true });
    expect(found.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([90, 91, 92, 93, 94]);
    const pages: Bundle[] = [];
    for await (const page of client.pages(`Observation?patient=${patientId}&_count=2`)) pages.push(page);
    expect(pages.map(({ entry }) => entry?.length)).toEqual([2, 2, 1]);
    const resources: string[] = [];
    for await (const each of client.resources(search, { limit: 3 })) resources.push(each.resourceType);
    expect(resources).toEqual(['Observation', 'Observation', 'Observation']);
  });

  test('puts the resources that references name in their place', async () => {
    const bundle = await client.request<Bundle<Observation>>(
      `Observation?patient=${patientId}&_count=1&_include=Observation:subject`,
      { resolveReferences: ['subject'] },
    );
    expect(bundle.entry?.[0]?.resource?.subject).toMatchObject({
      resourceType: 'Patient',
      name: [{ family: 'Byrne' }],
    });
  });

  test('changes, patches and deletes a record', async () => {
    const created = await client.create<Observation>(anObservation(patientId, '8310-5', 40));
    const url = `Observation/${created.id}`;
    const updated = await client.update<Observation>({ ...created, status: 'amended' });
    expect(updated).toMatchObject({ id: created.id, status: 'amended', meta: { versionId: '2' } });
    const patched = await client.patch<Observation>(url, [
      { op: 'add', path: '/note', value: [{ text: 'at rest' }] },
    ]);
    expect(patched).toMatchObject({ note: [{ text: 'at rest' }], meta: { versionId: '3' } });
    await client.delete(url);
    expect(await refusalOf(client.request(url))).toMatchObject({ status: 410 });
    const history = await client.request<Bundle>(`${url}/_history`);
    expect(history).toMatchObject({ type: 'history', total: 4 });
  });

  test('is told what is wrong by the status and the OperationOutcome in its error', async () => {
    const refused = await refusalOf(client.request('Observation?status=final'));
    expect(refused).toMatchObject({ status: 400 });
    expect((refused as Error).message).toContain('"resourceType": "OperationOutcome"');
    expect((refused as Error).message).toContain('HDE_SEARCH_UNSELECTIVE');
  });
});
