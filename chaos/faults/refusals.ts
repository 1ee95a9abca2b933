/** How the stores say "too many requests" and "not now". */
import type { Random } from '../random.js';
import type { Refusal } from './http-proxy.js';

/** Azure Cosmos DB: 429 with a hint in milliseconds, 503. */
export function refuseAsCosmos(fault: 'throttled' | 'unavailable', random: Random): Refusal {
  const throttled = fault === 'throttled';
  return {
    status: throttled ? 429 : 503,
    headers: {
      'content-type': 'application/json',
      'x-ms-activity-id': '00000000-0000-0000-0000-000000000000',
      ...(throttled
        ? { 'x-ms-retry-after-ms': String(random.between(5, 80)), 'x-ms-substatus': '3200' }
        : { 'x-ms-substatus': '0' }),
    },
    body: JSON.stringify(
      throttled
        ? { code: 'TooManyRequests', message: 'Request rate is large.' }
        : { code: 'ServiceUnavailable', message: 'Service is currently unavailable.' },
    ),
  };
}

/** Azure Blob Storage: 503 ServerBusy, 500 OperationTimedOut. */
export function refuseAsBlob(fault: 'throttled' | 'unavailable'): Refusal {
  const code = fault === 'throttled' ? 'ServerBusy' : 'OperationTimedOut';
  return {
    status: fault === 'throttled' ? 503 : 500,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>Not now.</Message></Error>`,
  };
}
