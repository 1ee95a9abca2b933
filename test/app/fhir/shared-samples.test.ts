/** Every FHIR sample of others that is at hand, of R4, of STU3 and of none, posted by a client: it is stored as it is, or refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { findServedType } from '../../../src/core/fhir/interactions.js';
import { toJson } from '../../../src/core/fhir/json-text.js';
import { operationOutcome } from '../../../src/core/fhir/operation-outcome.js';
import { fromXml } from '../../../src/core/fhir/xml/from-xml.js';
import { canonical } from '../../core/fhir/xml/canonical.js';
import { type Api, send } from './arrange.js';

const root = '../shared/samples';
const filesIn = (folder: string, ending: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => join(folder, name))
    : [];

const r4 = filesIn('ukcore-examples/fhir-r4-xml', '.xml');
const stu3 = filesIn('ms-fhir-converter/stu3', '.json');
/** JSON that is no resource: without a type, or a list of parameters. */
const others = [...filesIn('ms-fhir-converter/fhir', '.json'), ...filesIn('dorset-hde/x26-json', '.json')];
const testSamples = stu3.length > 0 ? test : test.skip;

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8').replace(/^\uFEFF/, '');

/** The sample as JSON, with its numbers as they are written. */
function jsonOf(file: string): string {
  if (file.endsWith('.json')) return textOf(file);
  const read = fromXml(textOf(file));
  if (!read.ok) throw new Error(`${file}: ${JSON.stringify(read.error)}`);
  return toJson(read.value.resource, read.value);
}

/** Whoever a sample is about must be stored before it. */
async function storePatients(api: Api, json: string): Promise<void> {
  for (const id of new Set([...json.matchAll(/"Patient\/([A-Za-z0-9-]{1,37})"/g)].map(([, each]) => each)))
    await send(api, {
      method: 'PUT',
      target: `Patient/${id ?? ''}`,
      body: { resourceType: 'Patient', id: id ?? '' },
    });
}

/** What a record says, without what the exchange itself says of it. */
function saysOf(json: string): unknown {
  const { id: _id, meta, ...rest } = JSON.parse(canonical(json)) as { id?: string; meta?: object };
  const { versionId: _v, lastUpdated: _l, ...labels } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, ...(Object.keys(labels).length === 0 ? {} : { meta: labels }) };
}

/** Posts a sample to an exchange of its own: `stored`, when it is read as it was posted, or the code of the refusal. */
async function post(file: string): Promise<string> {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const json = jsonOf(file);
  await storePatients(api, json);
  const { resourceType = 'Patient' } = JSON.parse(json) as { resourceType?: string };
  const headers = { 'content-type': `application/fhir+${file.endsWith('.xml') ? 'xml' : 'json'}` };
  try {
    const created = await send(api, { method: 'POST', target: resourceType, headers, form: textOf(file) });
    const target = `${resourceType}/${created.resource?.id ?? ''}`;
    const { resource, decimals } = await send(api, { target });
    expect({ file, says: saysOf(toJson(resource!, { decimals: decimals ?? {} })) }).toEqual({
      ...{ file, says: saysOf(json) },
    });
    return 'stored';
  } catch (error) {
    // Whatever is thrown besides is answered by 500.
    if (!(error instanceof ExchangeError) || error.definition.http >= 500) throw error;
    const [issue] = operationOutcome([error.toIssue(), ...error.others]).issue;
    expect({ file, text: issue?.details?.text }).toEqual({ file, text: error.definition.text });
    return error.code;
  }
}

describe('a sample that a client posts (skipped where they are not at hand)', () => {
  testSamples('of R4 is stored and read as it was, unless its type is not served', async () => {
    for (const file of r4) {
      const type = /"resourceType":"(\w+)"/.exec(jsonOf(file))?.[1] ?? '';
      const isServed = findServedType(type) !== undefined;
      // Its subject is an entry of the Bundle that it was taken from.
      const isOrphan = file.endsWith('UKCore-Observation-Lab-Albumin-Example.xml');
      const notServed = type === 'Provenance' ? 'HDE_METHOD_NOT_ALLOWED' : 'HDE_TYPE_NOT_SUPPORTED';
      const expected = isOrphan ? 'HDE_PATIENT_UNKNOWN' : isServed ? 'stored' : notServed;
      expect({ file, outcome: await post(file) }).toEqual({ file, outcome: expected });
    }
    expect(r4.length).toBeGreaterThan(50);
  });

  testSamples('of STU3 is refused as no resource of R4, unless it says the same in R4', async () => {
    const sameInBoth = ['Location', 'Practitioner'];
    for (const file of stu3) {
      const type = file.replace(/^.*\/|\.json$/g, '');
      const served = sameInBoth.includes(type) ? 'stored' : 'HDE_RESOURCE_INVALID';
      const expected = findServedType(type) === undefined ? 'HDE_TYPE_NOT_SUPPORTED' : served;
      expect({ file, outcome: await post(file) }).toEqual({ file, outcome: expected });
    }
    expect(stu3.length).toBeGreaterThan(30);
  });

  testSamples('that is no resource is refused', async () => {
    for (const file of others)
      expect({ file, outcome: await post(file) }).toEqual({ file, outcome: 'HDE_REQUEST_INVALID' });
  });
});
