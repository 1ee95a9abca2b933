/** Messages about several people, about people who are given new numbers, and about nobody. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient, Practitioner } from 'fhir/r4.js';
import { identifyPatient, identifyPeople } from '../../src/app/identify-patient.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { PatientIdentifier } from '../../src/core/identity/patient-identifiers.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage, type MessageParts } from '../support/messages.js';

let deps: MemoryExchange;

beforeEach(() => {
  deps = createMemoryExchange();
});

async function accept(bytes: Uint8Array): Promise<MessageEnvelope> {
  return acceptBytes(deps, bytes);
}
const about = (parts: MessageParts) => accept(aMessage(parts));

const local = 'https://rzz.example.nhs.uk/Id/local-patient-id';
const numbered = (value: string): PatientIdentifier => ({
  system: local,
  value,
  kind: 'local',
  source: 'PID-3[1].1',
});

async function patientWith(mrn: string): Promise<Patient | undefined> {
  const { documents } = await deps.records.findByIdentifier('Patient', `${local}|${mrn}`, { limit: 10 });
  return documents[0]?.resource as Patient | undefined;
}

describe('results of two patients in one message', () => {
  const results: MessageParts = {
    type: 'ORU^R01',
    controlId: 'C2',
    mrn: 'M1',
    nhsNumber: '',
    more: [
      'OBR|1||F1|FBC',
      'OBX|1|NM|HB||140|||||F',
      'PID|2||M2^^^RZZ^MR',
      'OBR|1||F2|FBC',
      'OBX|1|NM|HB||99',
    ],
  };

  test('are kept with the person they are about', async () => {
    const { status, changes } = await normaliseMessage(deps, await about(results));
    expect(status).toBe('normalised');
    const [first, second] = [await patientWith('M1'), await patientWith('M2')];
    expect(first?.id).not.toBe(second?.id);
    const partitions = changes
      .filter(({ resourceType }) => resourceType === 'Observation')
      .map(({ id }) => id.split('.')[0]);
    expect(partitions).toEqual([first?.id, second?.id]);
  });

  test('wait for what came earlier about the second, as that is in another session', async () => {
    const earlier = await about({ controlId: 'C1', mrn: 'M2', nhsNumber: '' });
    const envelope = await about(results);
    await expect(normaliseMessage(deps, envelope)).rejects.toMatchObject({ code: 'HDE_MERGE_WAITS' });
    await normaliseMessage(deps, earlier);
    expect((await normaliseMessage(deps, envelope)).status).toBe('normalised');
  });

  test('change nothing when they are delivered again', async () => {
    const envelope = await about(results);
    const first = await normaliseMessage(deps, envelope);
    expect(await normaliseMessage(deps, envelope)).toEqual(first);
  });
});

describe('a person who is given a new number', () => {
  const people = [
    { label: 'PID', identifiers: [numbered('NEW')] },
    { label: 'MRG', identifiers: [numbered('OLD')] },
  ];
  const identify = (mrn: string, messageId: string) =>
    identifyPatient(deps, { identifiers: [numbered(mrn)], birthDate: undefined, messageId });
  const identifyAll = (renumbers: boolean, messageId: string) =>
    identifyPeople(deps, people, {
      messageId,
      renumbering: renumbers ? { latestEventTime: '2026-03-30T09:00:00.000Z', joins: true } : undefined,
      verifies: false,
    });

  test('stays the same person', async () => {
    const before = await identify('OLD', 'm1');
    const identified = await identifyAll(true, 'm2');
    expect(identified.get('PID')?.patientKey).toBe(before.patientKey);
    expect(identified.get('MRG')?.patientKey).toBe(before.patientKey);
    expect((await identify('NEW', 'm3')).patientKey).toBe(before.patientKey);
  });

  test('is two people where each number has a holder already', async () => {
    const old = await identify('OLD', 'm1');
    const other = await identify('NEW', 'm2');
    const identified = await identifyAll(true, 'm3');
    expect(identified.get('PID')?.patientKey).toBe(other.patientKey);
    expect(identified.get('PID')?.contested).toContain(`${local}|OLD`);
    expect(identified.get('MRG')?.patientKey).toBe(old.patientKey);
  });

  test('is told from one who replaces another', async () => {
    const identified = await identifyAll(false, 'm1');
    expect(identified.get('PID')?.patientKey).not.toBe(identified.get('MRG')?.patientKey);
  });
});

describe('a master file', () => {
  const masterFile = (controlId: string, family: string, at: string) =>
    accept(
      new TextEncoder().encode(
        [
          `MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|${at}||MFN^M02|${controlId}|P|2.4`,
          'MFI|STF||UPD|||AL',
          'MFE|MUP||20260330|C1234567',
          `STF|C1234567|C1234567^^^GMC|${family}^Ada`,
          '',
        ].join('\r'),
      ),
    );

  test('needs no patient, and its updates stay in order', async () => {
    const first = await masterFile('C1', 'Bell', '20260330100000');
    const second = await masterFile('C2', 'Carr', '20260330110000');
    expect(second.sessionKey).toBe(first.sessionKey);
    expect(second.sessionKey).not.toBe((await about({ controlId: 'C3' })).sessionKey);
  });

  test('states what messages only mention', async () => {
    const visit = 'PV1|1|I|||||C1234567^Old^Ada|||||||||||V1';
    await normaliseMessage(deps, await about({ type: 'ADT^A01', controlId: 'C0', more: [visit] }));
    const { status } = await normaliseMessage(deps, await masterFile('C1', 'Bell', '20260330100000'));
    expect(status).toBe('normalised');
    const gmc = 'https://fhir.hl7.org.uk/Id/gmc-number|1234567';
    const { documents } = await deps.records.findByIdentifier('Practitioner', gmc, { limit: 10 });
    const staff = documents.map(({ resource }) => resource as Practitioner);
    expect(staff.map(({ name }) => name?.[0]?.family)).toEqual(['Bell']);
  });
});
