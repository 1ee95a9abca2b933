/** A story told in messages, and what is stored after them: shared by the tests of what stands in the end. */
import { expect } from '@jest/globals';
import type { Encounter, Patient, Resource } from 'fhir/r4.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { aMessage, type MessageParts } from '../../support/messages.js';

/** Where the story is stored. */
export let exchange: MemoryExchange = createMemoryExchange();
let count = 0;

/** Begins a story in which nobody is known yet. */
export function begin(): void {
  exchange = createMemoryExchange();
  count = 0;
}

export function nextControlId(): string {
  count += 1;
  return `C${count}`;
}

/** A message about the patient `mrn`, M1 unless it says otherwise. */
export interface Event extends Pick<MessageParts, 'mrn' | 'nhsNumber'> {
  readonly type: string;
  /** Hour of the event; messages arrive in the order in which they are sent. */
  readonly hour: number;
  readonly more?: readonly string[];
}

/** Sends messages, each of which is stored. @returns the codes of the issues of each message */
export async function send(...events: readonly Event[]): Promise<string[][]> {
  const codes: string[][] = [];
  for (const { type, hour, mrn = 'M1', nhsNumber = '', more = [] } of events) {
    const at = timeOf(hour);
    const bytes = aMessage({ type, controlId: nextControlId(), at, mrn, nhsNumber, more });
    const { status, issues } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
    codes.push(issues.map(({ code }) => code));
  }
  return codes;
}

/** @returns an hour of the day of the story, as HL7 v2 writes it */
export const timeOf = (hour: number): string => `20260330${String(hour).padStart(2, '0')}0000`;

const local = 'https://rzz.example.nhs.uk/Id/local-patient-id';

/** The patient of a number; undefined where nobody told of one. */
export async function patientOf(mrn: string): Promise<Patient | undefined> {
  const { documents } = await exchange.records.findByIdentifier('Patient', `${local}|${mrn}`, { limit: 10 });
  return documents[0]?.resource as Patient | undefined;
}

/** What is stored about a patient, of one type. */
export async function recordsOf<T extends Resource>(type: T['resourceType'], mrn: string): Promise<T[]> {
  const patient = await patientOf(mrn);
  const { documents } = await exchange.records.listPartition(patient?.id ?? '', type, { limit: 20 });
  return documents.map(({ resource }) => resource as unknown as T);
}

/** The visits of a patient by number: status and how many beds are active. */
export async function visitsOf(mrn: string): Promise<Record<string, string>> {
  const visits = await recordsOf<Encounter>('Encounter', mrn);
  return Object.fromEntries(
    visits.map(({ identifier, status, location }) => {
      const number = identifier?.find(({ use }) => use !== 'old')?.value ?? '';
      const beds = location?.filter((place) => place.status === 'active').length ?? 0;
      return [number, `${status}, ${beds} beds`];
    }),
  );
}

/** PV1 of an inpatient: `changes` are fields by number. */
export const pv1 = (number: string, place = '', changes: Record<number, string> = {}): string => {
  const fields = Object.assign(
    Array<string>(46).fill(''),
    { 0: 'PV1', 1: '1', 2: 'I', 3: place, 19: number },
    changes,
  );
  return fields.join('|').replace(/\|+$/, '');
};
/** MRG with the former patient and, in `field`, the former number of a visit or account. */
export const mrg = (mrn: string, number = '', field = 5): string =>
  `MRG|${mrn}^^^RZZ^MR${'|'.repeat(field - 1)}${number}`;

export const admitted: Event = { type: 'ADT^A01', hour: 8, more: [pv1('V1', 'W1')] };
export const discharged: Event = {
  type: 'ADT^A03',
  hour: 9,
  more: [pv1('V1', 'W1', { 45: '20260330090000' })],
};
/** The visit V1 goes to another patient. */
export const moved = (from: string, to: string, hour: number): Event => ({
  type: 'ADT^A45',
  hour,
  mrn: to,
  more: [mrg(from), pv1('V1')],
});
/** A second patient is known. */
export const known: Event = { type: 'ADT^A28', hour: 7, mrn: 'M2' };
