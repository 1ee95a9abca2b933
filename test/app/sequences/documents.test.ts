/** What is stored of documents after they were cancelled and replaced, in whatever order the messages arrive. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DocumentReference } from 'fhir/r4.js';
import { begin, recordsOf, send, type Event } from './support.js';

beforeEach(begin);

describe('a document', () => {
  const document = (event: string, hour: number, number = 'D1', parent = ''): Event => ({
    type: `MDM^${event}`,
    hour,
    more: [
      `TXA|1|DS^Discharge summary|TX|2026033008||||||||${number}|${parent}||||AU||AV`,
      `OBX|1|TX|||version of ${hour}`,
    ],
  });
  const statuses = async () =>
    Object.fromEntries(
      (await recordsOf<DocumentReference>('DocumentReference', 'M1')).map(
        ({ masterIdentifier, status, docStatus }) => [
          masterIdentifier?.value ?? '',
          docStatus === 'entered-in-error' ? `${status}, cancelled` : status,
        ],
      ),
    );

  test.each(['T02', 'T03', 'T06', 'T08'])('that is cancelled stays so: %s', async (event) => {
    const original = document('T02', 8);
    const cancelled = document('T11', 10);
    for (const hour of [9, 10, 11]) {
      const edited = document(event, hour);
      for (const messages of [
        [original, cancelled, edited],
        [original, edited, cancelled],
        [cancelled, edited, original],
      ]) {
        begin();
        await send(...messages);
        expect(await statuses()).toEqual({ D1: 'entered-in-error, cancelled' });
      }
    }
  });

  test.each(['T09', 'T10'])(
    'that another replaces is superseded, in whatever order they come: %s',
    async (event) => {
      const original = document('T02', 8);
      const replacement = document(event, 10, 'D2', 'D1');
      const edited = document('T08', 11);
      for (const messages of [
        [original, replacement, edited],
        [replacement, original, edited],
        [original, edited, replacement],
      ]) {
        begin();
        await send(...messages);
        expect(await statuses()).toEqual({ D1: 'superseded', D2: 'current' });
        const documents = await recordsOf<DocumentReference>('DocumentReference', 'M1');
        const byNumber = new Map(documents.map((each) => [each.masterIdentifier?.value, each]));
        expect(byNumber.get('D2')?.relatesTo).toMatchObject([
          { code: 'replaces', target: { reference: `DocumentReference/${byNumber.get('D1')?.id ?? ''}` } },
        ]);
        expect(byNumber.get('D1')?.content[0]?.attachment.data).toBeDefined();
      }
    },
  );

  test('that was replaced and then cancelled is cancelled, and not the other way round', async () => {
    const replacement = document('T10', 10, 'D2', 'D1');
    const cancelled = document('T11', 9);
    for (const messages of [
      [replacement, cancelled],
      [cancelled, replacement],
    ]) {
      begin();
      await send(document('T02', 8), ...messages);
      expect(await statuses()).toEqual({ D1: 'entered-in-error, cancelled', D2: 'current' });
    }
  });

  test('that replaces another and does not say which is reported', async () => {
    expect(await send(document('T10', 10, 'D2'))).toEqual([['HDE_HL7_REQUIRED']]);
    expect(await statuses()).toEqual({ D2: 'current' });
  });

  test('of the number of the one that it replaces is valid', async () => {
    await send(document('T02', 8), document('T10', 10, 'D1', 'D1'));
    expect(await statuses()).toEqual({ D1: 'current' });
  });
});
