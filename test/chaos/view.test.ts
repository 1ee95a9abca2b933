/** What a reader may see: of each message all or nothing. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { judgeView } from '../../chaos/checker/check-view.js';
import { viewOf } from '../../chaos/checker/view.js';
import { expectOf, type Expected } from '../../chaos/expect/expected.js';
import { generateHospital } from '../../chaos/hospital/generate.js';
import type { Hospital } from '../../chaos/hospital/model.js';
import type { Json } from '../../chaos/json.js';
import { runInMemory } from './memory-run.js';

let hospital: Hospital;
let expected: Expected;
let records: ReadonlyMap<string, readonly Json[]>;

beforeAll(async () => {
  hospital = generateHospital('views', { messages: 300, patients: 20 });
  expected = expectOf(hospital);
  ({ records } = await runInMemory(hospital));
}, 120_000);

const judge = (personId: string, resources: readonly Json[]): string[] => {
  const person = expected.people.get(personId)!;
  return judgeView(person, viewOf(person.person, resources), hospital.messages).map(({ what }) => what);
};

/** Somebody of one trust with allergies and results. */
const somebody = (): [string, readonly Json[]] => {
  for (const [id, { person, allergies, panels }] of expected.people) {
    if (person.eastMrn === undefined && allergies.size > 1 && panels.size > 0) return [id, records.get(id)!];
  }
  throw new Error('the hospital has nobody of the kind');
};

const without = (resources: readonly Json[], type: string): Json[] => {
  const index = resources.findIndex(({ resourceType }) => resourceType === type);
  return resources.toSpliced(index, 1);
};

test('nobody looks torn in the end of a calm run', () => {
  expect([...records].flatMap(([id, resources]) => judge(id, resources))).toEqual([]);
});

describe('a part of a message', () => {
  test.each(['Observation', 'DiagnosticReport', 'AllergyIntolerance'])(
    'is noticed: %s is missing',
    (type) => {
      const [id, resources] = somebody();
      expect(judge(id, without(resources, type))).not.toEqual([]);
    },
  );

  test('is noticed: a result of another version', () => {
    const [id, resources] = somebody();
    const changed = resources.map((resource) =>
      resource['resourceType'] === 'Observation' ? { ...resource, valueQuantity: { value: -1 } } : resource,
    );
    expect(judge(id, changed)).not.toEqual([]);
  });

  test('is noticed: the address of one registration with the allergies of another', () => {
    const [id, resources] = somebody();
    const changed = resources.map((resource) =>
      resource['resourceType'] === 'Patient'
        ? { ...resource, address: [{ line: ['1 Chaos Road'] }] }
        : resource,
    );
    expect(judge(id, changed)).not.toEqual([]);
  });

  test('is not seen where no message has come yet', () => {
    const [id] = somebody();
    expect(judge(id, [])).toEqual([]);
  });
});
