/** The official examples of FHIR R4, where `npm ci --prefix tools/r4-examples` has installed them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { isResourceType } from '../../src/core/fhir/elements.js';

const folder = 'tools/r4-examples/node_modules/hl7.fhir.r4.examples';

/** Definitions: thousands of one kind, made by a program. */
const isDefinition = (name: string): boolean =>
  /^(?:CodeSystem|ConceptMap|SearchParameter|StructureDefinition|ValueSet)-/.test(name);

/** Bundles of definitions have more than a body may. */
const largest = 1024 * 1024;

export interface Example {
  /** `Patient-example.json` */
  readonly name: string;
  readonly text: string;
  readonly resourceType: string;
}

/** In the order of their names; empty where they are not installed. */
export function readExamples(): readonly Example[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !isDefinition(name));
  return names.sort().flatMap((name) => {
    const file = join(folder, name);
    if (statSync(file).size > largest) return [];
    const text = readFileSync(file, 'utf8');
    const { resourceType = '' } = JSON.parse(text) as { resourceType?: string };
    return isResourceType(resourceType) ? [{ name, text, resourceType }] : [];
  });
}

/** Skips where the examples are not installed. */
export const testExamples = existsSync(folder) ? test : test.skip;
