/** The formats of the FHIR API over HTTP, on the real local stack: what is said of bodies is true on the wire. */
import { request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let tokens: { readonly reader: string; readonly writer: string };
let address: string;

const patientXml =
  '<Patient xmlns="http://hl7.org/fhir"><identifier><system value="https://fhir.nhs.uk/Id/nhs-number"/><value value="9990000018"/></identifier><name><family value="Okoro"/></name></Patient>';

interface Wire {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** A request whose answer is not decompressed on the way, as fetch would. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
): Promise<Wire> {
  const token = body === undefined ? tokens.reader : tokens.writer;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${stack.url}/fhir/${path}`,
      { method, headers: { authorization: `Bearer ${token}`, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(chunks),
          });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

beforeAll(async () => {
  stack = await startStack('formats');
  tokens = {
    reader: await stack.token({ roles: ['reader'] }),
    writer: await stack.token({ roles: ['writer'] }),
  };
  const created = await ask(
    'Patient',
    { 'content-type': 'application/fhir+xml', prefer: 'return=minimal' },
    'POST',
    patientXml,
  );
  expect(created.status).toBe(201);
  address = /Patient\/[^/]+/.exec(String(created.headers['location']))?.[0] ?? '';
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

test('what was written as XML is read as JSON and as XML, by Accept and by _format', async () => {
  const json = await ask(address);
  expect(json.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
  expect(JSON.parse(json.bytes.toString())).toMatchObject({
    resourceType: 'Patient',
    name: [{ family: 'Okoro' }],
  });
  for (const xml of [
    await ask(address, { accept: 'application/fhir+xml' }),
    await ask(`${address}?_format=xml`),
  ]) {
    expect(xml.headers['content-type']).toBe('application/fhir+xml; charset=utf-8');
    expect(xml.headers['etag']).toBe(json.headers['etag']);
    expect(xml.headers['vary']).toBe('Accept, Accept-Encoding');
    expect(xml.bytes.toString()).toContain('<name><family value="Okoro"/></name></Patient>');
  }
  const forced = await ask(`${address}?_format=json`, { accept: 'application/fhir+xml' });
  expect(forced.bytes).toEqual(json.bytes);
});

test('numbers keep the precision that they were written with', async () => {
  const observation = `{"resourceType":"Observation","status":"final","code":{"text":"Potassium"},"subject":{"reference":"${address}"},"valueQuantity":{"value":4.10,"unit":"mmol/L"}}`;
  const created = await ask('Observation', { 'content-type': 'application/fhir+json' }, 'POST', observation);
  expect(created.status).toBe(201);
  const place = /Observation\/[^/]+/.exec(String(created.headers['location']))?.[0] ?? '';
  expect((await ask(place)).bytes.toString()).toContain('"value":4.10,');
  expect((await ask(`${place}?_format=xml`)).bytes.toString()).toContain('<value value="4.10"/>');
  expect((await ask(`Observation?_id=${place.slice(12)}`)).bytes.toString()).toContain('"value":4.10,');
});

test('errors come in the format that was asked for, and in JSON where none that is served was', async () => {
  const gone = await ask('Patient/nobody', { accept: 'application/fhir+xml' });
  expect([gone.status, gone.headers['content-type']]).toEqual([404, 'application/fhir+xml; charset=utf-8']);
  expect(gone.bytes.toString()).toContain(
    '<OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="error"/>',
  );
  const refused = await ask(address, { accept: 'text/html' });
  expect([refused.status, refused.headers['content-type']]).toEqual([
    406,
    'application/fhir+json; charset=utf-8',
  ]);
});

test('long bodies are compressed for clients that take it, and nothing else is', async () => {
  const plain = await ask('metadata');
  expect(plain.headers['content-encoding']).toBeUndefined();
  for (const accept of ['application/fhir+json', 'application/fhir+xml']) {
    const whole = await ask('metadata', { accept });
    const small = await ask('metadata', { accept, 'accept-encoding': 'gzip' });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(small.bytes)).toEqual(whole.bytes);
    expect(small.bytes.length).toBeLessThan(whole.bytes.length / 2);
  }
  expect((await ask(address, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  const head = await ask('metadata', { 'accept-encoding': 'gzip' }, 'HEAD');
  expect([head.status, head.headers['content-encoding'], head.bytes.length]).toEqual([200, undefined, 0]);
});

test('a client that holds the version gets no body again', async () => {
  const { headers } = await ask(address);
  const since = await ask(address, { 'if-modified-since': String(headers['last-modified']) });
  const match = await ask(address, {
    'if-none-match': String(headers['etag']),
    accept: 'application/fhir+xml',
  });
  for (const each of [since, match]) expect([each.status, each.bytes.length]).toEqual([304, 0]);
});
