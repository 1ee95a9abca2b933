/**
 * Official examples of R4, stored by a client: read as they were, and found by every parameter that they have a value
 * for. What they have is selected by fhirpath.js from the published expressions.
 */
import { createRequire } from 'node:module';
import { beforeAll, describe, expect } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { findServedType, servedTypes } from '../../../src/core/fhir/interactions.js';
import { toJson } from '../../../src/core/fhir/json-text.js';
import { type ParameterDefinition, parametersOf } from '../../../src/core/fhir/search/definitions.js';
import { fieldsOf, listOf, textOf } from '../../../src/core/fhir/search/shapes.js';
import { canonical, xmlOf } from '../../core/fhir/xml/canonical.js';
import { type Example, readExamples, testExamples } from '../../support/r4-examples.js';
import { type Api, send } from './arrange.js';

const shared = ['Organization', 'Practitioner', 'Location', 'PractitionerRole'];
const turnOf = ({ resourceType }: Example): number =>
  resourceType === 'Patient' ? 0 : shared.includes(resourceType) ? 1 : 2;

/** Patients first, then what records refer to. */
const examples = readExamples()
  .filter(({ resourceType }) => findServedType(resourceType) !== undefined)
  .sort((a, b) => turnOf(a) - turnOf(b));

/** Refused, and why: a subject that is no patient or not stored, a person of another example, an actor without ODS code. */
const refusals = {
  HDE_PATIENT_DUPLICATE: 1,
  HDE_PATIENT_UNKNOWN: 15,
  HDE_CONSENT_UNCLEAR: 9,
};

const require = createRequire(import.meta.url);
type Evaluate = (resource: unknown, expression: string, environment: object, model: unknown) => unknown[];

/** What an expression selects; `resolve()` becomes a look at the reference. */
function select(resource: unknown, { expression, type }: ParameterDefinition): unknown[] {
  const { evaluate } = require('fhirpath') as { readonly evaluate: Evaluate };
  const model: unknown = require('fhirpath/fhir-context/r4');
  const path = expression.replace(
    /where\(resolve\(\) is (\w+)\)/g,
    (_, target: string) =>
      `where(reference.matches('(^|/)${target}/[^/]+$') or (reference.empty() and type = '${target}'))`,
  );
  // fhirpath.js converts quantities, and throws for those with a comparator.
  const hasComparator = type === 'quantity' && JSON.stringify(resource).includes('"comparator"');
  return hasComparator ? [] : evaluate(structuredClone(resource), path, {}, model);
}

const escaped = (text: unknown): string => String(text).replace(/[\\,|$]/g, '\\$&');
const telecoms = ['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'];

/** Searches for a value that must find it. */
const searchesFor: Record<string, (value: unknown) => string[]> = {
  token: (value) => {
    const fields = fieldsOf(value);
    if (fields === undefined) return [escaped(value)];
    if ('coding' in fields) return listOf(fields['coding']).flatMap((each) => searchesFor['token']!(each));
    const { system, code, value: text } = fields;
    if (code !== undefined) return [escaped(code), `${escaped(system ?? '')}|${escaped(code)}`];
    if (text === undefined) return [];
    return [telecoms.includes(String(system)) ? escaped(text) : `${escaped(system ?? '')}|${escaped(text)}`];
  },
  string: (value) => {
    const { family, given, text, city, postalCode, line } = fieldsOf(value) ?? { text: value };
    return [family, given, text, city, postalCode, line].flatMap(listOf).map(escaped);
  },
  date: (value) => {
    const date = textOf(value);
    if (date === undefined) return listOf(fieldsOf(value)?.['start']).map((start) => `ge${escaped(start)}`);
    return /^\d{4}/.test(date) ? [date, `ge${date}`, `le${date}`, date.slice(0, 4)] : [];
  },
  reference: (value) => {
    const reference = textOf(value) ?? textOf(fieldsOf(value)?.['reference']) ?? '#';
    return reference.startsWith('#') ? [] : [escaped(reference)];
  },
  quantity: (value) => {
    const { value: number, system, code } = fieldsOf(value) ?? {};
    if (typeof number !== 'number') return [];
    return [
      String(number),
      ...(code === undefined ? [] : [`${String(number)}|${escaped(system)}|${escaped(code)}`]),
    ];
  },
  number: (value) => [String(value)],
  uri: (value) => [escaped(value)],
};

