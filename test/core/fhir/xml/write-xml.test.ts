import { expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, Resource } from 'fhir/r4.js';
import { writeResource } from '../../../../src/core/fhir/representation.js';
import { fromXml } from '../../../../src/core/fhir/xml/from-xml.js';

const faulty = {
  resourceType: 'AllergyIntolerance',
  id: 'p.a',
  text: { status: 'generated', div: '<div>a<br>b</div>' },
} as Resource;
const sound = { resourceType: 'Observation', id: 'p.o', valueQuantity: { value: 1.5 } } as Resource;

async function inXml(resource: Resource, decimals = {}): Promise<string> {
  return writeResource(resource, { format: 'xml', pretty: false }, decimals);
}

async function entriesInXml(type: Bundle['type'], entry: BundleEntry[]): Promise<BundleEntry[]> {
  const decimals = { '/entry/1/resource/valueQuantity/value': '1.50' };
  const text = await inXml({ resourceType: 'Bundle', type, entry } as Bundle, decimals);
  const read = fromXml(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  expect(read.value.decimals).toEqual(decimals);
  return (read.value.resource as Bundle).entry ?? [];
}

const outcome = expect.objectContaining({
  resourceType: 'OperationOutcome',
  issue: [
    expect.objectContaining({ severity: 'warning', expression: ['AllergyIntolerance.text.div'] }) as unknown,
  ],
}) as unknown;

test('a record that XML cannot say does not keep a reader from the others of a search', async () => {
  const entries = await entriesInXml('searchset', [
    { fullUrl: 'https://x/AllergyIntolerance/p.a', resource: faulty, search: { mode: 'match' } },
    { fullUrl: 'https://x/Observation/p.o', resource: sound, search: { mode: 'match' } },
  ]);
  expect(entries).toEqual([
    { fullUrl: 'https://x/AllergyIntolerance/p.a', resource: outcome, search: { mode: 'outcome' } },
    { fullUrl: 'https://x/Observation/p.o', resource: sound, search: { mode: 'match' } },
  ]);
});

test('a version that XML cannot say stays an entry of its history', async () => {
  const request = { method: 'PUT', url: 'AllergyIntolerance/p.a' } as const;
  const response = { status: '200' };
  const entries = await entriesInXml('history', [
    { resource: faulty, request, response },
    { resource: sound, request, response },
  ]);
  expect(entries).toEqual([
    { request, response: { ...response, outcome } },
    { resource: sound, request, response },
  ]);
});

test('a record that XML cannot say is refused when it is asked for alone', async () => {
  await expect(inXml(faulty)).rejects.toMatchObject({ code: 'HDE_NOT_ACCEPTABLE' });
});
