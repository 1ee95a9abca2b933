import type { Typed } from '../amqp/codec.js';
import { decode, described, encode, itemsOf, types } from '../amqp/codec.js';
import type { BrokerMessage, PropertyField } from './broker-message.js';
import { PROPERTY_FIELDS } from './broker-message.js';
import { SECTION } from './sections.js';

/** The message with some fields of its properties section replaced; the others keep their AMQP types. */
export function withProperties(
  message: BrokerMessage,
  changes: Readonly<Partial<Record<PropertyField, string>>>,
): BrokerMessage {
  const section = message.sections.properties;
  const fields: Typed[] = section.length === 0 ? [] : [...itemsOf(decode(section))];
  const properties = { ...message.properties };
  PROPERTY_FIELDS.forEach((field, index) => {
    const text = changes[field];
    if (text === undefined) return;
    while (fields.length <= index) fields.push(types.Null());
    const isSymbol = field === 'contentType' || field === 'contentEncoding';
    fields[index] = isSymbol ? types.wrap_symbol(text) : types.wrap_string(text);
    properties[field] = text;
  });
  const bytes = encode(described(SECTION.properties, types.List32(fields)));
  return { ...message, properties, sections: { ...message.sections, properties: bytes } };
}

/**
 * The message with application properties added, replaced or removed; untouched ones keep their AMQP types.
 *
 * @param changes values by name; null or undefined removes nothing and is ignored
 */
export function withApplicationProperties(
  message: BrokerMessage,
  changes: ReadonlyMap<string, unknown>,
  removals: Iterable<string> = [],
): BrokerMessage {
  const added = [...changes].filter(([, value]) => value !== null && value !== undefined);
  const dropped = new Set([...removals, ...added.map(([name]) => name)]);
  if (dropped.size === 0) return message;
  const applicationProperties = new Map(message.applicationProperties);
  for (const name of dropped) applicationProperties.delete(name);
  const items = keptItems(message.sections.applicationProperties, dropped);
  for (const [name, value] of added) {
    applicationProperties.set(name, value);
    items.push(types.wrap_string(name), types.wrap(value));
  }
  const bytes = encode(described(SECTION.applicationProperties, types.Map32(items)));
  return {
    ...message,
    applicationProperties,
    sections: { ...message.sections, applicationProperties: bytes },
  };
}

function keptItems(section: Buffer, dropped: ReadonlySet<string>): Typed[] {
  if (section.length === 0) return [];
  const items = itemsOf(decode(section));
  const keyOf = (index: number): string => String(items[index - (index % 2)]?.value);
  return items.filter((_item, index) => !dropped.has(keyOf(index)));
}
