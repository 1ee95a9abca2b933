/** What a batch or a transaction answers: one entry for each, in the order in which they were asked. */
import type { Bundle, BundleEntry, OperationOutcome, Resource } from 'fhir/r4.js';
import { type Decimals, nestDecimals } from '../decimals.js';

/** The answer to one entry, as that to a request of its own would be. */
export interface EntryAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource?: Resource;
  readonly decimals?: Decimals;
}

/** The phrases of RFC 9110 section 15 for what is answered here. */
const phrases: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The Bundle of type batch-response or transaction-response (FHIR R4 section 3.1.0.11.3), with its numbers as written. */
export function answerBundle(
  type: 'batch' | 'transaction',
  answers: readonly EntryAnswer[],
  baseUrl: string,
): { readonly resource: Bundle; readonly decimals: Decimals } {
  const entry = answers.map((answer) => entryOf(answer, baseUrl));
  const decimals = answers.flatMap((answer, index) =>
    Object.entries(nestDecimals(`/entry/${index}/resource`, answer.decimals)),
  );
  return {
    resource: {
      ...{ resourceType: 'Bundle', type: `${type}-response` },
      // FHIR JSON has no empty arrays (R4 section 2.6.2).
      ...(entry.length === 0 ? {} : { entry }),
    },
    decimals: Object.fromEntries(decimals),
  };
}

function entryOf({ status, headers, resource }: EntryAnswer, baseUrl: string): BundleEntry {
  const { location, etag } = headers;
  const lastModified = lastModifiedOf(headers, resource);
  const isOutcome = resource?.resourceType === 'OperationOutcome';
  const response = {
    status: `${status} ${phrases[status] ?? ''}`.trim(),
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(isOutcome ? { outcome: resource as OperationOutcome } : {}),
  };
  if (resource === undefined || isOutcome) return { response };
  const { resourceType, id } = resource;
  return {
    ...(id === undefined ? {} : { fullUrl: `${baseUrl}/${resourceType}/${id}` }),
    ...{ resource, response },
  };
}

/** An instant: as the resource says it, since a header counts whole seconds. */
function lastModifiedOf(headers: EntryAnswer['headers'], resource: Resource | undefined): string | undefined {
  const header = headers['last-modified'];
  if (header === undefined) return undefined;
  return resource?.meta?.lastUpdated ?? new Date(header).toISOString();
}
