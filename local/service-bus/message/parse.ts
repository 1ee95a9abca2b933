import { randomUUID } from 'node:crypto';
import type { Typed } from '../amqp/codec.js';
import { decode, itemsOf, skipValue, types } from '../amqp/codec.js';
import { BrokerError, malformedMessage } from '../errors.js';
import type { BrokerMessage, MessageAnnotations, MessageHeader, PropertyField } from './broker-message.js';
import { PROPERTY_FIELDS } from './broker-message.js';
import { withProperties } from './rewrite.js';
import { SECTION } from './sections.js';

interface Section {
  readonly code: number;
  readonly bytes: Buffer;
}

const EMPTY = Buffer.alloc(0);

/**
 * Reads one AMQP message, keeping the bytes of its bare sections (AMQP 1.0 part 3, section 3.2).
 * A message without an id gets one, as the service does: the SDK cannot settle a message that has none.
 *
 * @throws BrokerError `amqp:decode-error` when the bytes are no message
 */
export function parseMessage(received: Buffer): BrokerMessage {
  try {
    // A copy of its own: the received bytes are a slice of a network buffer that would live as long.
    const bytes = Buffer.allocUnsafeSlow(received.length);
    received.copy(bytes);
    const message = assemble(readSections(bytes));
    if (message.properties.messageId !== undefined) return message;
    return withProperties(message, { messageId: randomUUID().replaceAll('-', '') });
  } catch (error) {
    if (error instanceof BrokerError) throw error;
    throw malformedMessage(`The message could not be decoded: ${String(error)}`);
  }
}

/**
 * Takes the messages out of a batch envelope (message format 0x80013700): each data section is one message.
 *
 * @throws BrokerError `amqp:decode-error` when the envelope or a message in it cannot be read
 */
export function parseBatch(received: Buffer): BrokerMessage[] {
  let sections: Section[];
  try {
    sections = readSections(received).filter((section) => section.code === SECTION.data);
  } catch (error) {
    throw malformedMessage(`The batch could not be decoded: ${String(error)}`);
  }
  return sections.map((section) => {
    const { value } = decode(section.bytes);
    if (!Buffer.isBuffer(value)) throw malformedMessage('A batch holds a data section that is not binary.');
    return parseMessage(value);
  });
}

function readSections(bytes: Buffer): Section[] {
  const sections: Section[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.readUInt8(at) !== 0)
      throw malformedMessage(`There is no section at byte ${at} of the message.`);
    const code = types.unwrap(decode(bytes.subarray(at + 1, skipValue(bytes, at + 1))));
    const end = skipValue(bytes, at);
    if (typeof code !== 'number' || code < SECTION.header || code > SECTION.footer) {
      throw malformedMessage(`The section at byte ${at} of the message has an unknown descriptor.`);
    }
    sections.push({ code, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return sections;
}

function assemble(sections: readonly Section[]): BrokerMessage {
  const find = (code: number): Buffer | undefined => sections.find((section) => section.code === code)?.bytes;
  const header = find(SECTION.header);
  const annotations = find(SECTION.messageAnnotations);
  const properties = find(SECTION.properties);
  const applicationProperties = find(SECTION.applicationProperties);
  const body = sections.filter((section) => section.code >= SECTION.data).map((section) => section.bytes);
  return {
    header: header === undefined ? {} : readHeader(decode(header)),
    annotations: annotations === undefined ? { foreign: [] } : readAnnotations(decode(annotations)),
    properties: properties === undefined ? {} : readProperties(decode(properties)),
    applicationProperties:
      applicationProperties === undefined ? new Map() : readMap(decode(applicationProperties)),
    sections: {
      properties: properties ?? EMPTY,
      applicationProperties: applicationProperties ?? EMPTY,
      body: body.length === 1 ? (body[0] ?? EMPTY) : Buffer.concat(body),
    },
  };
}

function readHeader(section: Typed): MessageHeader {
  const [durable, priority, ttl] = itemsOf(section).map((item) => types.unwrap(item));
  return {
    ...(typeof durable === 'boolean' ? { durable } : {}),
    ...(typeof priority === 'number' ? { priority } : {}),
    ...(typeof ttl === 'number' ? { ttl } : {}),
  };
}

/** Annotations that only the broker writes; what a sender puts there (a batch's copy, say) is ignored. */
const BROKER_ANNOTATION =
  /^x-opt-(enqueued-time|sequence-number|locked-until|enqueue-sequence-number|message-state|deadletter-source|lock-token)$/;

function readAnnotations(section: Typed): MessageAnnotations {
  const foreign: Typed[] = [];
  const own: { partitionKey?: string; scheduledEnqueueTime?: number } = {};
  const items = itemsOf(section);
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [key, value] = items.slice(index, index + 2);
    if (key === undefined || value === undefined) break;
    const name = String(key.value);
    const content = types.unwrap(value);
    if (name === 'x-opt-partition-key' && typeof content === 'string') own.partitionKey = content;
    else if (name === 'x-opt-scheduled-enqueue-time') own.scheduledEnqueueTime = instantOf(content);
    else if (!BROKER_ANNOTATION.test(name)) foreign.push(key, value);
  }
  return { ...own, foreign };
}

function instantOf(value: unknown): number {
  const at = value instanceof Date ? value.getTime() : value;
  if (typeof at === 'number' && Number.isFinite(at)) return at;
  throw malformedMessage('The annotation x-opt-scheduled-enqueue-time is no timestamp.');
}

function readProperties(section: Typed): Partial<Record<PropertyField, unknown>> {
  const properties: Partial<Record<PropertyField, unknown>> = {};
  itemsOf(section).forEach((item, index) => {
    const field = PROPERTY_FIELDS[index];
    const value = types.unwrap(item);
    if (field !== undefined && value !== null && value !== undefined) properties[field] = value;
  });
  return properties;
}

/** Decodes a map section with string keys. */
function readMap(section: Typed): Map<string, unknown> {
  const map = new Map<string, unknown>();
  const items = itemsOf(section);
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [key, value] = items.slice(index, index + 2);
    if (key !== undefined && value !== undefined) map.set(String(key.value), types.unwrap(value));
  }
  return map;
}
