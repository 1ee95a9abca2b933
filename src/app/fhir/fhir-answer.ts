import type { Resource } from 'fhir/r4.js';
import type { Decimals } from '../../core/fhir/decimals.js';
import { mediaTypes } from '../../core/fhir/format.js';
import type { Style } from '../../core/fhir/representation.js';
import type { RecordStore } from '../../ports/record-store.js';

/** What the FHIR use cases need. */
export interface FhirDependencies {
  readonly records: RecordStore;
  /** The records as they are, for which patients are linked; where this is absent, `records` are. Never to be answered with. */
  readonly stored?: Pick<RecordStore, 'readCurrent'>;
  /** In characters: what a page holds at most; where this is absent, `pageRoom`. */
  readonly room?: number;
  /** How often `records` were read so far, where it is counted (`countingReads`). */
  readonly reads?: () => number;
  /** Base address of the FHIR API as clients see it, without a slash at its end. */
  readonly baseUrl: string;
}

/** What to answer to a FHIR request that succeeded; failures are thrown as `ExchangeError`. */
export interface FhirAnswer {
  readonly status: 200 | 201 | 204 | 304;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent with status 204 and 304, for HEAD, and where a client wants none. */
  readonly resource?: Resource;
  /** Numbers of the resource as they were written. */
  readonly decimals?: Decimals;
  /** How the client wants it written; as its headers say where this is absent. */
  readonly style?: Style;
}

/** The media type of a FHIR body, unless the client wants another one. */
export const fhirContentType = mediaTypes.json;

/** The answer 200 with a body. */
export function answerWith(resource: Resource, headers: Readonly<Record<string, string>> = {}): FhirAnswer {
  return { status: 200, headers: { ...headers, 'content-type': fhirContentType }, resource };
}
