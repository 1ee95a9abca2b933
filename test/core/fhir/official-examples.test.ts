/** Official examples of R4, of all its types: what the checks of a write find in them, and JSON through XML. */
import { describe, expect } from '@jest/globals';
import { checkCodes } from '../../../src/core/fhir/write/check-codes.js';
import { checkResource } from '../../../src/core/fhir/write/check-resource.js';
import { readExamples, testExamples } from '../../support/r4-examples.js';
import { canonical, throughXml } from './xml/canonical.js';

const examples = readExamples();

/** What is wrong with them: narratives of white space alone, and items without the linkId that R4 asks for. */
const faulty = {
  'ActivityDefinition-blood-tubes-supply.json': ['ActivityDefinition.text.div'],
  'ActivityDefinition-heart-valve-replacement.json': ['ActivityDefinition.text.div'],
  'EventDefinition-example.json': ['EventDefinition.text.div'],
  'Questionnaire-qs1.json': expect.arrayContaining(['Questionnaire.item[0].item[0].linkId']),
  'Questionnaire-zika-virus-exposure-assessment.json': ['Questionnaire.text.div'],
};

describe('official examples (skipped where they are not installed)', () => {
  testExamples('have the shape and the codes of R4, but for those that do not', () => {
    const found = examples.flatMap(({ name, text }) => {
      const resource: unknown = JSON.parse(text);
      const issues = [...checkResource(resource), ...checkCodes(resource)];
      return issues.length === 0 ? [] : [[name, issues.map(({ location }) => location)]];
    });
    expect(Object.fromEntries(found)).toEqual(faulty);
    expect(examples.length).toBeGreaterThan(750);
  });

  testExamples('are the same after JSON became XML and JSON again, with their numbers as written', () => {
    for (const { name, text } of examples)
      expect({ name, json: canonical(throughXml(text)) }).toEqual({ name, json: canonical(text) });
  });
});
