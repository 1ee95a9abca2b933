/** What a sender deletes with `""` stays deleted for what was said before, and for nothing that was said later. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Patient } from 'fhir/r4.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import { acceptBytes, createMemoryExchange } from '../support/exchange.js';

interface Registration {
  readonly hour: number;
  /** PID-13: a number, `""` to delete it, or nothing. */
  readonly telephone: string;
}

const textOf = ({ hour, telephone }: Registration): string => {
  const at = `202601070${hour}0000+0000`;
  return [
    `MSH|^~\\&|PAS|RZZ|HDE|HDE|${at}||ADT^A28|C${hour}|P|2.4`,
    `EVN|A28|${at}`,
    `PID|1||B100034^^^RZZ^MR||Evans^Ben||19350912|F|||1 Late Road||${telephone}`,
  ].join('\r');
};

/** The telephone number in the end. */
async function telephoneAfter(registrations: readonly Registration[]): Promise<string | undefined> {
  const exchange = createMemoryExchange();
  for (const registration of registrations) {
    const bytes = Buffer.from(textOf(registration));
    const { status } = await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
    expect(status).toBe('normalised');
  }
  const found = await exchange.records.findByIdentifier('Patient', '|B100034', { limit: 2 });
  return (found.documents[0]?.resource as Patient).telecom?.[0]?.value;
}

const deletion = '""';

test.each<[what: string, arrivals: Registration[], telephone: string | undefined]>([
  [
    'the first message deletes, an earlier one comes late',
    [
      { hour: 9, telephone: deletion },
      { hour: 5, telephone: '5' },
    ],
    undefined,
  ],
  [
    'a late message deletes, an earlier one comes later still',
    [
      { hour: 9, telephone: '' },
      { hour: 7, telephone: deletion },
      { hour: 5, telephone: '5' },
    ],
    undefined,
  ],
  [
    'what was said after the deletion comes after a message that says nothing',
    [
      { hour: 5, telephone: deletion },
      { hour: 9, telephone: '' },
      { hour: 7, telephone: '7' },
    ],
    '7',
  ],
])('%s', async (_what, arrivals, telephone) => {
  expect(await telephoneAfter(arrivals)).toBe(telephone);
});

test('of numbers and deletions the latest decides, in whatever order they arrive', async () => {
  const hours = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 2 });
  const arrivals = hours.chain((chosen) =>
    fc.tuple(
      ...chosen.map((hour) => fc.constantFrom(`${hour}`, deletion).map((telephone) => ({ hour, telephone }))),
    ),
  );
  await fc.assert(
    fc.asyncProperty(arrivals, async (registrations) => {
      const last = registrations.reduce((one, other) => (other.hour > one.hour ? other : one));
      const telephone = last.telephone === deletion ? undefined : last.telephone;
      expect(await telephoneAfter(registrations)).toBe(telephone);
    }),
    { numRuns: 60 },
  );
});
