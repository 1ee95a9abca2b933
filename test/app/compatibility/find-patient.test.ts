import { expect, test } from '@jest/globals';
import { findPatientByNhsNumber, onePatient } from '../../../src/app/compatibility/find-patient.js';
import { normaliseMessage } from '../../../src/app/normalise-message.js';
import { parseNhsNumber } from '../../../src/core/identity/nhs-number.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { aMessage } from '../../support/messages.js';

const number = parseNhsNumber('9990000018')!;

async function exchangeAfter(...messages: readonly Uint8Array[]): Promise<MemoryExchange> {
  const exchange = createMemoryExchange();
  for (const bytes of messages) await normaliseMessage(exchange, await acceptBytes(exchange, bytes));
  return exchange;
}

const depsOf = ({ records }: MemoryExchange) => ({ records, baseUrl: 'https://hde.example/fhir' });

test('finds who has the number', async () => {
  const exchange = await exchangeAfter(aMessage());
  expect(await findPatientByNhsNumber(depsOf(exchange), number)).toMatchObject({
    name: [{ family: 'Okoro' }],
  });
});

test('of merged patients gives the one that stands', async () => {
  const exchange = await exchangeAfter(
    aMessage({ controlId: 'C1', mrn: 'M1' }),
    aMessage({ controlId: 'C2', mrn: 'M2', nhsNumber: '' }),
    aMessage({
      type: 'ADT^A40',
      controlId: 'C3',
      at: '20260330120000',
      mrn: 'M2',
      nhsNumber: '',
      more: ['MRG|M1^^^RZZ^MR'],
    }),
  );
  const { identifier } = await findPatientByNhsNumber(depsOf(exchange), number);
  expect(identifier?.map(({ value }) => value)).toContain('M2');
});

test('says so when nobody has it', async () => {
  await expect(findPatientByNhsNumber(depsOf(createMemoryExchange()), number)).rejects.toMatchObject({
    code: 'HDE_RESOURCE_NOT_FOUND',
  });
});

test('never chooses among several', async () => {
  const patients = ['a', 'b'].map((id) => ({ resourceType: 'Patient' as const, id }));
  await expect(onePatient(depsOf(createMemoryExchange()), patients)).rejects.toMatchObject({
    code: 'HDE_PATIENTS_SEVERAL',
  });
});
