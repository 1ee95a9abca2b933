/** The conditions that a query is made of select what the criteria mean, over the wire, for records staged or not. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Resource } from 'fhir/r4.js';
import { createCosmosRecordStore } from '../../../src/adapters/cosmos/record-store.js';
import { containerOf, openCosmos } from '../../../src/adapters/cosmos/connect.js';
import { provisionCosmos } from '../../../src/adapters/cosmos/provision.js';
import type { Criterion } from '../../../src/core/fhir/search/criteria.js';
import { findParameter } from '../../../src/core/fhir/search/definitions.js';
import { matches } from '../../../src/core/fhir/search/match.js';
import { mergeIndexes } from '../../../src/core/fhir/search/merge-indexes.js';
import { parseSearch } from '../../../src/core/fhir/search-parameters.js';
import { referencesTo } from '../../../src/core/fhir/search/parse-values.js';
import { parseParameter } from '../../../src/core/fhir/search/parse-parameter.js';
import { indexResource } from '../../../src/core/fhir/search-index.js';
import { currentId, partitionOf, receiptId } from '../../../src/core/records/ids.js';
import type { CurrentDocument, RecordDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { startCosmosEndpoint } from '../../../local/cosmos/server.js';

const source = { messageId: 'm1', feed: 'pas', pack: { name: 'hl7v2-uk', version: '1.0.0' } };
const context = { baseUrl: 'https://hde.example/fhir', now: '2026-01-01T00:00:00.000Z' };

let store: RecordStore;
let close: () => Promise<void>;

beforeAll(async () => {
  const endpoint = await startCosmosEndpoint({ port: 0, ranges: 3 });
  const client = await openCosmos({ kind: 'connection-string', connectionString: endpoint.connectionString });
  await provisionCosmos(client);
  store = createCosmosRecordStore(containerOf(client, 'records'));
  close = async () => {
    client.dispose();
    await endpoint.close();
  };
}, 60_000);

afterAll(() => close());

const code = fc.constantFrom('a', 'b', 'B');
const concept = fc.record(
  {
    coding: fc.array(fc.record({ system: fc.constantFrom('urn:s', 'urn:t'), code }, { requiredKeys: [] }), {
      maxLength: 2,
    }),
    text: fc.constantFrom('Alpha', 'beta'),
  },
  { requiredKeys: [] },
);
const date = fc.constantFrom('2025', '2025-06', '2025-06-15', '2025-06-15T10:00:00Z');
const quantity = fc.record(
  { value: fc.constantFrom(4, 5, 5.4, 6), comparator: fc.constantFrom('<', '<=', '>', '>='), code },
  { requiredKeys: ['value'] },
);
const elements = fc.record(
  {
    status: fc.constantFrom('final', 'amended'),
    code: concept,
    identifier: fc.array(fc.record({ system: fc.constant('urn:i'), value: fc.constantFrom('1', '2') }), {
      maxLength: 2,
    }),
    effectiveDateTime: date,
    effectivePeriod: fc.record({ start: date, end: date }, { requiredKeys: [] }),
    valueQuantity: quantity,
    valueString: fc.constantFrom('O’Brien', 'obrien x', 'Zoë'),
    subject: fc.record({
      reference: fc.constantFrom('Patient/p', 'https://hde.example/fhir/Patient/p', 'Patient/q'),
    }),
    component: fc.array(fc.record({ code: concept, valueQuantity: quantity }), { maxLength: 2 }),
    meta: fc.record({ profile: fc.constant(['https://a.test/x/P|1']) }),
  },
  { requiredKeys: [] },
);

const prefix = fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');
const parameter: fc.Arbitrary<[string, string]> = fc.oneof(
  fc.tuple(
    fc.constantFrom('code', 'code:not', 'combo-code', 'identifier', 'status', 'status:not'),
    fc.constantFrom('a', 'urn:s|b', '|a', 'urn:s|', 'a,b', 'final', 'urn:i|1', '2'),
  ),
  fc.tuple(
    fc.constantFrom('code:text', 'value-string', 'value-string:contains', 'value-string:exact'),
    fc.constantFrom('al', 'O’Brien', 'bri', 'zoe', 'x'),
  ),
  fc.tuple(
    fc.constantFrom('date', '_lastUpdated'),
    fc.tuple(prefix, date).map((parts) => parts.join('')),
  ),
  fc.tuple(
    fc.constantFrom('value-quantity', 'combo-value-quantity'),
    fc.tuple(prefix, fc.constantFrom('5', '5.4', '4||a', '5||B')).map((parts) => parts.join('')),
  ),
  fc.tuple(
    fc.constantFrom('code-value-quantity', 'component-code-value-quantity'),
    fc.tuple(prefix, fc.constantFrom('5', '5.4||a')).map((parts) => `a$${parts.join('')}`),
  ),
  fc.tuple(
    fc.constantFrom('subject', 'patient', 'subject:Patient'),
    fc.constantFrom('p', 'Patient/q', 'p,q'),
  ),
  fc.tuple(
    fc.constantFrom(
      'code:missing',
      'date:missing',
      'value-quantity:missing',
      'subject:missing',
      'combo-code-value-quantity:missing',
    ),
    fc.constantFrom('true', 'false'),
  ),
  fc.tuple(
    fc.constantFrom('_profile', '_profile:below', '_profile:above'),
    fc.constantFrom('https://a.test/x/P', 'https://a.test/x'),
  ),
  fc.tuple(fc.constant('_id'), fc.constantFrom('none', 'none!')),
);

function criterionOf(parameters: readonly [string, string][]): Criterion {
  const of = parameters.map(([name, value]) => {
    const [base = '', modifier] = name.split(':', 2);
    const result = parseParameter(findParameter('Observation', base)!, modifier, value, context);
    if (!result.ok) throw new Error(`${name}=${value}: ${result.error}`);
    return result.value;
  });
  return { kind: 'all', of };
}

function aCurrent(fhirId: string, fields: object, versionId: number): CurrentDocument {
  const resource = { resourceType: 'Observation', id: fhirId, ...fields } as Resource;
  const at = `2025-06-15T10:00:00.00${versionId}Z`;
  return {
    ...{
      id: currentId('Observation', fhirId),
      kind: 'resource',
      partition: partitionOf(fhirId),
      resourceType: 'Observation',
      fhirId,
    },
    ...{ versionId, lastUpdated: at, eventTime: at, source, resource, lineage: { messages: [], rows: [] } },
    index: indexResource(resource),
  };
}

/** A record as it was, or one that message `m9` has staged in a partition where it is visible or not. */
function stored(
  fhirId: string,
  [before, after]: readonly [object | undefined, object | undefined],
): RecordDocument[] {
  const current = before && aCurrent(fhirId, before, 1);
  if (after === undefined) return current === undefined ? [] : [current];
  const next = aCurrent(fhirId, after, 2);
  const { id, partition, resourceType } = next;
  const index = mergeIndexes([...(current === undefined ? [] : [current.index]), next.index]);
  const staged = {
    id,
    kind: 'staged',
    partition,
    resourceType,
    fhirId,
    messageId: 'm9',
    stage: 1,
    lastUpdated: next.lastUpdated,
    index,
    next,
  } as const;
  return [current === undefined ? staged : { ...staged, current }];
}

