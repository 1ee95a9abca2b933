import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { appendEntries, openChain, sealChain } from '../../../../src/core/governance/audit/chain.js';
import { canonicalEntry, hashOf } from '../../../../src/core/governance/audit/entry.js';
import {
  endLine,
  entryLine,
  genesisLine,
  readLine,
  trailLine,
  writeLine,
  type EntryLine,
  type Line,
} from '../../../../src/core/governance/audit/lines.js';
import {
  TrailVerifier,
  type NotedEnds,
  type Verdict,
} from '../../../../src/core/governance/audit/verify-trail.js';
import { access, trailOf } from './trail.js';

function verify(lines: readonly (Line | undefined)[], noted?: NotedEnds): Verdict {
  const verifier = new TrailVerifier(noted);
  for (const line of lines) verifier.take(line);
  return verifier.finish();
}

const lines = trailOf(8);
/** The line of the entry with a sequence in the first chain. */
const placeOf = (sequence: number): number => 1 + sequence;
const entryAt = (place: number): EntryLine => lines[place] as EntryLine;
const first = { day: '2026-11-25', shard: '0' };

test('finds nothing wrong with a trail that nobody has edited', () => {
  const verdict = verify(lines);
  expect(verdict).toMatchObject({ chains: 4, entries: 32, faults: [], faultCount: 0 });
  expect(verdict.ends.map(({ day, shard, count }) => [day, shard, count])).toEqual([
    ['2026-11-26', '0', 8],
    ['2026-11-26', '1', 8],
  ]);
});

describe('finds', () => {
  test('a changed entry', () => {
    const changed = { ...entryAt(placeOf(3)), entry: { ...access(3), subject: 'nobody' } };
    expect(verify(lines.with(placeOf(3), changed)).faults).toMatchObject([
      { ...first, kind: 'changed', sequence: 3 },
    ]);
  });

  test('a changed entry whose hash was made anew', () => {
    const line = entryAt(placeOf(3));
    const entry = { ...line.entry, subject: 'nobody' };
    const hash = hashOf(line.previous, 3, canonicalEntry(entry));
    expect(verify(lines.with(placeOf(3), { ...line, entry, hash })).faults).toMatchObject([
      { ...first, kind: 'changed', sequence: 4 },
    ]);
  });

  test('something added to an entry', () => {
    const entry = { ...entryAt(placeOf(3)).entry, note: 'was on duty' };
    expect(verify(lines.with(placeOf(3), { ...entryAt(placeOf(3)), entry })).faults).toMatchObject([
      { ...first, kind: 'changed', sequence: 3 },
    ]);
  });

  test('a removed entry', () => {
    expect(verify(lines.toSpliced(placeOf(3), 1)).faults).toMatchObject([
      { ...first, kind: 'removed', sequence: 3 },
    ]);
  });

  test('an inserted entry', () => {
    const { previous } = entryAt(placeOf(3));
    const entry = access(99);
    const line = {
      kind: 'entry',
      previous,
      sequence: 3,
      hash: hashOf(previous, 3, canonicalEntry(entry)),
      entry,
    } as const;
    for (const place of [3, 4].map(placeOf))
      expect(verify(lines.toSpliced(place, 0, line)).faults[0]).toMatchObject({
        ...first,
        kind: 'inserted',
        sequence: 3,
      });
  });

  test('reordered entries', () => {
    const swapped = lines.with(placeOf(3), entryAt(placeOf(4))).with(placeOf(4), entryAt(placeOf(3)));
    expect(verify(swapped).faults).toMatchObject([{ ...first, kind: 'reordered', sequence: 3 }]);
  });

  test('a truncated chain', () => {
    expect(verify(lines.toSpliced(placeOf(6), 2)).faults).toMatchObject([
      { ...first, kind: 'truncated', sequence: 6 },
    ]);
    expect(verify(lines.toSpliced(placeOf(6), 3)).faults[0]).toMatchObject({
      ...first,
      kind: 'truncated',
      sequence: 6,
    });
  });

  test('a truncated trail, wherever it is cut', () => {
    for (let kept = 0; kept < lines.length; kept++)
      expect(verify(lines.slice(0, kept)).faults.map(({ kind }) => kind)).toContain('truncated');
  });

  test('a removed chain of a day, and one that was made anew', () => {
    const day = 8 + 2;
    expect(verify(lines.toSpliced(0, day)).faults).toContainEqual(
      expect.objectContaining({ ...first, day: '2026-11-26', kind: 'removed' }),
    );
    expect(verify(lines.toSpliced(day, day)).faults[0]).toMatchObject({ kind: 'removed' });
    const other = trailOf(9);
    const anew = [...other.slice(0, day + 1), ...lines.slice(day)];
    expect(verify(anew).faults[0]).toMatchObject({ day: '2026-11-26', shard: '0', kind: 'changed' });
  });

  test('a day that is sealed and not gone on with', () => {
    const cut = [...lines.slice(0, 10), ...lines.slice(20, -1), trailLine({ chains: 3, to: '2026-11-26' })];
    expect(verify(cut).faults).toMatchObject([{ day: '2026-11-26', shard: '0', kind: 'truncated' }]);
  });
});

