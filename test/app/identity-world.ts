/** Messages about people who are named by any identifiers, and clients' writes of the same people. */
import type { Identifier, Patient } from 'fhir/r4.js';
import { normaliseMessage, type SettledMessage } from '../../src/app/normalise-message.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { sampleFeed } from '../support/feeds.js';
import { send } from './fhir/arrange.js';

export const localSystem = sampleFeed.localSystems.patient;
export const nhsSystem = 'https://fhir.nhs.uk/Id/nhs-number';

/** What a message says of its patient: a hospital number, an NHS number, or both. */
export interface Stated {
  readonly mrn?: string;
  readonly nhs?: string;
  readonly family?: string;
  readonly birthDate?: string;
  /** Result messages make a Patient and change none. */
  readonly type?: 'ADT^A31' | 'ORU^R01';
  /** How many; with more than a hundred no batch holds the message. */
  readonly allergies?: number;
}

/** The identifiers that a message states, as `system|value`. */
export const keysOf = ({ mrn, nhs }: Stated): string[] => [
  ...(mrn === undefined ? [] : [`${localSystem}|${mrn}`]),
  ...(nhs === undefined ? [] : [`${nhsSystem}|${nhs}`]),
];

export const anNhsNumber = (value: string): Identifier => ({ system: nhsSystem, value });
export const anMrn = (value: string): Identifier => ({ system: localSystem, value });

let messages = 0;

/** An exchange, and what is asked of it; each message is an hour later than the one before. */
export function createIdentityWorld(exchange: MemoryExchange = createMemoryExchange(), feed = sampleFeed) {
  const accept = (stated: Stated): Promise<MessageEnvelope> =>
    acceptBytes(exchange, bytesOf(stated, ++messages), feed);
  const normalise = (envelope: MessageEnvelope): Promise<SettledMessage> =>
    normaliseMessage(exchange, envelope);
  return {
    exchange,
    accept,
    normalise,
    receive: async (stated: Stated): Promise<SettledMessage> => normalise(await accept(stated)),
    ask: (method: string, target: string, body?: Patient) =>
      send(exchange, { method, target, ...(body === undefined ? {} : { body }) }),
    patient: async (id: string): Promise<Patient | undefined> =>
      (await exchange.records.readCurrent('Patient', id))?.resource as Patient | undefined,
    holders: async (system: string, value: string): Promise<string[]> => {
      const page = { limit: 10 };
      const { documents } = await exchange.records.findByIdentifier('Patient', `${system}|${value}`, page);
      return documents.map(({ fhirId }) => fhirId);
    },
  };
}

export type IdentityWorld = ReturnType<typeof createIdentityWorld>;

function bytesOf(
  { mrn, nhs, family = 'Okoro', birthDate = '', type = 'ADT^A31', allergies = 0 }: Stated,
  n: number,
): Uint8Array {
  const at = new Date(Date.UTC(2026, 0, 1, n)).toISOString().replace(/\D/g, '').slice(0, 14);
  const identifiers = [
    ...(mrn === undefined ? [] : [`${mrn}^^^RZZ^MR`]),
    ...(nhs === undefined ? [] : [`${nhs}^^^NHS^NH`]),
  ];
  const segments = [
    `MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|${at}||${type}|C${n}|P|2.4`,
    ...(type === 'ADT^A31' ? [`EVN|A31|${at}`] : []),
    `PID|1||${identifiers.join('~')}||${family}^Ada||${birthDate}|F`,
    ...(type === 'ORU^R01' ? [`OBR|1||F${n}|FBC`, 'OBX|1|NM|HB||140|||||F'] : []),
    ...Array.from({ length: allergies }, (_, index) => `AL1|${index + 1}|DA|D${index}^Drug ${index}`),
  ];
  return new TextEncoder().encode(`${segments.join('\r')}\r`);
}

/** The patient with whom a message was filed. */
export function filedWith({ changes }: SettledMessage): string {
  const [about] = changes.filter(({ resourceType, id }) => resourceType === 'Patient' || id.includes('.'));
  return about?.id.split('.')[0] ?? '';
}
