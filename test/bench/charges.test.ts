/** The measured charges that docs/reference/fhir-api.md shows are of what is served. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { accessParameters } from '../../bench/charges/uk-core-access.js';
import { fhirRoutes } from '../../src/core/fhir/interactions.js';

const charges = JSON.parse(readFileSync('bench/results/charges.json', 'utf8')) as {
  interactions: { interaction: string }[];
  parameters: { type: string; parameter: string; requestUnits: number; requests: number }[];
};

test('every interaction that is served has a charge', () => {
  const charged = new Set(charges.interactions.map(({ interaction }) => interaction.replace(/ \(.*$/, '')));
  const served = new Set(fhirRoutes.map(({ interaction }): string => interaction));
  expect([...served].filter((interaction) => !charged.has(interaction))).toEqual([]);
  // A batch is a transaction's route, too.
  expect([...charged].filter((interaction) => !served.has(interaction))).toEqual(['batch']);
});

test('every search parameter of UK Core Access has one, and none reads all records of its type', () => {
  const named = (rows: readonly { type: string; parameter: string }[]) =>
    rows.map(({ type, parameter }) => `${type} ${parameter}`);
  expect(named(charges.parameters)).toEqual(named(accessParameters));
  // What decides who may see the patients found is read of all of them at once.
  for (const { requestUnits, requests } of charges.parameters) {
    expect(requestUnits).toBeLessThan(30);
    expect(requests).toBeLessThan(8);
  }
});