test('takes a part of the trail from one day to another, if it is said to be one', () => {
  const part = (days: object, place: number) =>
    verify([...lines.slice(place, place + 10), trailLine({ chains: 1, to: '2026-11-26', ...days })]);
  expect(part({ from: '2026-11-26' }, 10).faults).toEqual([]);
  expect(part({ from: '2026-11-25' }, 10).faults).toMatchObject([{ kind: 'removed', day: '2026-11-26' }]);
  expect(part({}, 10).faults).toMatchObject([{ kind: 'removed', day: '2026-11-26' }]);
  expect(part({ to: '2026-11-25' }, 0)).toMatchObject({ faults: [], to: '2026-11-25' });
  expect(part({}, 0).faults).toMatchObject([{ kind: 'truncated', day: '2026-11-26' }]);
});

test('finds a trail that was made anew by the ends that were noted before', () => {
  const ends = verify(lines);
  expect(verify(lines, ends).faultCount).toBe(0);
  const longer = trailOf(9);
  // Of another length everything differs: the chains of the second day go on elsewhere.
  expect(verify(longer, ends).faults).toMatchObject([
    { kind: 'changed', day: '2026-11-26', shard: '0', sequence: 7 },
    { kind: 'changed', day: '2026-11-26', shard: '1', sequence: 7 },
  ]);
  expect(verify(trailOf(7), ends).faults.map(({ kind }) => kind)).toEqual(['truncated', 'truncated']);
  const without = [...lines.slice(0, 20), trailLine({ chains: 2, to: '2026-11-26' })];
  expect(verify(without, ends).faults).toMatchObject([{ kind: 'removed', day: '2026-11-26', shard: '1' }]);
});

test('finds that days were cut off behind an end that was noted before', () => {
  const firstDay = [...lines.slice(0, 10), ...lines.slice(20, 30), trailLine({ chains: 2, to: first.day })];
  const ends = verify(firstDay);
  expect(verify(firstDay, ends).faults).toEqual([]);
  const openAgain = firstDay.map((line): Line => {
    if (line.kind !== 'end') return line;
    const { next: _next, ...open } = line;
    return open;
  });
  expect(verify(openAgain, ends).faults.map(({ kind, day }) => [kind, day])).toEqual([
    ['removed', first.day],
    ['removed', first.day],
  ]);
});

describe('by what was noted before, finds', () => {
  const noted = verify(lines);
  const ofChain = (shard: number, day: number): readonly Line[] => {
    const start = (2 * shard + day) * 10;
    return lines.slice(start, start + 10);
  };
  const trail = (chains: readonly (readonly Line[])[], to = '2026-11-26', from?: string): Line[] => [
    ...chains.flat(),
    trailLine({ chains: chains.length, to, ...(from === undefined ? {} : { from }) }),
  ];

  test('a removed shard, of which the trail itself does not tell', () => {
    const one = trail([ofChain(0, 0), ofChain(0, 1)]);
    expect(verify(one).faults).toEqual([]);
    expect(verify(one, noted).faults).toMatchObject([{ kind: 'removed', shard: '1' }]);
  });

  test('a shard that was made up for days that had been verified', () => {
    const { chain, block } = appendEntries(openChain('7', '2026-11-25'), [access(1)]);
    const madeUp = [
      genesisLine(openChain('7', '2026-11-25')),
      ...block.entries.map(entryLine),
      endLine(chain),
    ];
    const more = trail([ofChain(0, 0), ofChain(0, 1), ofChain(1, 0), ofChain(1, 1), madeUp]);
    expect(verify(more).faults).toEqual([]);
    expect(verify(more, noted).faults).toMatchObject([{ kind: 'inserted', shard: '7' }]);
    // One that begins later is new.
    const later = openChain('7', '2026-11-26');
    const grown = trail([
      ...[0, 1].flatMap((n) => [ofChain(n, 0), ofChain(n, 1)]),
      [genesisLine(later), endLine(later)],
    ]);
    expect(verify(grown, noted).faults).toEqual([]);
  });

  test('an empty chain that goes on for another one', () => {
    const empty = (count: number): Line[] => {
      const { chain, block } = appendEntries(
        openChain('0', '2026-11-25'),
        Array.from({ length: count }, (_, n) => access(n)),
      );
      const { sealed, next } = sealChain(chain, '2026-11-26');
      const one = [
        genesisLine(openChain('0', '2026-11-25')),
        ...block.entries.map(entryLine),
        endLine(sealed),
      ];
      return trail([one, [genesisLine(next), endLine(next)]]);
    };
    const before = verify(empty(3));
    expect(verify(empty(3), before).faults).toEqual([]);
    expect(verify(empty(2), before).faults).toMatchObject([{ kind: 'changed', day: '2026-11-26' }]);
  });

  test('a later part of a trail whose days before were made anew', () => {
    const firstDay = verify(trail([ofChain(0, 0)], '2026-11-25'));
    const part = (of: readonly Line[], count: number) =>
      trail([of.slice(count + 2, 2 * count + 4)], '2026-11-26', '2026-11-26');
    expect(verify(part(lines, 8), firstDay).faults).toEqual([]);
    expect(verify(part(trailOf(7), 7)).faults).toEqual([]);
    expect(verify(part(trailOf(7), 7), firstDay).faults).toMatchObject([
      { kind: 'changed', day: '2026-11-26' },
    ]);
  });
});