const versions = fc.tuple(
  fc.option(elements, { nil: undefined }),
  fc.option(elements, { nil: undefined, freq: 3 }),
);

test('a query selects what the criteria mean', async () => {
  let run = 0;
  const runs = Number(process.env['HDE_SEARCH_CASES'] ?? 0) / 10;
  await fc.assert(
    fc.asyncProperty(
      fc.array(versions, { minLength: 1, maxLength: 6 }),
      fc.array(fc.array(parameter, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 8 }),
      fc.boolean(),
      async (records, queries, isVisible) => {
        run += 1;
        const partition = `r${run}`;
        const documents = records.flatMap((record, n) => stored(`${partition}.${n}`, record));
        if (isVisible) {
          const at = '2025-06-15T10:00:00.000Z';
          documents.push({
            ...{ id: receiptId('m9'), kind: 'receipt', partition, source, stage: 1 },
            ...{ eventTime: at, lastUpdated: at, changes: [] },
          });
        }
        await store.commit(
          partition,
          documents.map((document) => ({ kind: 'create', document })),
        );
        const seen = documents.flatMap((document) => {
          if (document.kind === 'resource') return [document];
          if (document.kind !== 'staged') return [];
          const visible = isVisible ? document.next : document.current;
          return visible?.kind === 'resource' ? [visible] : [];
        });
        for (const query of queries) {
          const criterion = criterionOf(query);
          const page = await store.findRecords(
            { resourceType: 'Observation', criterion, partition },
            { limit: 10 },
          );
          const found = page.documents.map(({ fhirId, versionId }) => `${fhirId} ${versionId}`);
          const expected = seen
            .filter((document) => matches(document, criterion))
            .map(({ fhirId, versionId }) => `${fhirId} ${versionId}`);
          expect({ query, found }).toEqual({ query, found: expected });
        }
      },
    ),
    { numRuns: Math.max(60, runs) },
  );
}, 600_000);

