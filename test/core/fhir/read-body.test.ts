import { describe, expect, test } from '@jest/globals';
import { nestDecimals } from '../../../src/core/fhir/decimals.js';
import { toJson } from '../../../src/core/fhir/json-text.js';
import { readBody } from '../../../src/core/fhir/read-body.js';

const json = 'application/fhir+json';
const xml = 'application/fhir+xml';

const read = (contentType: string | undefined, body: string | Uint8Array) =>
  readBody(contentType, typeof body === 'string' ? Buffer.from(body) : body);

const refusal = async (contentType: string | undefined, body: string | Uint8Array) => {
  const result = await read(contentType, body);
  return result.ok ? undefined : result.error.map(({ code, detail }) => [code, detail]);
};

describe('a body', () => {
  test('of JSON is a resource, with the numbers that JavaScript would write otherwise', async () => {
    const body =
      '{"resourceType":"Observation","valueQuantity":{"value":1.50},"component":[{"valueInteger":2}]}';
    expect(await read(json, body)).toEqual({
      ok: true,
      value: {
        resource: {
          resourceType: 'Observation',
          valueQuantity: { value: 1.5 },
          component: [{ valueInteger: 2 }],
        },
        decimals: { '/valueQuantity/value': '1.50' },
      },
    });
  });

  test('of XML is the same', async () => {
    const body =
      '\uFEFF<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.50"/></valueQuantity></Observation>';
    expect(await read(xml, body)).toEqual({
      ok: true,
      value: {
        resource: { resourceType: 'Observation', valueQuantity: { value: 1.5 } },
        decimals: { '/valueQuantity/value': '1.50' },
      },
    });
  });

  test.each([
    ['of no media type', undefined, '{}', 'HDE_CONTENT_TYPE'],
    ['of another media type', 'text/plain', '{}', 'HDE_CONTENT_TYPE'],
    ['of nothing', json, '', 'HDE_PAYLOAD_EMPTY'],
    ['of spaces', xml, ' \n', 'HDE_PAYLOAD_EMPTY'],
    ['of a list', json, '[]', 'HDE_REQUEST_INVALID'],
    ['of null', json, 'null', 'HDE_REQUEST_INVALID'],
    ['without a type', json, '{"id":"a"}', 'HDE_REQUEST_INVALID'],
    ['of XML that is called JSON', json, '<Patient/>', 'HDE_REQUEST_INVALID'],
    ['of JSON that is called XML', xml, '{"resourceType":"Patient"}', 'HDE_REQUEST_INVALID'],
    ['with a number beyond all numbers', json, '{"resourceType":"A","a":1e999}', 'HDE_REQUEST_INVALID'],
  ])('%s is refused', async (_, contentType, body, code) => {
    expect(await refusal(contentType, body)).toEqual([
      [code, code === 'HDE_PAYLOAD_EMPTY' ? undefined : expect.any(String)],
    ]);
  });

  test('that is not UTF-8 is refused, because nobody knows its letters', async () => {
    const body = Buffer.from('{"resourceType":"Patient","name":[{"family":"Zo\u00eb"}]}', 'latin1');
    for (const contentType of [json, xml]) {
      expect(await refusal(contentType, body)).toEqual([
        ['HDE_REQUEST_INVALID', expect.stringContaining('UTF-8')],
      ]);
    }
  });

  test.each([
    ['{"resourceType":"Patient",\n "name": }', 'Line 2, column 10: This is not JSON.'],
    [
      '{"resourceType":"Patient",\n "id":"a", "id":"b"}',
      'Line 2, column 12: This key was given before in the same object.',
    ],
    [
      `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
      'Line 1, column 321: Objects and lists are nested at most 64 deep.',
    ],
    ['{"__proto__":{}}', 'Line 1, column 2: A key of this name is not taken.'],
  ])('that is not JSON, or not one meaning of it, is refused with its place: %s', async (body, detail) => {
    expect(await refusal(json, body)).toEqual([['HDE_REQUEST_INVALID', detail]]);
  });

  test('does not appear in what refuses it', async () => {
    const secret = 'Grabowski';
    const bodies = [`{"${secret}":1,"${secret}":2}`, `{"a":${secret}}`, `"${secret}"`];
    for (const body of bodies) expect(JSON.stringify(await refusal(json, body))).not.toContain(secret);
  });
});

describe('JSON text', () => {
  const resource = {
    resourceType: 'Observation',
    valueQuantity: { value: 1.5 },
    note: [],
    a: undefined,
    'x/~': [1, 2],
  };
  const decimals = { '/valueQuantity/value': '1.50', '/x~1~0/1': '2.0' };

  test('has numbers as they were written', () => {
    expect(toJson(resource, { decimals })).toBe(
      '{"resourceType":"Observation","valueQuantity":{"value":1.50},"note":[],"x/~":[1,2.0]}',
    );
  });

  test('has a number that was changed as it is now', () => {
    const changed = { ...resource, valueQuantity: { value: 3 } };
    expect(toJson(changed, { decimals })).toContain('"value":3}');
  });

  test('differs in nothing else from what JSON.stringify writes', () => {
    const numbers = { '/none': '1.0' };
    expect(toJson(resource, { decimals: numbers })).toBe(JSON.stringify(resource));
    expect(toJson(resource, { decimals: numbers, pretty: true })).toBe(JSON.stringify(resource, null, 2));
    expect(toJson(resource, { pretty: true })).toBe(JSON.stringify(resource, null, 2));
  });

  test('of a Bundle has the numbers of the resources in it', () => {
    const bundle = { resourceType: 'Bundle', entry: [{ resource }] };
    const nested = nestDecimals('/entry/0/resource', decimals);
    expect(toJson(bundle, { decimals: nested })).toContain('"value":1.50}');
  });
});
