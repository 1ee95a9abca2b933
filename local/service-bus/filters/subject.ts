import type { BrokerMessage, PropertyField } from '../message/broker-message.js';

/** What filters see of a message. */
export type FilterSubject = Pick<BrokerMessage, 'properties' | 'applicationProperties'>;

/** System properties that filters may name, by their Service Bus name in lower case. */
const SYSTEM_FIELDS: Readonly<Record<string, PropertyField>> = {
  contenttype: 'contentType',
  correlationid: 'correlationId',
  label: 'subject',
  messageid: 'messageId',
  replyto: 'replyTo',
  replytosessionid: 'replyToGroupId',
  sessionid: 'groupId',
  subject: 'subject',
  to: 'to',
};

/** The properties-section field behind a system property name, whatever its case. */
export function systemField(name: string): PropertyField | undefined {
  return SYSTEM_FIELDS[name.toLowerCase()];
}

/** An application property; names are compared without regard to case when no exact one exists. */
export function applicationProperty(subject: FilterSubject, name: string): unknown {
  const exact = subject.applicationProperties.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of subject.applicationProperties) if (key.toLowerCase() === wanted) return value;
  return undefined;
}
