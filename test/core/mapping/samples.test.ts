/** Third-party messages that are not part of the repository: the tests say so where they are absent. */
import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { convert } from '../../../src/core/converter/convert.js';
import { requiredElementFaults } from './required-elements.js';

const SHARED = join(import.meta.dirname, '../../../../shared');
const SAMPLES = join(SHARED, 'samples');
const SNAPSHOTS = join(SHARED, 'ukcore/snapshots');

const files = existsSync(SAMPLES)
  ? readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /hl7v2\/(ADT|ORU)_.*\.hl7$/.test(file),
    )
  : [];
const when = (present: boolean) => (present ? describe : describe.skip);

/** Moves, merges of several patients and messages without any time: refused by name rather than misread. */
const REFUSED = new Set(['HDE_HL7_TYPE_UNSUPPORTED', 'HDE_HL7_NO_PATIENT', 'HDE_HL7_REQUIRED']);

function resourcesOf(file: string): Resource[] {
  try {
    const { bundle } = convert(readFileSync(join(SAMPLES, file)), { format: 'hl7v2' });
    return bundle.entry?.map(({ resource }) => resource!) ?? [];
  } catch (error) {
    if (error instanceof ExchangeError && REFUSED.has(error.code)) return [];
    throw error;
  }
}

when(files.length > 0)('sample messages (skipped where ../shared/samples is absent)', () => {
  test('are converted, or refused for what they are', () => {
    const converted = files.filter((file) => resourcesOf(file).length > 0);
    expect(converted.length / files.length).toBeGreaterThan(0.85);
  });
});

when(files.length > 0 && existsSync(SNAPSHOTS))(
  'their records (skipped where ../shared/ukcore is absent)',
  () => {
    test('have every element that their UK Core profiles require, and no other elements', () => {
      const faults = files.flatMap((file) =>
        resourcesOf(file).flatMap((resource) =>
          requiredElementFaults(resource, SNAPSHOTS).map((fault) => `${file}: ${fault}`),
        ),
      );
      expect(faults).toEqual([]);
    });
  },
);
