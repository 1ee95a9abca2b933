/**
 * The registry of every error the exchange can answer with. OperationOutcomes, HL7 acknowledgements, triage
 * entries and docs/reference/errors.md are all rendered from it.
 */

import { define, type ErrorDefinition } from './error-definition.js';
import { fhirErrors } from './fhir-errors.js';

export const errors = {
  HDE_UNAUTHENTICATED: define(401, 'login', 'AR', '207', 'reject', 'A valid bearer token is required.'),
  HDE_FORBIDDEN: define(403, 'forbidden', 'AR', '207', 'reject', 'The token does not allow this operation.'),
  HDE_CERTIFICATE_NEEDED: define(
    401,
    'login',
    'AR',
    '207',
    'reject',
    'The request needs a client certificate that is registered for this client, or that its token is bound to.',
  ),
  HDE_CLIENT_REFUSED: define(
    400,
    'login',
    'AR',
    '207',
    'reject',
    'The client is not registered here, or its assertion does not prove that it is the one.',
  ),
  HDE_GRANT_UNSUPPORTED: define(
    400,
    'not-supported',
    'AR',
    '207',
    'reject',
    'Tokens are given for client_credentials only.',
  ),
  HDE_SCOPE_REFUSED: define(
    400,
    'forbidden',
    'AR',
    '207',
    'reject',
    'None of the scopes that were asked for is registered for this client.',
  ),
  HDE_ROUTE_NOT_FOUND: define(
    404,
    'not-found',
    'AR',
    '207',
    'reject',
    'There is nothing at this address, or not for this method.',
  ),
  HDE_FEED_UNKNOWN: define(404, 'not-found', 'AR', '207', 'reject', 'No feed of this name is configured.'),
  HDE_RECEIPT_NOT_FOUND: define(404, 'not-found', 'AR', '207', 'reject', 'No message has this receipt id.'),
  HDE_RESOURCE_NOT_FOUND: define(
    404,
    'not-found',
    'AR',
    '207',
    'reject',
    'No resource has this type and id.',
  ),
  HDE_HEADER_NEEDED: define(
    400,
    'required',
    'AR',
    '101',
    'reject',
    'The headers organisation-code, source-domain and data-type are needed.',
  ),
  HDE_PATIENTS_SEVERAL: define(
    409,
    'multiple-matches',
    'AE',
    '204',
    'reject',
    'Several patients match: say more, or search /fhir/Patient, which lists them all.',
  ),
  ...fhirErrors,
  HDE_TYPE_NOT_SUPPORTED: define(
    404,
    'not-supported',
    'AR',
    '207',
    'reject',
    'This resource type is not served.',
  ),
  HDE_NOT_ACCEPTABLE: define(
    406,
    'not-supported',
    'AR',
    '207',
    'reject',
    'The answer exists in no format that was asked for.',
  ),
  HDE_RESULT_INCOMPLETE: define(200, 'too-costly', 'AE', '207', 'reject', 'The result leaves something out.'),
  HDE_METHOD_NOT_ALLOWED: define(
    405,
    'not-supported',
    'AR',
    '207',
    'reject',
    'This method is not allowed here.',
  ),
  HDE_SEARCH_PARAMETER: define(
    400,
    'value',
    'AE',
    '102',
    'reject',
    'A search parameter is missing, unknown or malformed.',
  ),
  HDE_REQUEST_INVALID: define(
    400,
    'invalid',
    'AE',
    '102',
    'reject',
    'The body of the request is not what this operation takes.',
  ),
  HDE_MESSAGE_STATUS: define(
    409,
    'conflict',
    'AE',
    '207',
    'reject',
    'The status of the message does not allow this.',
  ),
  HDE_CORRECTION_PENDING: define(
    409,
    'conflict',
    'AE',
    '207',
    'triage',
    'The edited copy has not taken the place of its original: resubmit it, or dismiss it.',
  ),
  HDE_GLASS_REVIEWED: define(
    409,
    'conflict',
    'AE',
    '207',
    'reject',
    'Somebody has reviewed this broken glass already.',
  ),
  HDE_PAYLOAD_TOO_LARGE: define(
    413,
    'too-long',
    'AR',
    '207',
    'reject',
    'The body is larger than is allowed here.',
  ),
  HDE_PAYLOAD_INCOMPLETE: define(
    400,
    'structure',
    'AE',
    '207',
    'reject',
    'The body broke off before its end.',
  ),
  HDE_PAYLOAD_EMPTY: define(400, 'required', 'AR', '101', 'reject', 'The body is empty.'),
  HDE_CONTENT_TYPE: define(
    415,
    'not-supported',
    'AR',
    '207',
    'reject',
    'The content type is not one that is taken here.',
  ),
  HDE_CONTROL_ID_REUSED: define(
    409,
    'duplicate',
    'AE',
    '205',
    'reject',
    'This control id was used before by a message with other content.',
  ),
  HDE_HL7_NO_MSH: define(
    400,
    'structure',
    'AR',
    '100',
    'triage',
    'The message does not begin with an MSH segment.',
  ),
  HDE_HL7_DELIMITERS: define(
    400,
    'structure',
    'AR',
    '102',
    'triage',
    'MSH-1 and MSH-2 do not declare usable delimiters.',
  ),
  HDE_HL7_ENCODING: define(
    400,
    'structure',
    'AE',
    '102',
    'triage',
    'The bytes do not fit the character set that MSH-18 declares.',
  ),
  HDE_HL7_SEGMENT: define(
    400,
    'structure',
    'AE',
    '100',
    'triage',
    'A segment does not begin with a three-character name.',
  ),
  HDE_HL7_REQUIRED: define(400, 'required', 'AE', '101', 'triage', 'A required field is empty.'),
  HDE_HL7_DATA_TYPE: define(
    422,
    'value',
    'AE',
    '102',
    'triage',
    'A field does not hold a value of its data type.',
  ),
  HDE_HL7_TYPE_UNSUPPORTED: define(
    422,
    'not-supported',
    'AR',
    '200',
    'triage',
    'No mapping exists for this message type.',
  ),
  HDE_HL7_NO_PATIENT: define(
    422,
    'required',
    'AE',
    '101',
    'triage',
    'The message identifies no patient (PID-3).',
  ),
  HDE_HL7_NO_MERGE_SOURCE: define(
    422,
    'required',
    'AE',
    '101',
    'triage',
    'The merge names no prior identifier (MRG-1).',
  ),
  HDE_MESSAGE_TOO_LARGE: define(
    422,
    'too-costly',
    'AE',
    '207',
    'triage',
    'A record of the message is too large to be stored.',
  ),
  HDE_MAPPING_FAILED: define(500, 'exception', 'AE', '207', 'triage', 'The mapping failed on this message.'),
  HDE_IDENTITY_CONFLICT: define(
    409,
    'conflict',
    'AE',
    '204',
    'triage',
    'The identifiers of the message belong to different people.',
  ),
  HDE_VISIT_MOVED: define(
    409,
    'business-rule',
    'AE',
    '207',
    'triage',
    'A visit was moved to another patient; look at what else was filed under it.',
  ),
  HDE_DELIVERY_EXHAUSTED: define(
    500,
    'exception',
    'AE',
    '207',
    'triage',
    'The message could not be processed after several attempts.',
  ),
  HDE_EVENT_IN_FUTURE: define(
    422,
    'value',
    'AE',
    '102',
    'triage',
    'The event time lies in the future; the time of receipt counts instead.',
  ),
  HDE_BIRTH_DATE_DIFFERS: define(
    409,
    'conflict',
    'AE',
    '204',
    'triage',
    'The birth date differs from the one first known with this identifier.',
  ),
  HDE_MERGE_WAITS: define(
    503,
    'transient',
    'AE',
    '206',
    'retry',
    'The merge waits for earlier messages about the retired patient.',
  ),
  HDE_CONCURRENT_UPDATE: define(
    409,
    'conflict',
    'AE',
    '206',
    'retry',
    'The record was changed by another message at the same time.',
  ),
  HDE_DEPENDENCY_UNAVAILABLE: define(
    503,
    'transient',
    'AE',
    '207',
    'retry',
    'A service that the exchange depends on is not available. Try again later.',
  ),
  HDE_THROTTLED: define(503, 'throttled', 'AE', '207', 'retry', 'The exchange is busy. Try again later.'),
  HDE_RATE_LIMITED: define(
    429,
    'throttled',
    'AE',
    '207',
    'retry',
    'This client sends more requests than it may. Try again later.',
  ),
  HDE_INTERNAL: define(
    500,
    'exception',
    'AE',
    '207',
    'retry',
    'An unexpected error occurred. Quote the trace id to support.',
  ),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof errors;

/** One finding about an input: a registered code and its place (`PID-3[2].1`, a FHIRPath, a row and column). */
export interface Issue {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning' | 'information';
  /** Where in the input; absent only when the whole input is meant. */
  readonly location?: string;
  /** What was expected there; never a value from the input. */
  readonly detail?: string;
}

/** A failure with a registered code. Thrown or returned; never carries patient data in its message. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: ErrorCode;
  readonly definition: ErrorDefinition;
  readonly location: string | undefined;
  readonly detail: string | undefined;
  /** Seconds after which a retry makes sense, where the failing service said so. */
  readonly retryAfterSeconds: number | undefined;
  /** Further findings about the same input. */
  readonly others: readonly Issue[];

  constructor(
    code: ErrorCode,
    options: {
      location?: string;
      detail?: string;
      retryAfterSeconds?: number;
      others?: readonly Issue[];
      cause?: unknown;
    } = {},
  ) {
    const definition: ErrorDefinition = errors[code];
    super(definition.text, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.definition = definition;
    this.location = options.location;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.others = options.others ?? [];
  }

  /** The same failure as a finding. */
  toIssue(): Issue {
    return {
      code: this.code,
      severity: 'error',
      ...(this.location === undefined ? {} : { location: this.location }),
      ...(this.detail === undefined ? {} : { detail: this.detail }),
    };
  }
}
