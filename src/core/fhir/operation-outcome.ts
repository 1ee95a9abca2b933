import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import type { ErrorDefinition } from '../error-definition.js';
import { errors, type Issue } from '../errors.js';

/** The coding system of the codes `HDE_*` in `OperationOutcome.issue.details`. */
export const errorCodeSystem = 'urn:hde:error-code';

/** `Patient.name[0].family`; a place in an HL7 v2 message (`PID-5[1].1`) or a parameter is not one. */
const fhirPath = /^[A-Z][A-Za-z]+(\.[a-z][A-Za-z0-9]*(\[\d+\])?)+$/;

/**
 * Renders findings as FHIR: code and text come from the registry, place and expectation from the finding, so that no
 * value of the input can appear. A place is an `expression` only where it is a FHIRPath (FHIR R4 section 2.36).
 *
 * @param issues at least one: `OperationOutcome.issue` is 1..*
 */
export function operationOutcome(issues: readonly Issue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map(renderIssue) };
}

function renderIssue({ code, severity, location, detail }: Issue): OperationOutcomeIssue {
  const definition: ErrorDefinition = errors[code];
  const diagnostics = [location, detail].filter((part) => part !== undefined).join(': ');
  return {
    severity,
    code: definition.fhir,
    details: { coding: [{ system: errorCodeSystem, code }], text: definition.text },
    ...(diagnostics === '' ? {} : { diagnostics }),
    ...(location !== undefined && fhirPath.test(location) ? { expression: [location] } : {}),
  };
}