test.each([
  ['two days of a shard', 0, 10, 10, 20],
  ['two shards', 0, 20, 20, 40],
  ['a day of two shards', 0, 10, 20, 30],
])('finds that %s were swapped', (_, a, b, c, d) => {
  const swapped = [...lines.slice(c, d), ...lines.slice(b, c), ...lines.slice(a, b), ...lines.slice(d)];
  const { faultCount } = verify(swapped);
  // Which shard comes first says nothing.
  expect(faultCount > 0).toBe(d !== 40);
  const renamed = lines.map((line) =>
    'day' in line ? { ...line, day: line.day === first.day ? '2026-11-26' : first.day } : line,
  );
  expect(verify(renamed).faultCount).toBeGreaterThan(0);
});

test('keeps a hundred faults and counts the others', () => {
  const edited = trailOf(100).map((line) => (line.kind === 'entry' ? { ...line, hash: 'x' } : line));
  const { faults, faultCount } = verify(edited);
  expect(faults).toHaveLength(100);
  expect(faultCount).toBeGreaterThan(399);
});

test('finds any single edit of the text of a trail', () => {
  const text = lines.map(writeLine).join('\n');
  const anyCharacter = fc.constantFrom(...'0123456789abcdefxyz{}[]":,.-/ \nTZ\\'.split(''));
  const edit = fc.record({
    at: fc.nat(text.length - 1),
    kind: fc.constantFrom('replace', 'insert', 'delete', 'swap', 'cut'),
    by: anyCharacter,
  });
  fc.assert(
    fc.property(edit, ({ at, kind, by }) => {
      const [before, after] = [text.slice(0, at), text.slice(at)];
      const edited = {
        replace: before + by + after.slice(1),
        insert: before + by + after,
        delete: before + after.slice(1),
        swap: before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2),
        cut: before,
      }[kind];
      fc.pre(edited !== text);
      return verify(edited.split('\n').map(readLine)).faultCount > 0;
    }),
    { numRuns: 500 },
  );
});

test('finds any single edit of the lines of a trail', () => {
  const edit = fc.record({ from: fc.nat(lines.length - 1), to: fc.nat(lines.length - 1) });
  fc.assert(
    fc.property(edit, fc.constantFrom('remove', 'move', 'copy', 'swap'), ({ from, to }, kind) => {
      const [moved, other] = [lines[from]!, lines[to]!];
      const edited = {
        remove: lines.toSpliced(from, 1),
        move: lines.toSpliced(from, 1).toSpliced(to, 0, moved),
        copy: lines.toSpliced(to, 0, moved),
        swap: lines.with(from, other).with(to, moved),
      }[kind];
      fc.pre(edited.length !== lines.length || edited.some((line, n) => line !== lines[n]));
      return verify(edited).faultCount > 0;
    }),
    { numRuns: 500 },
  );
});

test('appends to a chain as if all entries had come at once', () => {
  const [genesis] = lines;
  expect(genesis?.kind).toBe('genesis');
  const chain = { day: '2026-11-25', shard: '0', count: 0, hash: entryAt(1).previous };
  const all = Array.from({ length: 8 }, (_, n) => access(n));
  const halves = appendEntries(appendEntries(chain, all.slice(0, 3)).chain, all.slice(3));
  expect(halves.chain).toEqual(appendEntries(chain, all).chain);
});
