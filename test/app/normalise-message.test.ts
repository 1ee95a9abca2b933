import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { normaliseMessage, type NormaliseOutcome } from '../../src/app/normalise-message.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage, type MessageParts } from '../support/messages.js';

let deps: MemoryExchange;

beforeEach(() => {
  deps = createMemoryExchange();
});

async function accept(parts: MessageParts): Promise<MessageEnvelope> {
  return acceptBytes(deps, aMessage(parts));
}

const mrnParts = (mrn: string) => ['https://rzz.example.nhs.uk/Id/local-patient-id', mrn] as const;
const mrnToken = (mrn: string) => `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`;

async function patientsWith(mrn: string): Promise<Patient[]> {
  const { documents } = await deps.records.findByIdentifier('Patient', mrnToken(mrn), { limit: 10 });
  return documents.map(({ resource }) => resource as Patient);
}

describe('a message that can be mapped', () => {
  test('ends as normalised, with what it changed', async () => {
    const envelope = await accept({});
    const outcome = await normaliseMessage(deps, envelope);
    expect(outcome.status).toBe('normalised');
    expect(outcome.changes).toContainEqual(
      expect.objectContaining({ resourceType: 'Patient', versionId: 1, change: 'created' }),
    );
    expect(await deps.messages.get(envelope.messageId)).toMatchObject({
      status: 'normalised',
      changes: outcome.changes,
    });
    expect(await patientsWith('M1')).toMatchObject([{ name: [{ family: 'Okoro' }] }]);
  });

  test('changes nothing when it is delivered again, and is answered as the first time', async () => {
    const envelope = await accept({});
    const first = await normaliseMessage(deps, envelope);
    expect(await normaliseMessage(deps, envelope)).toEqual(first);
    expect((await patientsWith('M1'))[0]?.meta?.versionId).toBe('1');
  });

  test('is finished by a second delivery when the first died after its commit', async () => {
    const envelope = await accept({});
    const dying = { ...deps.messages, update: () => Promise.reject(new Error('killed')) };
    await expect(normaliseMessage({ ...deps, messages: dying }, envelope)).rejects.toThrow('killed');
    const { changes } = await normaliseMessage(deps, envelope);
    expect(changes).toHaveLength(1);
    expect(await deps.messages.get(envelope.messageId)).toMatchObject({ status: 'normalised' });
  });

  test('is decided anew when another writer comes first', async () => {
    await normaliseMessage(deps, await accept({ controlId: 'C1' }));
    const envelope = await accept({ controlId: 'C2', at: '20260330120000', family: 'Bell' });
    let interfered = false;
    const records = {
      ...deps.records,
      commit: async (...args: Parameters<typeof deps.records.commit>) => {
        if (!interfered) {
          interfered = true;
          const other = await accept({ controlId: 'C3', at: '20260330110000', family: 'Between' });
          await normaliseMessage(deps, other);
        }
        return deps.records.commit(...args);
      },
    };
    await normaliseMessage({ ...deps, records }, envelope);
    expect(await patientsWith('M1')).toMatchObject([
      { meta: { versionId: '3' }, name: [{ family: 'Bell' }] },
    ]);
  });
});

describe('a message that cannot be mapped', () => {
  test('ends as failed with reason and place, and changes nothing', async () => {
    const envelope = await accept({});
    const archive = { ...deps.archive, get: () => Promise.resolve(aMessage({ type: 'QRY^A19' })) };
    const outcome = await normaliseMessage({ ...deps, archive }, envelope);
    expect(outcome).toMatchObject({
      status: 'failed',
      issues: [{ code: 'HDE_HL7_TYPE_UNSUPPORTED', location: 'MSH-9' }],
      changes: [],
    });
    expect(await deps.messages.get(envelope.messageId)).toMatchObject({
      status: 'failed',
      errorCode: 'HDE_HL7_TYPE_UNSUPPORTED',
    });
    expect(await patientsWith('M1')).toEqual([]);
    expect(await deps.identities.find([identifierToken(deps.identitySecret, ...mrnParts('M1'))])).toEqual(
      new Map(),
    );
  });

  test('is left to the queue when only a service is away', async () => {
    const envelope = await accept({});
    const archive = { ...deps.archive, get: () => Promise.reject(new Error('away')) };
    await expect(normaliseMessage({ ...deps, archive }, envelope)).rejects.toThrow('away');
    expect(await deps.messages.get(envelope.messageId)).toMatchObject({ status: 'accepted' });
  });
});

