import { describe, expect, test } from '@jest/globals';
import { type ErrorCode, errors } from '../../../src/core/errors.js';
import { errorCodeSystem, operationOutcome } from '../../../src/core/fhir/operation-outcome.js';

describe('operationOutcome', () => {
  test('renders code, text and place of a finding', () => {
    const outcome = operationOutcome([
      {
        code: 'HDE_SEARCH_PARAMETER',
        severity: 'warning',
        location: '_count',
        detail: 'Expected a whole number.',
      },
    ]);
    expect(outcome).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'warning',
          code: 'value',
          details: {
            coding: [{ system: 'urn:hde:error-code', code: 'HDE_SEARCH_PARAMETER' }],
            text: errors.HDE_SEARCH_PARAMETER.text,
          },
          diagnostics: '_count: Expected a whole number.',
        },
      ],
    });
  });

  test.each(['Patient.name', 'Patient.name[0].family', 'Observation.component[12].value'])(
    'gives the FHIRPath %s as an expression too',
    (location) => {
      const [issue] = operationOutcome([{ code: 'HDE_HL7_REQUIRED', severity: 'error', location }]).issue;
      expect(issue).toMatchObject({ expression: [location], diagnostics: location });
    },
  );

  test.each(['PID-3[2].1', 'OBX(3)-5[1]', 'MSH', '_count', 'row 3', 'parameter 2'])(
    'gives the place %s in the diagnostics only',
    (location) => {
      const [issue] = operationOutcome([{ code: 'HDE_HL7_REQUIRED', severity: 'error', location }]).issue;
      expect(issue).toMatchObject({ diagnostics: location });
      expect(issue).not.toHaveProperty('expression');
    },
  );

  test('says nothing of place and detail that a finding does not have', () => {
    const [issue] = operationOutcome([{ code: 'HDE_RESOURCE_NOT_FOUND', severity: 'error' }]).issue;
    expect(Object.keys(issue ?? {})).toEqual(['severity', 'code', 'details']);
  });

  test('keeps all findings in their order, whatever their code', () => {
    const codes = Object.keys(errors) as ErrorCode[];
    const { issue } = operationOutcome(codes.map((code) => ({ code, severity: 'error' })));
    expect(issue.map(({ details }) => details?.coding)).toEqual(
      codes.map((code) => [{ system: errorCodeSystem, code }]),
    );
    expect(issue.map(({ code }) => code)).toEqual(codes.map((code) => errors[code].fhir));
  });
});
