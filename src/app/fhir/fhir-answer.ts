import type { Resource } from 'fhir/r4.js';
import type { RecordStore } from '../../ports/record-store.js';

/** What the FHIR use cases need. */
export interface FhirDependencies {
  readonly records: RecordStore;
  /** Base address of the FHIR API as clients see it, without a slash at its end. */
  readonly baseUrl: string;
}

/** What to answer to a FHIR request that succeeded; failures are thrown as `ExchangeError`. */
export interface FhirAnswer {
  readonly status: 200 | 304;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent with status 304 and for HEAD. */
  readonly resource?: Resource;
}

/** The media type of every FHIR body. */
export const fhirContentType = 'application/fhir+json; charset=utf-8';

/** The answer 200 with a body. */
export function answerWith(resource: Resource, headers: Readonly<Record<string, string>> = {}): FhirAnswer {
  return { status: 200, headers: { 'content-type': fhirContentType, ...headers }, resource };
}
