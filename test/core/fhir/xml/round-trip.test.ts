import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { isResourceType } from '../../../../src/core/fhir/elements.js';
import { toJson } from '../../../../src/core/fhir/json-text.js';
import { readJson } from '../../../../src/core/fhir/read-body.js';
import table from '../../../../src/core/fhir/r4-elements.json' with { type: 'json' };
import { fromXml } from '../../../../src/core/fhir/xml/from-xml.js';
import { toXml } from '../../../../src/core/fhir/xml/to-xml.js';
import { anyResource } from './any-resource.js';
import { canonical, throughXml } from './canonical.js';

describe('a resource that becomes XML and JSON again', () => {
  test('is byte for byte what it was, whatever R4 defines', () => {
    fc.assert(
      fc.property(
        anyResource(Object.keys(table).filter(isResourceType)),
        fc.boolean(),
        ({ json }, pretty) => {
          expect(canonical(throughXml(json, pretty))).toBe(canonical(json));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Files of a kind below a folder beside the repository; none where it is not at hand. */
const filesIn = (folder: string, ending: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .map((name) => join(folder, name))
    : [];

/** What an XML parser tells of a document: its tags with their attributes, in order, and the text of narratives. */
function eventsOf(text: string): string[] {
  const events: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const own = Object.values(attributes).filter(
      ({ prefix, uri: of }) => prefix !== 'xmlns' && !/XMLSchema|xmlns/.test(of),
    );
    events.push(
      `<${uri} ${local} ${own
        .map(({ name, value }) => `${name}=${value}`)
        .sort()
        .join(' ')}`,
    );
  });
  parser.on('closetag', ({ local }) => events.push(`>${local}`));
  parser.on('text', (content) => {
    if (content.trim() !== '') events.push(content);
  });
  parser.write(text).close();
  return events;
}

/** Not XML of FHIR: a comment of the editor stands as text in it. */
const faulty = 'CodeSystem-UKCore-EthnicCategoryScotland.xml';

const isXml = (text: string): boolean => /<\w+[^>]*xmlns="http:\/\/hl7.org\/fhir"/.test(text);

describe('what is published as R4 (skipped where it is not at hand)', () => {
  const xml = ['../shared/samples', '../shared/ukcore']
    .flatMap((folder) => filesIn(folder, '.xml'))
    .filter((file) => !file.endsWith(faulty) && isXml(readFileSync(file, 'utf8')));
  // A quarter of the definitions: they are large, and alike.
  const json = filesIn('../shared/ukcore', '.json')
    .filter((file) => file.includes('StructureDefinition-UKCore-'))
    .filter((_, index) => index % 4 === 0);
  const [testXml, testJson] = [xml, json].map((files) => (files.length > 0 ? test : test.skip));

  testXml?.('as XML is the same XML again after it was JSON', () => {
    let inOrder = 0;
    for (const file of xml) {
      const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
      const read = fromXml(text);
      if (!read.ok) throw new Error(`${file}: ${JSON.stringify(read.error)}`);
      const again = readJson(toJson(read.value.resource, read.value));
      if (!again.ok) throw new Error(`${file}: ${JSON.stringify(again.error)}`);
      const [before, after] = [eventsOf(text), eventsOf(toXml(again.value.resource, again.value))];
      expect({ file, events: [...after].sort() }).toEqual({ file, events: [...before].sort() });
      if (JSON.stringify(before) === JSON.stringify(after)) inOrder += 1;
    }
    // Some were written by hand, with elements in another order than that of their definition.
    expect(inOrder / xml.length).toBeGreaterThan(0.8);
  });

  testJson?.('as JSON is the same JSON again after it was XML', () => {
    for (const file of json) {
      const members = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object);
      // Notes of whoever packed them.
      const text = JSON.stringify(Object.fromEntries(members.filter(([key]) => !key.startsWith('__'))));
      expect({ file, text: canonical(throughXml(text)) }).toEqual({ file, text: canonical(text) });
    }
  });
});