describe('a merge', () => {
  const merge = {
    type: 'ADT^A40',
    controlId: 'C9',
    mrn: 'M1',
    nhsNumber: '',
    at: '20260330130000',
    more: ['MRG|M2^^^RZZ^MR'],
  };

  test('links both people and moves nothing', async () => {
    await normaliseMessage(deps, await accept({ controlId: 'C1', mrn: 'M1', nhsNumber: '' }));
    await normaliseMessage(deps, await accept({ controlId: 'C2', mrn: 'M2', nhsNumber: '' }));
    await normaliseMessage(deps, await accept(merge));
    const [survivor] = await patientsWith('M1');
    const [retired] = await patientsWith('M2');
    expect(survivor?.link).toEqual([
      { type: 'replaces', other: expect.objectContaining({ reference: `Patient/${retired?.id}` }) },
    ]);
    expect(retired).toMatchObject({
      active: false,
      link: [{ type: 'replaced-by', other: { reference: `Patient/${survivor?.id}` } }],
    });
  });

  test('waits until earlier messages about the retired person are done', async () => {
    const earlier = await accept({ controlId: 'C1', mrn: 'M2', nhsNumber: '' });
    const merging = await accept(merge);
    await expect(normaliseMessage(deps, merging)).rejects.toMatchObject({ code: 'HDE_MERGE_WAITS' });
    await normaliseMessage(deps, earlier);
    expect((await normaliseMessage(deps, merging)).status).toBe('normalised');
  });

  test('does not wait for later messages about the retired person', async () => {
    const merging = await accept(merge);
    await accept({ controlId: 'C1', mrn: 'M2', nhsNumber: '' });
    expect((await normaliseMessage(deps, merging)).status).toBe('normalised');
  });
});

test('a receipt that cannot name all that is not mapped says how much that is', async () => {
  const deps = createMemoryExchange();
  // A segment of the sender's own: nobody maps its fields.
  const more = Array.from(
    { length: 5 },
    (_, n) => `ZX${n}|${Array.from({ length: 60 }, () => 'x').join('|')}`,
  );
  const envelope = await acceptBytes(deps, aMessage({ controlId: 'MANY', more }));
  const outcome = await normaliseMessage(deps, envelope);
  expect([outcome.unmapped.length, outcome.unmappedCount]).toEqual([200, 300]);
  expect(await deps.messages.get(envelope.messageId)).toMatchObject({ unmappedCount: 300 });
  // A repetition says the same.
  expect(await normaliseMessage(deps, envelope)).toEqual(outcome);
});

describe('whoever is to be told of what messages did', () => {
  const told: string[] = [];
  const telling = () => {
    told.length = 0;
    return {
      ...deps,
      tell: ({ messageId }: MessageEnvelope, { status, changes }: NormaliseOutcome) => {
        told.push(`${messageId} ${status} ${changes.length}`);
        return Promise.resolve();
      },
    };
  };

  test('hears of it before the message counts as done, else it is not done', async () => {
    const envelope = await accept({});
    const deaf = { ...deps, tell: () => Promise.reject(new Error('the trail is away')) };
    await expect(normaliseMessage(deaf, envelope)).rejects.toThrow('the trail is away');
    expect(await deps.messages.get(envelope.messageId)).toMatchObject({ status: 'accepted', attempts: 0 });
    await normaliseMessage(telling(), envelope);
    expect(told).toEqual([`${envelope.messageId} normalised 1`]);
  });

  test('hears of what is done before a resubmitted message and was never on the queue, too', async () => {
    const first = await accept({ controlId: 'C1' });
    const second = await accept({ controlId: 'C2', at: '20260330110000', family: 'Bell' });
    await normaliseMessage(telling(), { ...second, resubmitted: 1 });
    expect(told).toEqual([first, second].map(({ messageId }) => `${messageId} normalised 1`));
  });
});
