/**
 * A visit that moves at the very moment at which it ends where it was, and workers that die between two writes: it has
 * ended where it is now.
 */
import { describe, expect, test } from '@jest/globals';
import type { Encounter } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../src/adapters/memory/record-store.js';
import { normaliseMessage, processMessage } from '../../src/app/normalise-message.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { interleave } from '../support/interleave.js';
import { aMessage, type MessageParts } from '../support/messages.js';
import { createReplicas } from '../support/replicas.js';

type Event = Pick<MessageParts, 'type' | 'mrn' | 'more'> & { readonly hour: number };

let count = 0;

function accept(exchange: MemoryExchange, { hour, ...parts }: Event) {
  count += 1;
  const at = `20260330${String(hour).padStart(2, '0')}0000`;
  return acceptBytes(exchange, aMessage({ ...parts, controlId: `C${count}`, at, nhsNumber: '' }));
}

const pv1 = (number: string, end = ''): string =>
  `PV1|1|I|W1|${'|'.repeat(15)}${number}${'|'.repeat(26)}${end}`;
const admission: Event = { type: 'ADT^A01', hour: 8, more: [pv1('V1')] };
const move = (from: string, to: string, hour: number): Event => ({
  type: 'ADT^A45',
  hour,
  mrn: to,
  more: [`MRG|${from}^^^RZZ^MR`, pv1('V1')],
});
const end: Event = { type: 'ADT^A03', hour: 10, mrn: 'M2', more: [pv1('V1', '20260330100000')] };
const before = [admission, move('M1', 'M2', 9)];

/** The visit of a patient: status, how many beds are active, and whether it has an end. */
async function visitOf({ records }: MemoryExchange, mrn: string): Promise<string> {
  const identifier = `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`;
  const patients = await records.findByIdentifier('Patient', identifier, { limit: 1 });
  const partition = patients.documents[0]?.resource.id ?? '';
  const { documents } = await records.listPartition(partition, 'Encounter', { limit: 20 });
  return documents
    .map(({ resource }) => {
      const { status, location = [], period } = resource as unknown as Encounter;
      const beds = location.filter((place) => place.status === 'active').length;
      return `${status}, ${beds} beds${period?.end === undefined ? '' : ', with an end'}`;
    })
    .join();
}

async function begin(events: readonly Event[], records = createMemoryRecordStore()): Promise<MemoryExchange> {
  const exchange = { ...createMemoryExchange(), records };
  for (const event of events) await normaliseMessage(exchange, await accept(exchange, event));
  return exchange;
}

describe.each([
  ['back', 'M1'],
  ['on', 'M3'],
])('a visit that moves %s', (_where, mrn) => {
  const away = move('M2', mrn, 11);

  test.each([
    ['within the move', 1],
    ['within the discharge', 1],
    ['within the move', 2],
    ['within the discharge', 2],
  ])(
    'has ended where it is, when it ends at the same moment: %s, in processes: %d',
    async (which, processes) => {
      const one = which === 'within the move' ? 0 : 1;
      for (let calls = 0, made = Infinity; calls < made; calls++) {
        const replicas = createReplicas();
        const { records } = replicas;
        const exchange = await begin(before, records);
        const stores = processes === 1 ? [records, records] : [replicas.begin(), replicas.begin()];
        const envelopes = [await accept(exchange, away), await accept(exchange, end)] as const;
        made = 0;
        await interleave(exchange, envelopes, () => (made++ < calls ? one : 1 - one), stores);
        expect([calls, await visitOf(exchange, mrn)]).toEqual([calls, 'finished, 0 beds, with an end']);
        expect(await visitOf(exchange, 'M2')).toMatch(/^entered-in-error, 0 beds/);
      }
    },
  );

  test('has ended where it is, whenever the worker dies that processes a late discharge', async () => {
    for (let writes = 0, died = true; died; writes++) {
      const exchange = await begin([...before, away]);
      const envelope = await accept(exchange, end);
      died = await dies(exchange, envelope, writes);
      const outcome = await processMessage(exchange, envelope);
      expect(outcome.status).toBe('normalised');
      expect([writes, await visitOf(exchange, mrn)]).toEqual([writes, 'finished, 0 beds, with an end']);
    }
  });
});

/** Processes a message until a worker has written so many batches. @returns whether it came to that */
async function dies(
  exchange: MemoryExchange,
  envelope: Parameters<typeof processMessage>[1],
  writes: number,
): Promise<boolean> {
  let made = 0;
  const commit: RecordStore['commit'] = (partition, operations) =>
    made++ < writes ? exchange.records.commit(partition, operations) : Promise.reject(new Error('killed'));
  try {
    await processMessage({ ...exchange, records: { ...exchange.records, commit } }, envelope);
    return false;
  } catch {
    return true;
  }
}