test('a query finds the places that are near, over the poles and the date line', async () => {
  const latitude = fc.constantFrom(-90, -89.99, 0, 51.5, 51.58, 66, 90);
  const longitude = fc.constantFrom(-180, -179.99, -0.1, 0, 0.08, 90, 179.99, 180);
  const distance = fc.constantFrom('0', '0.5', '5.6', '10', '1000', '10008', '20016', '20016|[mi_us]');
  let run = 0;
  let some = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ latitude, longitude }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(latitude, longitude, distance), { minLength: 5, maxLength: 10 }),
      async (positions, queries) => {
        run += 1;
        const partition = `near${run}`;
        const places = positions.map((position, n) => aPlace(`${partition}.${n}`, position));
        await store.commit(
          partition,
          places.map((document) => ({ kind: 'create', document })),
        );
        for (const query of queries) {
          const read = parseParameter(
            findParameter('Location', 'near')!,
            undefined,
            query.join('|'),
            context,
          );
          if (!read.ok) throw new Error(read.error);
          const search = { resourceType: 'Location', criterion: read.value, partition };
          const { documents } = await store.findRecords(search, { limit: 10 });
          const found = documents.map(({ fhirId }) => fhirId);
          const expected = places.filter((each) => matches(each, read.value)).map(({ fhirId }) => fhirId);
          expect({ query, found }).toEqual({ query, found: expected });
          if (found.length > 0 && found.length < places.length) some += 1;
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(some).toBeGreaterThan(20);
}, 120_000);

function aPlace(fhirId: string, position: object): CurrentDocument {
  const resource = { resourceType: 'Location', id: fhirId, position } as Resource;
  return {
    ...aCurrent(fhirId, {}, 1),
    ...{ id: currentId('Location', fhirId), resourceType: 'Location', resource },
    index: indexResource(resource),
  };
}

test('a value cannot end the text that it stands in', async () => {
  const evil = `a") OR true OR ("`;
  const criterion = criterionOf([['code', evil.replaceAll(',', '\\,')]]);
  expect(await store.findRecords({ resourceType: 'Observation', criterion }, { limit: 10 })).toEqual({
    documents: [],
  });
});

test('as many places as are taken are asked of the database, and no more', async () => {
  const places = Array.from({ length: 50 }, (_, i) => `-30.${i}|0|5`).join(',');
  const asked = (times: number) =>
    parseSearch(
      Array.from({ length: times }, () => ['near', places] as const),
      { ...context, type: 'Location', strict: true },
    );
  const parsed = asked(2);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const of = parsed.value.terms.map((term) => (term as { criterion: Criterion }).criterion);
  const search = { resourceType: 'Location', criterion: { kind: 'all', of } as const };
  expect((await store.findRecords(search, { limit: 10 })).documents).toEqual([]);
  expect(asked(3).ok).toBe(false);
});

test('a search as large as any that is taken is asked of the database', async () => {
  const codes = Array.from({ length: 100 }, (_, i) => `c${i}`).join(',');
  const parsed = parseSearch(
    Array.from({ length: 10 }, () => ['code', codes] as const),
    { ...context, type: 'Observation', strict: true },
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const own = parsed.value.terms.map((term) => (term as { criterion: Criterion }).criterion);
  // Each of five chains may lead to 200 resources, in two forms of their references.
  const targets = Array.from({ length: 200 }, (_, i) => `Encounter/p.${i}`);
  const chained = Array.from({ length: 5 }, () => referencesTo('encounter', targets, context.baseUrl));
  const criterion: Criterion = { kind: 'all', of: [...own, ...chained] };
  const page = await store.findRecords({ resourceType: 'Observation', criterion }, { limit: 10 });
  expect(page.documents).toEqual([]);
});
