/** What an answer about a number says of a patient whose number changes. */
import { expect, test } from '@jest/globals';
import { createMemoryGovernanceStore } from '../../../src/adapters/memory/governance-store.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { keepOptOuts } from '../../../src/app/access/opt-outs.js';
import { NHS_NUMBER_SYSTEM } from '../../../src/core/identity/nhs-number.js';
import { identifierToken } from '../../../src/core/identity/tokens.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { anAccess, aSystem } from '../../support/access.js';
import { aResource, identitySecret, send } from '../fhir/arrange.js';

const [first, second] = ['9990000018', '9990000026'] as const;
const now = Date.UTC(2026, 10, 26, 9);
const at = new Date(now).toISOString();

const numbered = (...numbers: readonly (readonly [value: string, use?: 'old'])[]) =>
  aResource('Patient/a', {
    identifier: numbers.map(([value, use]) => ({
      ...{ system: NHS_NUMBER_SYSTEM, value },
      ...(use === undefined ? {} : { use }),
    })),
  });

async function arrange() {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const governance = createMemoryGovernanceStore();
  const deps = { ...api, governance, identitySecret };
  const put = async (patient: ReturnType<typeof numbered>) =>
    send(api, { method: 'PUT', target: 'Patient/a', body: patient });
  const research = async () => {
    const asker = { principal: aSystem, purpose: 'research', now } as const;
    const access = (found: RecordStore) => anAccess(found, asker, { governance, identitySecret });
    return send(api, { target: 'Patient/a', access }).then(
      ({ status }) => status,
      () => 404,
    );
  };
  const keep = (...numbers: readonly string[]) =>
    keepOptOuts(deps, new Map(numbers.map((number) => [number, 'may-be-used'])), at);
  await put(numbered([first]));
  return { governance, put, research, keep };
}

test.each([
  ['corrected', numbered([second])],
  ['replaced', numbered([second], [first, 'old'])],
  ['taken away', aResource('Patient/a')],
  ['one of two', numbered([first], [second])],
])('says nothing any more when the number is %s, until it is asked anew', async (_, patient) => {
  const { put, research, keep } = await arrange();
  await keep(first);
  expect(await research()).toBe(200);
  await put(patient);
  expect(await research()).toBe(404);
  await keep(first, second);
  expect(await research()).toBe(patient.id === 'a' && 'identifier' in patient ? 200 : 404);
});

test('is kept without the number', async () => {
  const { governance, keep } = await arrange();
  await keep(first);
  const [facts] = await governance.factsOf(['a']);
  expect(facts?.optOut).toEqual({
    ...{ answer: 'may-be-used', at },
    numbers: [identifierToken(identitySecret, NHS_NUMBER_SYSTEM, first)],
  });
});
