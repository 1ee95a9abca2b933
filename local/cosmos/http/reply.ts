import { metadataCharge } from '../charges.js';
import type { CosmosError } from '../errors.js';
import type { Container } from '../storage/container.js';

/** An answer before it becomes HTTP. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; empty for 204 and 304. */
  readonly body: string;
}

/** An answer with a JSON body. */
export const jsonReply = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  charge: number = metadataCharge,
): Reply => ({
  status,
  headers: { 'x-ms-request-charge': String(charge), ...headers },
  body: JSON.stringify(body),
});

/** An answer without a body. */
export const emptyReply = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  charge: number = metadataCharge,
): Reply => ({ status, headers: { 'x-ms-request-charge': String(charge), ...headers }, body: '' });

/** Every refusal has a body with `message`: the client fails on empty ones. */
export const errorReply = (error: CosmosError): Reply => {
  const { substatus, additionalErrorInfo } = error.details;
  return jsonReply(
    error.status,
    {
      code: error.code,
      message: error.message,
      ...(additionalErrorInfo === undefined ? {} : { additionalErrorInfo }),
    },
    substatus === undefined ? {} : { 'x-ms-substatus': String(substatus) },
    1,
  );
};

/** Headers that tell the client which container and how far its range has come. */
export const containerHeaders = (container: Container, range = 0): Readonly<Record<string, string>> => ({
  'x-ms-session-token': `${range}:-1#${container.ranges[range]?.lsn ?? 0}`,
  'x-ms-alt-content-path': encodeURI(`dbs/${container.record.database}/colls/${container.record.id}`),
  'x-ms-content-path': container.record.rid,
});

/** A list of resources as the service wraps it. */
export const listReply = (name: string, rid: string, resources: readonly unknown[]): Reply =>
  jsonReply(
    200,
    { _rid: rid, [name]: resources, _count: resources.length },
    {
      'x-ms-item-count': String(resources.length),
    },
  );
