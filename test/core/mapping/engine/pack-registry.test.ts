import { describe, expect, test } from '@jest/globals';
import { extendPack } from '../../../../src/core/mapping/engine/extend-pack.js';
import { PackError, type Pack, type PackExtension } from '../../../../src/core/mapping/engine/pack.js';
import { compareVersions, createPackRegistry } from '../../../../src/core/mapping/engine/pack-registry.js';
import { identities } from '../../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../../src/core/mapping/transforms/transforms.js';
import { testPack } from '../support.js';

const functions = { transforms, identities };
const base: Pack = testPack(
  [
    { id: 'one', from: 'ZZT-1', to: 'one', using: 'text' },
    { id: 'two', from: 'ZZT-2', to: 'two', using: 'text' },
  ],
  { tables: { Codes: { A: 'a', B: 'b' } }, ignored: [{ id: 'set-id', from: 'PID-1', because: 'counts' }] },
);
const extension = (changes: Partial<PackExtension>): PackExtension => ({
  name: 'trust',
  version: '2.0.0',
  extends: 'test',
  ...changes,
});

describe('an extending pack', () => {
  test('replaces rows by id, in their place, and adds new ones after them', () => {
    const pack = extendPack(
      base,
      extension({
        maps: [
          {
            id: 'map',
            mode: 'replace',
            rules: [
              { id: 'three', from: 'ZZT-3', to: 'three', using: 'text' },
              { id: 'one', from: 'ZZT-9', to: 'one', using: 'text' },
            ],
          },
        ],
      }),
    );
    expect(
      pack.maps.map(({ id, mode, rules }) => [id, mode, rules.map((row) => `${row.id} ${row.from ?? ''}`)]),
    ).toEqual([['map', 'replace', ['one ZZT-9', 'two ZZT-2', 'three ZZT-3']]]);
  });

  test('drops rows by id', () => {
    const pack = extendPack(base, extension({ dropped: ['one', 'set-id'] }));
    expect(pack.maps[0]?.rules.map(({ id }) => id)).toEqual(['two']);
    expect(pack.ignored).toEqual([]);
    expect(extendPack(base, extension({ dropped: ['map'] })).maps).toEqual([]);
  });

  test('merges tables by code', () => {
    const pack = extendPack(base, extension({ tables: { Codes: { B: 'x', C: 'c' }, More: { D: 'd' } } }));
    expect(pack.tables).toEqual({ Codes: { A: 'a', B: 'x', C: 'c' }, More: { D: 'd' } });
  });

  test('names what it drops or changes although it is not there', () => {
    expect(() =>
      extendPack(base, extension({ dropped: ['gone'], maps: [{ id: 'new', mode: 'merge' }] })),
    ).toThrow(
      new PackError('trust 2.0.0', [
        'dropped gone: test has no such row',
        'map new: neither complete nor an inherited map to change',
      ]),
    );
  });
});

describe('the registry', () => {
  test('gives the newest version of a pack by name, compiled once', () => {
    const registry = createPackRegistry(
      [
        { ...base, version: '1.9.0' },
        { ...base, version: '1.10.0' },
        { ...base, version: '1.2.3' },
      ],
      functions,
    );
    expect(registry.find('test').reference).toEqual({ name: 'test', version: '1.10.0' });
    expect(registry.find('test')).toBe(registry.find('test'));
  });

  test('completes an extension from the newest version of what it extends', () => {
    const registry = createPackRegistry([base, extension({})], functions);
    expect(registry.find('trust').reference).toEqual({ name: 'trust', version: '2.0.0' });
    expect(registry.find('trust').rowsFor({ messageType: 'ADT', event: 'A01' }).maps.get('ZZT')).toHaveLength(
      1,
    );
  });

  test.each([
    ['a name nobody registered', [base], 'other', 'no pack is registered as other'],
    ['a missing base', [extension({ extends: 'gone' })], 'trust', 'no pack is registered as gone'],
    ['a circle', [extension({ extends: 'trust' })], 'trust', 'extends itself: trust > trust'],
  ])('refuses %s', (_case, packs, name, fault) => {
    expect(() => createPackRegistry(packs, functions).find(name)).toThrow(fault);
  });

  test.each([
    ['1.0.0', '1.0.0', 0],
    ['1.10.0', '1.9.0', 1],
    ['1.0.0', '2.0.0', -1],
    ['1.0.1', '1.0.2', -1],
  ])('orders %s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
