/** Birth dates and NHS numbers that speak against a claim: nobody is joined to another person by an NHS number alone. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import {
  anMrn,
  anNhsNumber,
  createIdentityWorld,
  filedWith,
  nhsSystem,
  type IdentityWorld,
} from './identity-world.js';

const X = '9990000018';
const Y = '9990000026';
const okoro = { nhs: X, birthDate: '19700101' };
const bello = { nhs: X, birthDate: '19800202', family: 'Bello' };
let world: IdentityWorld;

beforeEach(() => {
  world = createIdentityWorld();
});

const conflict = expect.objectContaining({ code: 'HDE_IDENTITY_CONFLICT', severity: 'warning' }) as unknown;

describe('a birth date', () => {
  test('that became known after the NHS number keeps those apart whose birth date is another', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
    await world.receive({ mrn: 'M1', ...okoro });
    const other = await world.receive({ mrn: 'M2', ...bello });
    expect(other.issues).toEqual([conflict]);
    expect(filedWith(other)).not.toBe(id);
    expect(await world.patient(filedWith(other))).toMatchObject({ identifier: [anMrn('M2')] });
    expect(await world.patient(id)).toMatchObject({
      name: [{ family: 'Okoro' }],
      identifier: [anMrn('M1'), anNhsNumber(X)],
    });
  });

  test('that a client gave the patient does so too', async () => {
    const identifier = [anNhsNumber(X)];
    await world.ask('PUT', 'Patient/k', { resourceType: 'Patient', id: 'k', identifier });
    await world.ask('PUT', 'Patient/k', {
      resourceType: 'Patient',
      id: 'k',
      identifier,
      birthDate: '1970-01-01',
    });
    expect(filedWith(await world.receive({ mrn: 'M2', ...bello }))).not.toBe('k');
    expect(filedWith(await world.receive({ mrn: 'M1', ...okoro }))).toBe('k');
  });

  test('that was corrected keeps nobody apart from themselves', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1', nhs: X, birthDate: '19700110' }));
    await world.receive({ mrn: 'M1', ...okoro });
    const second = await world.receive({ mrn: 'M2', ...okoro });
    expect([filedWith(second), second.issues]).toEqual([id, []]);
  });

  test('keeps two apart of whom nothing but one NHS number is known, and each stays who they are', async () => {
    const id = filedWith(await world.receive(okoro));
    const other = await world.receive(bello);
    expect(other.issues).toEqual([conflict]);
    const otherId = filedWith(other);
    expect(otherId).not.toBe(id);
    expect(filedWith(await world.receive({ ...bello, type: 'ORU^R01' }))).toBe(otherId);
    expect(filedWith(await world.receive({ ...okoro, type: 'ORU^R01' }))).toBe(id);
    expect(await world.holders(nhsSystem, X)).toEqual([id]);
  });

  test('never files under an NHS number with whoever had that number before its holder', async () => {
    const former = filedWith(await world.receive({ nhs: X }));
    await world.ask('PUT', `Patient/${former}`, {
      resourceType: 'Patient',
      id: former,
      identifier: [anMrn('M9')],
    });
    await world.receive(okoro);
    expect(filedWith(await world.receive(bello))).not.toBe(former);
    expect(await world.patient(former)).not.toHaveProperty('name', [{ family: 'Bello', given: ['Ada'] }]);
  });

  test('keeps two apart whose first messages come at the same moment', async () => {
    const accepted = [
      await world.accept({ mrn: 'M1', ...okoro }),
      await world.accept({ mrn: 'M2', ...bello }),
    ];
    const { exchange } = world;
    const settled = await Promise.all(accepted.map((each) => normaliseMessage(exchange, each)));
    const [first = '', second = ''] = settled.map(filedWith);
    expect(first).not.toBe(second);
    expect((await world.holders(nhsSystem, X)).length).toBe(1);
    expect(filedWith(await world.receive({ mrn: 'M1', family: 'Obi' }))).toBe(first);
    expect(filedWith(await world.receive({ mrn: 'M2', family: 'Bellow' }))).toBe(second);
  });

  test('of a hospital number that the record states is reported and moves nobody', async () => {
    const id = filedWith(await world.receive({ mrn: 'M1', ...okoro }));
    const second = await world.receive({ mrn: 'M1', ...bello });
    expect(filedWith(second)).toBe(id);
    expect(second.issues).toMatchObject([{ code: 'HDE_BIRTH_DATE_DIFFERS' }]);
  });
});

describe('an NHS number that is corrected', () => {
  test('is reported where the record has hospital numbers that the message does not state', async () => {
    await world.receive({ mrn: 'M2', nhs: X });
    const id = filedWith(await world.receive({ mrn: 'M1', nhs: X }));
    const corrected = await world.receive({ mrn: 'M1', nhs: Y });
    expect([filedWith(corrected), corrected.issues]).toEqual([id, [conflict]]);
    expect((await world.receive({ mrn: 'M1', nhs: Y })).issues).toEqual([]);
  });

  test('is not where the patient has no other', async () => {
    await world.receive({ mrn: 'M1', nhs: X });
    expect((await world.receive({ mrn: 'M1', nhs: Y })).issues).toEqual([]);
  });
});

describe('a hospital number that a result message brought to somebody by an NHS number', () => {
  test.each(['ADT^A31', 'ORU^R01'] as const)(
    'is that of another once %s gives it another one',
    async (type) => {
      const id = filedWith(await world.receive({ mrn: 'M2', nhs: X }));
      expect(filedWith(await world.receive({ mrn: 'M1', nhs: X, type: 'ORU^R01' }))).toBe(id);
      const corrected = filedWith(await world.receive({ mrn: 'M1', nhs: Y, family: 'Bello', type }));
      expect(corrected).not.toBe(id);
      expect(await world.patient(corrected)).toMatchObject({ identifier: [anMrn('M1'), anNhsNumber(Y)] });
      expect(await world.patient(id)).toMatchObject({ identifier: [anMrn('M2'), anNhsNumber(X)] });
      expect(filedWith(await world.receive({ mrn: 'M1', family: 'Bellow' }))).toBe(corrected);
      expect(filedWith(await world.receive({ nhs: X, family: 'Obi' }))).toBe(id);
    },
  );
});
