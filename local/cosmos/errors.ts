/** What a refusal may carry besides its status, code and text. */
export interface CosmosErrorDetails {
  /** `x-ms-substatus`: tells refusals with the same status apart. */
  readonly substatus?: number;
  /** JSON text of the query plan that the client should use instead. */
  readonly additionalErrorInfo?: string;
}

/** A refusal as the service words it: HTTP status, code and text. The text never holds document values. */
export class CosmosError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: CosmosErrorDetails = {},
  ) {
    super(message);
    this.name = 'CosmosError';
  }
}

export const badRequest = (message: string, substatus?: number): CosmosError =>
  new CosmosError(400, 'BadRequest', message, substatus === undefined ? {} : { substatus });

export const unauthorized = (message: string): CosmosError => new CosmosError(401, 'Unauthorized', message);

export const forbidden = (message: string): CosmosError => new CosmosError(403, 'Forbidden', message);

export const itemNotFound = (): CosmosError =>
  new CosmosError(404, 'NotFound', 'Entity with the specified id does not exist in the system.');

/** The database or container in the address does not exist (substatus 1003 for a container). */
export const ownerNotFound = (substatus?: number): CosmosError =>
  new CosmosError(
    404,
    'NotFound',
    'Owner resource does not exist.',
    substatus === undefined ? {} : { substatus },
  );

export const notSupported = (what: string): CosmosError =>
  new CosmosError(405, 'MethodNotAllowed', `The local Cosmos DB endpoint does not support ${what}.`);

export const conflict = (message: string): CosmosError => new CosmosError(409, 'Conflict', message);

export const rangeGone = (): CosmosError =>
  new CosmosError(410, 'Gone', 'The requested partition key range does not exist.', { substatus: 1002 });

export const preconditionFailed = (
  message = 'Operation cannot be performed because one of the specified precondition is not met.',
  substatus?: number,
): CosmosError =>
  new CosmosError(412, 'PreconditionFailed', message, substatus === undefined ? {} : { substatus });

export const tooLarge = (): CosmosError =>
  new CosmosError(413, 'RequestEntityTooLarge', 'Request size is too large.');
