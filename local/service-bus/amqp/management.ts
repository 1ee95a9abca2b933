import type { Settlement } from '../entities/consumer.js';
import type { Entity } from '../entities/namespace.js';
import { MessageQueue } from '../entities/queue.js';
import type { SessionTable } from '../entities/sessions.js';
import { Subscription } from '../entities/topic.js';
import { badArgument, notAllowed, notImplemented } from '../errors.js';
import { SqlSyntaxError } from '../filters/sql-lexer.js';
import { parseMessage } from '../message/parse.js';
import type { Typed } from './codec.js';
import { ELEMENT, types } from './codec.js';
import { Fields } from './fields.js';
import { uuidBytes } from './lock-token.js';
import type { Answer, Request } from './requests.js';
import { readRule, ruleToAmqp } from './rule-codec.js';

/** What the body of an answer holds; undefined is an answer without body, null one without content (204). */
type Content = Readonly<Record<string, Typed>> | null | undefined;

type Handler = (entity: Entity, fields: Fields, request: Request) => Content;

/** Most messages in one answer to a peek. */
const MAX_PEEK = 1000;

const PREFIX = 'com.microsoft:';

/**
 * Carries out a request to an entity's `$management` node.
 *
 * @throws BrokerError for an unknown operation, bad fields, or what the entity refuses
 */
export function manage(entity: Entity, request: Request): Answer {
  const name = request.operation.startsWith(PREFIX) ? request.operation.slice(PREFIX.length) : '';
  const handler = HANDLERS.get(name);
  if (handler === undefined) throw notImplemented(`The management operation '${request.operation}'`);
  const content = handler(entity, new Fields(request.body), request);
  if (content === null) return { status: 204, description: 'No Content' };
  return { status: 200, description: 'OK', ...(content === undefined ? {} : { body: content }) };
}

const HANDLERS = new Map<string, Handler>([
  ['peek-message', peek],
  ['schedule-message', schedule],
  ['cancel-scheduled-message', cancelScheduled],
  ['receive-by-sequence-number', receiveDeferred],
  ['update-disposition', updateDisposition],
  ['renew-lock', renewLocks],
  ['renew-session-lock', renewSession],
  ['get-session-state', getSessionState],
  ['set-session-state', setSessionState],
  ['enumerate-rules', enumerateRules],
  ['add-rule', addRule],
  ['remove-rule', removeRule],
]);

function peek(entity: Entity, fields: Fields): Content {
  const count = Math.min(fields.integer('message-count'), MAX_PEEK);
  const from = fields.integer('from-sequence-number');
  const found = queueOf(entity).peek(from, count, fields.optionalText('session-id'));
  return found.length === 0 ? null : { messages: types.wrap_list(found.map((message) => ({ message }))) };
}

function schedule(entity: Entity, fields: Fields): Content {
  const messages = fields.binariesOf('messages', 'message').map(parseMessage);
  for (const message of messages) {
    if (message.annotations.scheduledEnqueueTime === undefined) {
      throw badArgument('A message to schedule has no x-opt-scheduled-enqueue-time.');
    }
    entity.check(message);
  }
  const sequenceNumbers = messages.map((message) => entity.submit(message));
  return { 'sequence-numbers': types.wrap_array(sequenceNumbers, ELEMENT.long) };
}

function cancelScheduled(entity: Entity, fields: Fields): Content {
  for (const sequenceNumber of fields.integers('sequence-numbers')) entity.cancelScheduled(sequenceNumber);
  return undefined;
}

function receiveDeferred(entity: Entity, fields: Fields, request: Request): Content {
  const received = queueOf(entity).receiveDeferred(
    fields.integers('sequence-numbers'),
    fields.integer('receiver-settle-mode') === 0,
    fields.optionalText('session-id'),
    holderOf(request),
  );
  const items = received.map(({ token, bytes }) => ({
    'lock-token': types.wrap_uuid(uuidBytes(token)),
    message: bytes,
  }));
  return { messages: types.wrap_list(items) };
}

function updateDisposition(entity: Entity, fields: Fields): Content {
  const settlement = settlementOf(fields);
  for (const token of fields.uuids('lock-tokens')) queueOf(entity).settle(token, settlement);
  return undefined;
}

function settlementOf(fields: Fields): Settlement {
  const properties = new Map(fields.optionalMap('properties-to-modify')?.entries() ?? []);
  const status = fields.text('disposition-status');
  switch (status) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered': // The protocol spells it so.
      return { kind: 'defer', properties };
    case 'suspended':
      properties.set('DeadLetterReason', fields.optionalText('deadletter-reason'));
      properties.set('DeadLetterErrorDescription', fields.optionalText('deadletter-description'));
      return { kind: 'dead-letter', properties };
    default:
      throw badArgument(`The disposition status '${status}' is not known.`);
  }
}

function renewLocks(entity: Entity, fields: Fields): Content {
  const expirations = fields.uuids('lock-tokens').map((token) => queueOf(entity).renewLock(token));
  return { expirations: types.wrap_array(expirations, ELEMENT.timestamp) };
}

function renewSession(entity: Entity, fields: Fields, request: Request): Content {
  const until = sessionsOf(entity).renew(fields.text('session-id'), holderOf(request));
  return { expiration: types.wrap_timestamp(until) };
}

function getSessionState(entity: Entity, fields: Fields, request: Request): Content {
  const state = sessionsOf(entity).state(fields.text('session-id'), holderOf(request));
  return { 'session-state': types.wrap(state ?? null) };
}

function setSessionState(entity: Entity, fields: Fields, request: Request): Content {
  const state = fields.optionalBinary('session-state');
  // The SDK says "no state" as the JSON text null; kept, it would keep the session for ever.
  const kept = state === undefined || state.equals(JSON_NULL) ? undefined : Buffer.from(state);
  sessionsOf(entity).setState(fields.text('session-id'), kept, holderOf(request));
  return undefined;
}

const JSON_NULL = Buffer.from('null');

function enumerateRules(entity: Entity, fields: Fields): Content {
  const skip = fields.integer('skip', 0);
  const rules = subscriptionOf(entity)
    .ruleDefinitions()
    .slice(skip, skip + fields.integer('top', 100));
  if (rules.length === 0) return null;
  return { rules: types.wrap_list(rules.map((rule) => ({ 'rule-description': ruleToAmqp(rule) }))) };
}

function addRule(entity: Entity, fields: Fields): Content {
  try {
    subscriptionOf(entity).addRule(readRule(fields));
  } catch (error) {
    if (error instanceof SqlSyntaxError) throw badArgument(error.message);
    throw error;
  }
  return undefined;
}

function removeRule(entity: Entity, fields: Fields): Content {
  subscriptionOf(entity).removeRule(fields.text('rule-name'));
  return undefined;
}

/** The link on whose behalf a request comes; session requests are refused when it does not hold the session. */
function holderOf(request: Request): string | undefined {
  const name = request.properties['associated-link-name'];
  return typeof name === 'string' ? name : undefined;
}

function queueOf(entity: Entity): MessageQueue {
  if (entity instanceof MessageQueue) return entity;
  throw notAllowed(`'${entity.path}' is a topic: messages are received from its subscriptions.`);
}

function sessionsOf(entity: Entity): SessionTable {
  const { sessions } = queueOf(entity);
  if (sessions === undefined) throw notAllowed(`'${entity.path}' does not have sessions.`);
  return sessions;
}

function subscriptionOf(entity: Entity): Subscription {
  if (entity instanceof Subscription) return entity;
  throw notAllowed(`'${entity.path}' is no subscription: only subscriptions have rules.`);
}
