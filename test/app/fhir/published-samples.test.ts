/** Examples that others published, stored by a client and read again: what comes out says what went in. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { findServedType } from '../../../src/core/fhir/interactions.js';
import { toJson } from '../../../src/core/fhir/json-text.js';
import { writeResource } from '../../../src/core/fhir/representation.js';
import { fromXml } from '../../../src/core/fhir/xml/from-xml.js';
import { canonical } from '../../core/fhir/xml/canonical.js';
import { type Api, send } from './arrange.js';

interface Sample {
  readonly name: string;
  readonly text: string;
  /** The same as JSON, with its numbers as they are written. */
  readonly json: string;
  readonly resource: Resource;
}

function readSample(file: string): Sample[] {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const read = fromXml(text);
  if (!read.ok) throw new Error(`${file}: ${JSON.stringify(read.error)}`);
  const { resource, ...numbers } = read.value;
  const isServed = findServedType(resource.resourceType) !== undefined;
  return isServed ? [{ name: basename(file), text, json: toJson(resource, numbers), resource }] : [];
}

const folder = '../shared/samples/ukcore-examples/fhir-r4-xml';
const samples = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.xml'))
      .flatMap((name) => readSample(join(folder, name)))
  : [];
const testSamples = samples.length > 0 ? test : test.skip;

/** Who the samples are about must be stored before them. */
async function storePatients(api: Api): Promise<void> {
  const named = samples.flatMap(({ json }) => [...json.matchAll(/"Patient\/([^"/]+)"/g)].map(([, id]) => id));
  for (const id of new Set(named)) {
    const body = { resourceType: 'Patient', id: id ?? '' };
    await send(api, { method: 'PUT', target: `Patient/${body.id}`, body });
  }
}

/** What the exchange itself says of a record. */
function withoutOwn(json: string): unknown {
  const { id: _id, meta, ...rest } = JSON.parse(canonical(json)) as Resource;
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...labels } = meta ?? {};
  return { ...rest, ...(Object.keys(labels).length === 0 ? {} : { meta: labels }) };
}

/** Numbers of a text as they are written: an object forgets their precision. */
const numbersOf = (json: string): string[] =>
  [...json.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)]
    .map(([token]) => token)
    .filter((token) => !token.startsWith('"'));

/** Creates a sample; the id that it got, or the code of the refusal. */
async function create(api: Api, { resource }: Sample, format: 'json' | 'xml', form: string): Promise<string> {
  const headers = { 'content-type': `application/fhir+${format}` };
  try {
    const { resource: created } = await send(api, {
      ...{ method: 'POST', target: resource.resourceType, headers, form },
    });
    return created?.id ?? '';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Its subject is an entry of the Bundle that it was taken from: a record about them would be found by nobody. */
const withoutPatient = 'UKCore-Observation-Lab-Albumin-Example.xml';

describe('examples of UK Core (skipped where they are not at hand)', () => {
  testSamples('are read as they were created, as JSON and as XML', async () => {
    const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
    await storePatients(api);
    for (const sample of samples) {
      const { name, text, json, resource } = sample;
      const before = { name, says: withoutOwn(json), numbers: numbersOf(canonical(json)) };
      for (const [format, form] of [
        ['json', json],
        ['xml', text],
      ] as const) {
        const id = await create(api, sample, format, form);
        const isRefused = id === 'HDE_PATIENT_UNKNOWN';
        expect({ name, isRefused }).toEqual({ name, isRefused: name === withoutPatient });
        if (isRefused) continue;
        const { resource: read, decimals } = await send(api, { target: `${resource.resourceType}/${id}` });
        for (const as of ['json', 'xml'] as const) {
          const written = await writeResource(read!, { format: as, pretty: false }, decimals);
          const back = as === 'json' ? written : jsonOf(written);
          expect({ name, says: withoutOwn(back), numbers: numbersOf(canonical(back)) }).toEqual(before);
        }
      }
    }
    expect(samples.length).toBeGreaterThan(35);
  });
});

function jsonOf(xml: string): string {
  const read = fromXml(xml);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return toJson(read.value.resource, read.value);
}
