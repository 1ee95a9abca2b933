import type { ExportLevel } from './read-export.js';

const guide = 'http://hl7.org/fhir/uv/bulkdata';

/** The capabilities of FHIR Bulk Data Access. */
export const bulkDataCapabilities = `${guide}/CapabilityStatement/bulk-data`;

/** `$export`, as the CapabilityStatement names it. It is carried out beside the API (docs/guides/export.md). */
export const exportOperation = (level: ExportLevel) => ({
  name: 'export',
  definition: `${guide}/OperationDefinition/${level === 'patient' ? 'patient-export' : 'export'}`,
  documentation: 'By GET or POST with Prefer: respond-async; _type, _since and _outputFormat.',
});
