import { expect, test } from '@jest/globals';
import { fhirRoutes } from '../../../src/core/fhir/interactions.js';
import { actionsOfInteraction, purposeOf } from '../../../src/core/governance/access-vocabulary.js';

test('every route of the FHIR API has its actions, but those that are decided otherwise', () => {
  const open = ['transaction', 'capabilities'];
  for (const { interaction } of fhirRoutes)
    expect(open.includes(interaction) || Object.hasOwn(actionsOfInteraction, interaction)).toBe(true);
});

test.each([
  ['direct-care', 'direct-care'],
  ['directcare', 'direct-care'],
  ['ETREAT', 'direct-care'],
  ['HRESCH', 'research'],
  ['toString', undefined],
  ['', undefined],
])('the purpose %s is %s', (text, purpose) => {
  expect(purposeOf(text)).toBe(purpose);
});
