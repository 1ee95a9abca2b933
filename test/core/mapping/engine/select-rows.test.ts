import { describe, expect, test } from '@jest/globals';
import { compilePack, type CompiledPack } from '../../../../src/core/mapping/engine/compile-pack.js';
import type { Pack } from '../../../../src/core/mapping/engine/pack.js';
import { identities } from '../../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../../src/core/mapping/transforms/transforms.js';
import { testPack } from '../support.js';

const pack: Pack = {
  ...testPack([
    { id: 'always', from: 'ZZT-1', to: 'value', using: 'text' },
    { id: 'admission', from: 'ZZT-2', to: 'status', using: 'text', when: 'event in A01' },
    { id: 'result', from: 'ZZT-3', to: 'code', using: 'text', when: 'ZZT-4 valued and message in ORU' },
  ]),
  ignored: [
    { id: 'always-ignored', from: 'ZZT-5', because: 'a test' },
    { id: 'discharge-ignored', from: 'ZZT-6', because: 'a test', when: 'event in A03' },
  ],
};

const compile = (): CompiledPack => compilePack(pack, { transforms, identities });

function selected(messageType: string, event: string): (readonly (string | undefined)[])[] {
  const { maps, ignored } = compile().rowsFor({ messageType, event });
  return [
    maps.get('ZZT')?.flatMap(({ rules }) => rules.map(({ path }) => path)) ?? [],
    ignored.get('ZZT')?.map(({ mark }) => mark.rule) ?? [],
  ];
}

describe('the rows for a kind of message', () => {
  test.each([
    ['ADT', 'A01', ['value', 'status'], ['always-ignored']],
    ['ADT', 'A03', ['value'], ['always-ignored', 'discharge-ignored']],
    ['ORU', 'R01', ['value', 'code'], ['always-ignored']],
    ['ORU', '', ['value', 'code'], ['always-ignored']],
  ])('of %s^%s are those whose condition can hold there', (messageType, event, rules, ignored) => {
    expect(selected(messageType, event)).toEqual([rules, ignored]);
  });

  test('leave out maps of other events', () => {
    const maps = pack.maps.map((map) => ({ ...map, when: 'event in A08' }));
    const { rowsFor } = compilePack({ ...pack, maps }, { transforms, identities });
    expect(rowsFor({ messageType: 'ADT', event: 'A01' }).maps.get('ZZT')).toEqual([]);
    expect(rowsFor({ messageType: 'ADT', event: 'A08' }).maps.get('ZZT')).toHaveLength(1);
  });

  test('are selected once', () => {
    const { rowsFor } = compile();
    expect(rowsFor({ messageType: 'ADT', event: 'A01' })).toBe(rowsFor({ messageType: 'ADT', event: 'A01' }));
  });

  test('are kept for a bounded number of kinds and right for all others', () => {
    const { rowsFor } = compile();
    for (let number = 0; number < 500; number++) rowsFor({ messageType: 'ADT', event: `X${number}` });
    const one = rowsFor({ messageType: 'ADT', event: 'A01' });
    expect(rowsFor({ messageType: 'ADT', event: 'A01' })).not.toBe(one);
    expect(rowsFor({ messageType: 'ADT', event: 'A01' })).toEqual(one);
    expect(rowsFor({ messageType: 'ADT', event: 'X1' })).toBe(rowsFor({ messageType: 'ADT', event: 'X1' }));
  });
});
