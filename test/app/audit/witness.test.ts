import { describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, OperationOutcome, Organization, Patient } from 'fhir/r4.js';
import { Witness } from '../../../src/app/audit/witness.js';
import { ownPartition } from '../../../src/app/fhir/record-places.js';

const base = 'https://hde.example.nhs.uk/fhir';
const key = 'a'.repeat(26);
const ownId = `${key}.${'b'.repeat(26)}`;
const observation = (id: string, patient?: string): Observation => ({
  resourceType: 'Observation',
  id,
  meta: { versionId: '3' },
  status: 'final',
  code: { text: 'pulse' },
  ...(patient === undefined ? {} : { subject: { reference: patient } }),
});
const patient: Patient = { resourceType: 'Patient', id: 'p1' };
const organisation: Organization = { resourceType: 'Organization', id: 'o1' };
const outcome: OperationOutcome = { resourceType: 'OperationOutcome', issue: [] };
const nowhere = () => Promise.resolve(undefined);
const asked = (interaction: string, type = '', id = '', versionId = '') => ({
  interaction,
  type,
  id,
  versionId,
});

const told = async (
  act: (witness: Witness) => void,
  placeOf: (record: { type: string; id: string }) => Promise<string | undefined> = nowhere,
) => {
  const witness = new Witness(base);
  act(witness);
  return witness.tell(placeOf);
};

describe('a witness tells of', () => {
  test('a record that was read, and whom it is about', async () => {
    const read = (subject: string) =>
      told((w) => {
        w.answered(asked('read', 'Observation', 'x1'), [], observation('x1', subject));
      });
    expect(await read('Patient/p1')).toEqual({ records: ['Observation/x1'], patients: ['p1'] });
    expect(await read(`${base}/Patient/p2`)).toEqual({ records: ['Observation/x1'], patients: ['p2'] });
  });

  test('the version that was read', async () => {
    const read = await told((w) => {
      w.answered(asked('vread', 'Observation', 'x1', '2'), [], observation('x1', 'Patient/p1'));
    });
    expect(read.records).toEqual(['Observation/x1/_history/2']);
  });

  test('every record of a search, and nobody for what is about nobody', async () => {
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        { resource: observation('x1', 'Patient/p1') },
        { resource: patient },
        { resource: organisation },
        { resource: outcome },
      ],
    };
    expect(
      await told((w) => {
        w.answered(asked('search-type', 'Observation'), [], bundle);
      }),
    ).toEqual({
      records: ['Observation/x1', 'Patient/p1', 'Organization/o1'],
      patients: ['p1'],
    });
  });

  test('the patients whom a search names, also when it finds nothing; never of an NHS number', async () => {
    const empty: Bundle = { resourceType: 'Bundle', type: 'searchset' };
    const known = ({ type, id }: { type: string; id: string }) =>
      Promise.resolve(type === 'Patient' && /^p\d$/.test(id) ? id : undefined);
    const search = (name: string, value: string, type = 'Observation') =>
      told((w) => {
        w.answered(asked('search-type', type), [[name, value]], empty);
      }, known);
    expect((await search('patient', 'p7,Patient/p8')).patients).toEqual(['p7', 'p8']);
    expect((await search('patient:Patient', 'p7')).patients).toEqual(['p7']);
    expect((await search('performer', `${base}/Patient/p7`)).patients).toEqual(['p7']);
    expect((await search('_id', 'p7', 'Patient')).patients).toEqual(['p7']);
    expect((await search('_id', 'p7')).patients).toEqual([]);
    expect((await search('subject', 'Device/p7')).patients).toEqual([]);
    expect((await search('patient', key)).patients).toEqual([key]);
    const compartment = (id: string) =>
      told((w) => {
        w.answered(asked('search-compartment', 'Observation', id), [], empty);
      }, known);
    expect((await compartment('p9')).patients).toEqual(['p9']);
    for (const typed of ['9990000018', '9990000019', '999.000.0018', 'Ada-Okoro']) {
      expect((await search('patient', typed)).patients).toEqual([]);
      expect((await compartment(typed)).patients).toEqual([]);
    }
  });

  test('the versions and deletions of a history', async () => {
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'history',
      entry: [
        { request: { method: 'DELETE', url: `Observation/${ownId}` } },
        {
          request: { method: 'PUT', url: `Observation/${ownId}` },
          resource: observation(ownId, 'Patient/p1'),
        },
      ],
    };
    expect(
      await told((w) => {
        w.answered(asked('history-instance', 'Observation', ownId), [], bundle);
      }),
    ).toEqual({
      records: [`Observation/${ownId}`, `Observation/${ownId}/_history/3`],
      patients: ['p1', key],
    });
  });

  test('a record that was not shown, by its id or by where it lives', async () => {
    const held = (id: string) =>
      told(
        (w) => {
          w.answered(asked('read', 'Observation', id), [], undefined);
        },
        () => Promise.resolve('p5'),
      );
    expect(await held(ownId)).toEqual({ records: [`Observation/${ownId}`], patients: [key] });
    expect(await held('chosen')).toEqual({ records: ['Observation/chosen'], patients: ['p5'] });
    expect(await held('9990000018')).toEqual({ records: [], patients: [] });
  });

  test('what was changed, with its version', async () => {
    const change = (resourceType: string) =>
      told((w) => {
        w.changed({ resourceType, fhirId: 'x1', versionId: 4, partition: 'p1' });
      });
    expect(await change('Observation')).toEqual({ records: ['Observation/x1/_history/4'], patients: ['p1'] });
  });

  test('what is about nobody concerns no patient: of the directory, or a result that names none', async () => {
    const concerned = async (resourceType: string, partition: string) => {
      const record = { resourceType, fhirId: 'x1', versionId: 4, partition };
      return (
        await told((w) => {
          w.changed(record);
        })
      ).patients;
    };
    expect(await concerned('Organization', 'x1')).toEqual([]);
    expect(await concerned('Observation', ownPartition('Observation', 'x1'))).toEqual([]);
    expect(await concerned('Observation', 'x1')).toEqual(['x1']);
  });
});

test('looks up many records at the same time, though not all of them', async () => {
  const witness = new Witness(base);
  for (let at = 0; at < 40; at++) witness.named({ type: 'Observation', id: `o${at}` });
  let [running, most] = [0, 0];
  const seen = await witness.tell(async ({ id }) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    return `p-${id}`;
  });
  expect(seen.patients).toEqual(Array.from({ length: 40 }, (_, at) => `p-o${at}`));
  expect([most > 4, most <= 16]).toEqual([true, true]);
});
