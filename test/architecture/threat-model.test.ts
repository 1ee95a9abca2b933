/** The threat model is complete, and each mitigation in it is shown by a test (docs/reference/threat-model.md). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
// @ts-expect-error: a module without types
import { threatModelFaults } from '../../tools/docs/threat-model.mjs';

interface Model {
  readonly flows: readonly {
    readonly id: string;
    readonly functions: readonly string[];
    readonly threats: readonly {
      readonly category: string;
      readonly threat: string;
      readonly mitigation: string;
      readonly tests: readonly { readonly file: string; readonly title: string }[];
    }[];
    readonly none?: Readonly<Record<string, string>>;
  }[];
}
const faultsOf = threatModelFaults as (
  model: Model,
  functions: readonly string[],
  textOf: (file: string) => string | undefined,
) => string[];

const model = JSON.parse(readFileSync('docs/reference/threat-model.json', 'utf8')) as Model;
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
const functions: string[] = [];

beforeAll(async () => {
  const register = (name: string) => functions.push(name);
  const hook = { appTerminate: () => undefined };
  const app = { hook, http: register, serviceBusQueue: register, cosmosDB: register, timer: register };
  jest.unstable_mockModule('@azure/functions', () => ({ app }));
  for (const file of readdirSync('functions')) await import(`../../functions/${file.replace('.ts', '.js')}`);
});

test('every function is in a flow, every category is considered, and every mitigation has a test', () => {
  expect(functions.length).toBeGreaterThan(20);
  expect(faultsOf(model, functions, textOf)).toEqual([]);
});

describe('a fault is found:', () => {
  const [first] = model.flows;
  const change = (threat: object, flow: object = {}): Model => ({
    flows: [
      {
        ...first!,
        ...flow,
        threats: first!.threats.map((each, at) => (at === 0 ? { ...each, ...threat } : each)),
      },
      ...model.flows.slice(1),
    ],
  });
  const real = { file: 'test/architecture/threat-model.test.ts', title: 'a fault is found:' };

  test.each<[string, Model]>([
    ['no test shows the mitigation', change({ tests: [] })],
    ['has no mitigation', change({ mitigation: ' ' })],
    ['there is no file test/none.test.ts', change({ tests: [{ ...real, file: 'test/none.test.ts' }] })],
    ['has no test "of another name"', change({ tests: [{ ...real, title: 'of another name' }] })],
    ['is to be considered', change({ category: 'T' })],
    ['is to be considered', change({}, { none: { S: 'there is a threat' } })],
    ['there is no function unknown', change({}, { functions: [...first!.functions, 'unknown'] })],
    ['the function receipts is in no flow', change({}, { functions: ['ingest'] })],
  ])('%s', (fault, changed) => {
    expect(faultsOf(changed, functions, textOf).join('\n')).toContain(fault);
  });

  test('a test that is skipped', () => {
    const skipping = () => `test.skip('is there', () => {})`;
    const changed = {
      flows: [{ ...first!, threats: [{ ...first!.threats[0]!, tests: [{ file: 'a', title: 'is there' }] }] }],
    };
    expect(faultsOf(changed, [], skipping).join('\n')).toContain('a skips "is there"');
  });
});