/** A text in another alphabet has no sound; what a plan schedules by a text is not indexed as a date. */
const isOfNone = (code: string, search: string): boolean =>
  code === 'activity-date' || (code === 'phonetic' && !/^[a-z]/i.test(search));

/** What a record says, without what the exchange says of it. */
function saysOf(json: string): unknown {
  const { id: _id, meta = {}, ...rest } = JSON.parse(canonical(json)) as { id?: string; meta?: object };
  const { versionId: _v, lastUpdated: _l, ...labels } = meta as Record<string, unknown>;
  return { ...rest, ...(Object.keys(labels).length === 0 ? {} : { meta: labels }) };
}

/** The id under which an example was stored, or the code of its refusal. */
async function post(api: Api, { resourceType, text }: Example, format: 'json' | 'xml'): Promise<string> {
  const { id = '' } = JSON.parse(text) as { id?: string };
  const place =
    resourceType === 'Patient'
      ? { method: 'PUT', target: `Patient/${id}` }
      : { method: 'POST', target: resourceType };
  const headers = { 'content-type': `application/fhir+${format}` };
  const form = format === 'xml' ? xmlOf(text) : text;
  return (await send(api, { ...place, headers, form })).resource?.id ?? '';
}

describe('official examples of what is served (skipped where they are not installed)', () => {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };

  beforeAll(async () => {
    const named = examples.flatMap(({ text }) =>
      [...text.matchAll(/"Patient\/([^"/]+)"/g)].map(([, id]) => id ?? ''),
    );
    const given = new Set(examples.flatMap(({ name }) => /^Patient-(.+)\.json$/.exec(name)?.[1] ?? []));
    for (const id of new Set(named.filter((each) => !given.has(each))))
      await send(api, {
        method: 'PUT',
        target: `Patient/${id}`,
        body: { resourceType: 'Patient', id },
      });
  });

  testExamples(
    'are read as they were created, and found by all that they say',
    async () => {
      const refused: Record<string, number> = {};
      const lost: string[] = [];
      let searches = 0;
      for (const example of examples) {
        const { name, text, resourceType } = example;
        for (const format of ['json', 'xml'] as const) {
          const id = await post(api, example, format).catch((error: unknown) => {
            if (!(error instanceof ExchangeError)) throw error;
            return error;
          });
          if (id instanceof ExchangeError) {
            if (format === 'json') refused[id.code] = (refused[id.code] ?? 0) + 1;
            continue;
          }
          const { resource, decimals = {} } = await send(api, { target: `${resourceType}/${id}` });
          expect({ name, says: saysOf(toJson(resource!, { decimals })) }).toEqual({
            name,
            says: saysOf(text),
          });
          if (format === 'xml') continue;
          for (const definition of parametersOf(resourceType)) {
            const { code, type, isPresence } = definition;
            if (type === 'composite' || isPresence === true || ['_id', '_lastUpdated'].includes(code))
              continue;
            for (const search of new Set(select(resource, definition).flatMap(searchesFor[type]!))) {
              if (isOfNone(code, search)) continue;
              searches += 1;
              const target = `${resourceType}?${new URLSearchParams({ _id: id, [code]: search }).toString()}`;
              const { entry = [] } = (await send(api, { target })).resource as Bundle;
              if (!entry.some((each) => each.resource?.id === id)) lost.push(`${name} ${code}=${search}`);
            }
          }
        }
      }
      expect(lost).toEqual([]);
      expect(refused).toEqual(refusals);
      expect(searches).toBeGreaterThan(3000);
      expect(new Set(examples.map(({ resourceType }) => resourceType)).size).toBe(servedTypes.length);
    },
    120_000,
  );
});
