import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from 'fhir/r4.js';
import { linkResolver } from '../../../../src/core/fhir/transaction/links.js';
import { rewriteLinks } from '../../../../src/core/fhir/transaction/rewrite-links.js';

const urn = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
const home = 'http://here.example/fhir';
const targets = new Map([
  [`${home}/Patient/3`, 'Patient/3'],
  [urn, 'Patient/new'],
  ['http://old.example/fhir/Patient/1', 'Patient/one'],
  ['Patient?identifier=a|1', 'Patient/found'],
]);

describe('a relative reference that leads to no entry', () => {
  const from = (fullUrl: string, link: string) => linkResolver(targets, home, { fullUrl, isNew: true })(link);
  test.each([
    ['Patient/2', 'http://old.example/fhir/Patient/2'],
    ['Patient/2/_history/1#part', 'http://old.example/fhir/Patient/2/_history/1#part'],
    ['Patient/1', 'Patient/one'],
    ['Patient?identifier=a|1', 'Patient/found'],
    ['Patient?identifier=a|2', undefined],
    ['http://third.example/Patient/2', undefined],
    ['#contained', undefined],
    ['text', undefined],
  ])('of a resource of another server: %s means %s', (link, target) => {
    expect(from('http://old.example/fhir/Observation/5', link)).toBe(target);
  });

  test('of a resource of this server, or of none, stays', () => {
    for (const fullUrl of ['http://here.example/fhir/Observation/5', urn, ''])
      expect(from(fullUrl, 'Patient/2')).toBeUndefined();
  });
});

describe('a link', () => {
  const within = linkResolver(targets, home, { fullUrl: 'http://old.example/fhir/Observation/5' });
  test.each([
    [urn, 'Patient/new'],
    [`${urn}#part`, 'Patient/new#part'],
    ['http://old.example/fhir/Patient/1', 'Patient/one'],
    ['http://old.example/fhir/Patient/1/_history/3', 'Patient/one'],
    ['Patient/1', 'Patient/one'],
    ['Patient?identifier=a|1', 'Patient/found'],
    ['Patient/2', undefined],
    ['#contained', undefined],
    ['', undefined],
    [`${urn}0`, undefined],
  ])('%s means %s', (link, target) => {
    expect(within(link)).toBe(target);
  });

  test.each([
    [`${home}/Patient/3`, 'Patient/3'],
    [`${home}/Patient/3/_history/1`, undefined],
    ['Patient/3', 'Patient/3'],
    ['Patient/3/_history/1', undefined],
    ['Patient/3/_history/1#part', undefined],
    ['http://old.example/fhir/Patient/1/_history/1', 'Patient/one'],
  ])('to a version of a record of this server names it still: %s means %s', (link, target) => {
    for (const isNew of [true, false])
      expect(linkResolver(targets, home, { fullUrl: `${home}/Observation/5`, isNew })(link)).toBe(target);
  });

  test('that is relative means nothing in an entry that comes from nowhere', () => {
    expect(linkResolver(targets, home, { fullUrl: urn })('Patient/1')).toBeUndefined();
    expect(linkResolver(targets, home)('Patient/1')).toBeUndefined();
  });
});

describe('links in a resource', () => {
  const resolve = linkResolver(targets, home);

  test('are replaced where they are links, and nowhere else', () => {
    const make = (link: string, kept: string) => ({
      resourceType: 'Composition',
      identifier: { system: 'urn:ietf:rfc:3986', value: kept },
      status: 'final',
      title: kept,
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml">${kept}<a class="x" href="${link}">a</a><img alt='b' src='${link}'/></div>`,
      },
      subject: { reference: link, display: kept },
      extension: [
        { url: 'urn:x', valueUri: link },
        { url: 'urn:x', valueUrl: link },
        { url: 'urn:x', valueUuid: link },
        { url: 'urn:x', valueCanonical: kept },
        { url: 'urn:x', valueReference: { reference: link } },
        { url: 'urn:x', valueString: kept },
      ],
      _title: { extension: [{ url: 'urn:x', valueUri: link }] },
      section: [{ entry: [{ reference: link }] }],
      contained: [{ resourceType: 'Observation', status: 'final', subject: { reference: link } }],
    });
    expect(rewriteLinks(make(urn, urn) as unknown as Resource, resolve)).toEqual(make('Patient/new', urn));
  });

  test('that mean nothing stay, as all else does', () => {
    const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 5 });
    fc.assert(
      fc.property(json, (fields) => {
        const resource = { ...fields, resourceType: 'Observation' } as unknown as Resource;
        expect(rewriteLinks(resource, () => undefined)).toEqual(resource);
      }),
    );
  });

  test('are replaced one by one, whatever the number of entries', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 20 }), (uuids) => {
        const map = new Map(uuids.map((uuid, index) => [`urn:uuid:${uuid}`, `Observation/o${index}`]));
        const resource = {
          resourceType: 'DiagnosticReport',
          result: uuids.map((uuid) => ({ reference: `urn:uuid:${uuid}` })),
        } as unknown as Resource;
        expect(rewriteLinks(resource, linkResolver(map, home))).toMatchObject({
          result: uuids.map((_, index) => ({ reference: `Observation/o${index}` })),
        });
      }),
    );
  });
});
