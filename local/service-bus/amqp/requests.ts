import { badArgument, toBrokerError } from '../errors.js';
import type { Typed } from './codec.js';
import { messages, types } from './codec.js';
import type { Sender } from './rhea.js';

/** A request on `$cbs` or on a `$management` node. */
export interface Request {
  readonly operation: string;
  /** Application properties of the request. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly messageId: unknown;
  /** Name, or target address, of the link that the answer goes to. */
  readonly replyTo: string;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly description: string;
  /** AMQP error condition, on failure. */
  readonly condition?: string;
  readonly body?: Readonly<Record<string, Typed>>;
}

/**
 * Decodes a request message.
 *
 * @throws BrokerError `com.microsoft:argument-error` when it is none
 */
export function readRequest(bytes: Buffer): Request {
  let decoded: Record<string, unknown>;
  try {
    decoded = messages.decode(bytes);
  } catch (error) {
    throw badArgument(`The request could not be decoded: ${String(error)}`);
  }
  const properties = (decoded['application_properties'] ?? {}) as Record<string, unknown>;
  return {
    operation: typeof properties['operation'] === 'string' ? properties['operation'] : '',
    properties,
    body: decoded['body'],
    messageId: decoded['message_id'],
    replyTo: typeof decoded['reply_to'] === 'string' ? decoded['reply_to'] : '',
  };
}

/** Status codes of refusals; the condition is always sent with them, as some codes mean several things. */
const STATUS: Readonly<Record<string, number>> = {
  'amqp:decode-error': 400,
  'amqp:not-allowed': 400,
  'amqp:not-found': 404,
  'amqp:not-implemented': 501,
  'amqp:resource-limit-exceeded': 403,
  'amqp:unauthorized-access': 401,
  'com.microsoft:argument-error': 400,
  'com.microsoft:entity-already-exists': 409,
  'com.microsoft:message-lock-lost': 410,
  'com.microsoft:message-not-found': 404,
  'com.microsoft:session-cannot-be-locked': 410,
  'com.microsoft:session-lock-lost': 410,
};

/** The answer to a request that failed. */
export function answerOf(thrown: unknown): Answer {
  const { condition, message } = toBrokerError(thrown);
  return { status: STATUS[condition] ?? 500, description: message, condition };
}

/** Sends an answer, settled, so that no client has to acknowledge it. */
export function sendAnswer(link: Sender, request: Request, answer: Answer): void {
  const { status, description, condition } = answer;
  const tracking = request.properties['com.microsoft:tracking-id'];
  // $cbs uses the names with hyphens in the protocol's drafts; the SDK reads both.
  const properties = {
    statusCode: types.wrap_int(status),
    'status-code': types.wrap_int(status),
    statusDescription: description,
    'status-description': description,
    ...(condition === undefined
      ? {}
      : { errorCondition: types.wrap_symbol(condition), 'error-condition': types.wrap_symbol(condition) }),
    ...(tracking === undefined ? {} : { 'com.microsoft:tracking-id': tracking }),
  };
  const delivery = link.send({
    correlation_id: request.messageId,
    application_properties: properties,
    body: answer.body === undefined ? null : types.wrap_map(answer.body),
  });
  delivery.settled = true;
}
