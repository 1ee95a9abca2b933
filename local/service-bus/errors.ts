/**
 * A refusal that the client sees: an AMQP error condition and a description.
 * Descriptions name entities and settings, never message content.
 */
export class BrokerError extends Error {
  /**
   * @param condition AMQP error condition, for example `amqp:not-found`; the SDK derives its `code` from it
   * @param description what was refused and why
   */
  constructor(
    readonly condition: string,
    description: string,
  ) {
    super(description);
    this.name = 'BrokerError';
  }
}

/** The SDK recognises a missing entity by this very sentence as well as by the condition. */
export const entityNotFound = (address: string): BrokerError =>
  new BrokerError('amqp:not-found', `The messaging entity '${address}' could not be found.`);

/** The operation is known but not allowed on this entity or message. */
export const notAllowed = (description: string): BrokerError =>
  new BrokerError('amqp:not-allowed', description);

/** The real service has this; the local broker does not. */
export const notImplemented = (what: string): BrokerError =>
  new BrokerError('amqp:not-implemented', `${what} is not implemented by the local Service Bus broker.`);

/** A request whose fields do not have the shape that the operation needs. */
export const badArgument = (description: string): BrokerError =>
  new BrokerError('com.microsoft:argument-error', description);

/** Bytes that are not an AMQP 1.0 message. */
export const malformedMessage = (description: string): BrokerError =>
  new BrokerError('amqp:decode-error', description);

/** A settlement or renewal came after the message lock had ended. */
export const messageLockLost = (): BrokerError =>
  new BrokerError(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue, or was received by a different receiver instance.',
  );

/** A session operation came after the session lock had ended. */
export const sessionLockLost = (sessionId: string): BrokerError =>
  new BrokerError(
    'com.microsoft:session-lock-lost',
    `The session lock has expired on the MessageSession. Accept a new MessageSession. SessionId: ${sessionId}`,
  );

/** No message with this sequence number is in the state that the operation needs. */
export const messageNotFound = (sequenceNumber: number): BrokerError =>
  new BrokerError(
    'com.microsoft:message-not-found',
    `The message with sequence number ${sequenceNumber} was not found.`,
  );

/** Turns anything thrown into a refusal; what is not one already is an internal error. */
export function toBrokerError(thrown: unknown): BrokerError {
  if (thrown instanceof BrokerError) return thrown;
  return new BrokerError(
    'amqp:internal-error',
    thrown instanceof Error ? thrown.message : 'The local Service Bus broker failed.',
  );
}
