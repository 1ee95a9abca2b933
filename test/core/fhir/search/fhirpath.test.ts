import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { compileTree, visitElement } from '../../../../src/core/fhir/search/compile.js';
import {
  parameterisedTypes,
  parametersOf,
  type ParameterDefinition,
} from '../../../../src/core/fhir/search/definitions.js';
import { convert } from '../../../../src/core/converter/convert.js';
import { extractOf } from '../../../../src/core/fhir/search/extract.js';
import { dayMessages, sharedMessages } from '../../mapping/corpus.js';
import { anyResource } from './any-resource.js';

type Evaluate = (resource: unknown, environment?: object) => unknown[];
interface FhirPath {
  readonly compile: (expression: string, model: unknown) => Evaluate;
}

const require = createRequire(import.meta.url);

/** The package as a peer to compare with; undefined where it is not installed. */
function loadPeer(): { readonly fhirpath: FhirPath; readonly model: unknown } | undefined {
  try {
    return {
      fhirpath: require('fhirpath') as FhirPath,
      model: require('fhirpath/fhir-context/r4') as unknown,
    };
  } catch {
    return undefined;
  }
}

const peer = loadPeer();

/** What `resolve() is` asks for, without looking anything up. */
const withoutResolve = (expression: string) =>
  expression.replace(/where\(resolve\(\) is (\w+)\)/g, (_, type: string) => {
    const address = `(^|/)${type}/[^/]+(/_history/[^/]+)?$`;
    return `where(reference.matches('${address}') or (reference.empty() and type = '${type}'))`;
  });

/** Of the choices that R4's expressions leave open, types that the kind of parameter cannot be about. */
const unfit: Readonly<Record<string, string>> = {
  'CarePlan activity-date': 'CarePlan.activity.detail.scheduled.ofType(string)',
  'Consent source-reference': 'Consent.source.ofType(Attachment)',
  'Immunization date': 'Immunization.occurrence.ofType(string)',
  'Procedure date': ['string', 'Age', 'Range']
    .map((type) => `Procedure.performed.ofType(${type})`)
    .join(' | '),
};

/** Without repeats: a union of FHIRPath has none. */
const inOrder = (nodes: readonly unknown[]) => [...new Set(nodes.map((node) => JSON.stringify(node)))].sort();

/** What our tree selects for each parameter. */
function selectAll(definitions: readonly ParameterDefinition[], resource: unknown): Map<string, unknown[]> {
  const selected = new Map<string, unknown[]>(definitions.map(({ code }) => [code, []]));
  const tree = compileTree(definitions, (code, kind, datatype) => {
    if (extractOf(code, kind, datatype) === undefined) return undefined;
    return (value) => selected.get(code)?.push(value);
  });
  visitElement(tree, resource, {});
  return selected;
}

/** The parameters of a type that select values. */
const selecting = (type: string) =>
  parametersOf(type).filter(({ type: kind, isPresence }) => kind !== 'composite' && isPresence !== true);

/** Compares what both select from resources of a type. */
function compareFor(type: string): (resource: unknown) => void {
  const { fhirpath, model } = peer!;
  const definitions = selecting(type);
  const peers = definitions.map(({ code, expression }) => ({
    code,
    select: fhirpath.compile(withoutResolve(expression), model),
    leave: fhirpath.compile(unfit[`${type} ${code}`] ?? '{}', model),
  }));
  return (resource) => {
    const selected = selectAll(definitions, resource);
    for (const { code, select, leave } of peers) {
      const left = new Set(inOrder(leave(resource)));
      const expected = inOrder(select(resource)).filter((node) => !left.has(node));
      expect([code, inOrder(selected.get(code) ?? [])]).toEqual([code, expected]);
    }
  };
}

(peer === undefined ? describe.skip : describe)('what expressions select is what fhirpath.js selects', () => {
  test.each(parameterisedTypes)('of any %s', (type) => {
    fc.assert(fc.property(anyResource(type), compareFor(type)), { numRuns: 15 });
  });

  test.each([
    ['the sample day', dayMessages(25)],
    ['other samples, where they are present', sharedMessages()],
  ])('of the records of %s', (_, messages) => {
    const resources = messages.flatMap(({ text }) => {
      const { entry = [] } = convert(text, { format: 'hl7v2' }).bundle;
      return entry.flatMap(({ resource }) => resource ?? []);
    });
    for (const type of new Set(resources.map(({ resourceType }) => resourceType))) {
      const compare = compareFor(type);
      for (const resource of resources) if (resource.resourceType === type) compare(resource);
    }
  });
});

test('every parameter that is compared has values in some resource', () => {
  for (const type of parameterisedTypes) {
    const definitions = selecting(type);
    const found = new Set<string>();
    for (const resource of fc.sample(anyResource(type), { numRuns: 30, seed: 17 })) {
      for (const [code, nodes] of selectAll(definitions, resource)) if (nodes.length > 0) found.add(code);
    }
    const missing = definitions.filter(({ code }) => !found.has(code));
    expect([type, missing.map(({ code }) => code)]).toEqual([type, []]);
  }
});
