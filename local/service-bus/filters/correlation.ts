import type { PropertyField } from '../message/broker-message.js';
import type { FilterSubject } from './subject.js';

/** A correlation filter: every field that is given must equal the message's, case and type included. */
export interface CorrelationFilter {
  readonly contentType?: string;
  readonly correlationId?: string;
  readonly messageId?: string;
  readonly replyTo?: string;
  readonly replyToSessionId?: string;
  readonly sessionId?: string;
  /** Called Label in the emulator's file. */
  readonly subject?: string;
  readonly to?: string;
  readonly applicationProperties: Readonly<Record<string, unknown>>;
}

const FIELDS: readonly (readonly [
  Exclude<keyof CorrelationFilter, 'applicationProperties'>,
  PropertyField,
])[] = [
  ['contentType', 'contentType'],
  ['correlationId', 'correlationId'],
  ['messageId', 'messageId'],
  ['replyTo', 'replyTo'],
  ['replyToSessionId', 'replyToGroupId'],
  ['sessionId', 'groupId'],
  ['subject', 'subject'],
  ['to', 'to'],
];

/** Whether the filter selects the message. */
export function matchesCorrelation(filter: CorrelationFilter, subject: FilterSubject): boolean {
  return (
    FIELDS.every(
      ([wanted, field]) => filter[wanted] === undefined || filter[wanted] === subject.properties[field],
    ) &&
    Object.entries(filter.applicationProperties).every(
      ([name, value]) => subject.applicationProperties.get(name) === value,
    )
  );
}
