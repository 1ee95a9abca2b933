/** Names of JSON in `_format` (FHIR R4 section 3.1.0.1.11); an unescaped `+` arrives as a space. */
const jsonNames: ReadonlySet<string> = new Set([
  'json',
  'text/json',
  'application/json',
  'application/fhir+json',
  'application/fhir json',
]);

/** Media ranges of Accept that take FHIR JSON. */
const jsonRanges: ReadonlySet<string> = new Set([
  '*/*',
  'application/*',
  'application/json',
  'application/fhir+json',
]);

/**
 * Whether a client takes FHIR R4 as JSON, the one format served. `_format` outranks Accept; a client that says
 * nothing takes anything (FHIR R4 sections 3.1.0.1.11 and 3.1.0.1.12).
 *
 * @param formats values of `_format`, decoded
 */
export function acceptsJson(formats: readonly string[], accept: string | undefined): boolean {
  if (formats.length > 0) return formats.every((format) => isJson(format, jsonNames));
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => isJson(range, jsonRanges));
}

/** A media range with its parameters: quality 0 refuses it (RFC 9110 section 12.4.2), fhirVersion must be R4's. */
function isJson(range: string, names: ReadonlySet<string>): boolean {
  const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  return (
    names.has(name) &&
    parameters.every((parameter) => {
      const [key = '', value = ''] = parameter.split('=').map((part) => part.trim().replaceAll('"', ''));
      if (key === 'q') return Number(value) > 0;
      return key !== 'fhirversion' || value === '4.0' || value === '4.0.1';
    })
  );
}
