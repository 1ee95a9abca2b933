import { describe, expect, test } from '@jest/globals';
import { createAcceptances } from '../../bench/soak/acceptances.js';
import { judgeSoak, type Outcome, type Rest, type Sample } from '../../bench/soak/verdict.js';

const megabyte = 1_048_576;
const perSecond = 30;
const balanced: Outcome = { accepted: 1000, refused: 0, normalised: 1000, differing: 0 };

interface Shape {
  readonly megabytes?: (second: number) => number;
  readonly handles?: (second: number) => number;
  readonly pid?: (second: number) => number;
  readonly oldestSeconds?: (second: number) => number;
  readonly part?: string;
  /** Handles at rest, before and after. */
  readonly rest?: readonly [before: number, after: number];
}

/** Ten minutes, a sample every ten seconds. */
function soakOf(shape: Shape): Sample[] {
  const part = shape.part ?? 'functions-background';
  return Array.from({ length: 61 }, (_, index) => {
    const second = index * 10;
    const usage = {
      pid: shape.pid?.(second) ?? 7,
      cpuSeconds: second,
      residentBytes: (shape.megabytes?.(second) ?? 300) * megabyte,
      handles: shape.handles?.(second) ?? 40,
    };
    const oldestSeconds = shape.oldestSeconds?.(second) ?? 1;
    return {
      second,
      parts: { [part]: usage },
      waiting: Math.round(oldestSeconds * perSecond),
      oldestSeconds,
    };
  });
}

function restOf({ part = 'functions-background', rest: [before, after] = [30, 30] }: Shape): Rest {
  return { before: { [part]: before }, after: { [part]: after } };
}

const findingsOf = (shape: Shape, outcome = balanced) =>
  judgeSoak(soakOf(shape), restOf(shape), outcome, perSecond).findings;
/** A saw tooth, as a heap is between collections. */
const noise = (second: number) => (second % 70) - 30;

describe('a soak', () => {
  test('passes when memory, handles and backlog stay as they are', () => {
    const { findings, trends, mostWaiting } = judgeSoak(
      soakOf({ megabytes: (second) => 300 + noise(second) }),
      restOf({}),
      balanced,
      perSecond,
    );
    expect(findings).toEqual([]);
    expect(trends['functions-background']?.residentMegabytes).toBeCloseTo(300, -1);
    expect(mostWaiting).toBe(30);
  });

  test('passes when memory rises while it warms up, and not afterwards', () => {
    expect(findingsOf({ megabytes: (second) => Math.min(second, 200) + 100 })).toEqual([]);
  });

  test('fails when the memory of the exchange grows, however noisy it is', () => {
    const megabytes = (second: number) => 200 + second / 4 + noise(second);
    expect(findingsOf({ megabytes })).toEqual([
      expect.stringMatching(/^the memory of functions-background grew by (9|10)\d(\.\d)? MB$/),
    ]);
  });

  test('lets a stand-in for a store keep what it is given, and no more', () => {
    // 12,000 messages are judged: 100 MB are 8.5 kB each, 3 GB are 256 kB each.
    const growing = (total: number) => (second: number) => 100 + (total * second) / 400;
    expect(findingsOf({ part: 'cosmos', megabytes: growing(100) })).toEqual([]);
    expect(findingsOf({ part: 'cosmos', megabytes: growing(3000) })).toEqual([
      expect.stringContaining('the memory of cosmos grew'),
    ]);
  });

  test.each([
    ['functions-http', 20],
    ['service-bus', 20],
    ['azurite', 70],
  ])('fails when %s keeps more than %i handles open', (part, most) => {
    expect(findingsOf({ part, rest: [30, 30 + most] })).toEqual([]);
    expect(findingsOf({ part, rest: [30, 31 + most] })).toEqual([
      `${part} keeps ${most + 1} handles more than before open`,
    ]);
  });

  test('passes when pools fill as far as they may, and fails when they go on', () => {
    const filling = (most: number) => (second: number) => Math.min(40 + second / 2, most);
    expect(findingsOf({ handles: filling(230) })).toEqual([]);
    expect(findingsOf({ handles: filling(231) })).toEqual([
      'functions-background had 201 handles more open than at rest',
    ]);
  });

  test('tells how many handles were open, under load and at rest', () => {
    const shape: Shape = { handles: (second) => (second % 20 === 0 ? 50 : 30), rest: [20, 25] };
    expect(judgeSoak(soakOf(shape), restOf(shape), balanced, perSecond).trends).toMatchObject({
      'functions-background': { handles: 40.2, mostHandles: 50, handlesAtRest: { before: 20, after: 25 } },
    });
  });

  test('fails when a process did not live through it', () => {
    expect(findingsOf({ pid: (second) => (second < 100 ? 7 : 8) })).toEqual([
      'functions-background was started again',
    ]);
  });

  test('fails when messages wait for longer and longer', () => {
    expect(findingsOf({ oldestSeconds: (second) => second / 15 })).toEqual([
      expect.stringMatching(/^the backlog grew by 26\.\d s$/),
    ]);
  });

  test('fails when a message waited for too long, though it was caught up again', () => {
    expect(findingsOf({ oldestSeconds: (second) => (second === 400 ? 90 : 1) })).toEqual([
      'a message waited for 90 s',
    ]);
  });

  test('does not judge the first third', () => {
    expect(findingsOf({ oldestSeconds: (second) => (second < 190 ? 90 : 1) })).toEqual([]);
  });

  test.each<[Partial<Outcome>, string]>([
    [{ refused: 2 }, '2 messages were not accepted'],
    [{ normalised: 999 }, '1000 messages were accepted and 999 normalised'],
    [{ differing: 1 }, 'the ledger names 1 differences'],
  ])('fails when the account does not balance: %j', (outcome, finding) => {
    expect(findingsOf({}, { ...balanced, ...outcome })).toEqual([finding]);
  });

  test('is no soak with fewer than three samples', () => {
    expect(judgeSoak(soakOf({}).slice(0, 2), restOf({}), balanced, perSecond).findings).toEqual([
      'there are too few samples to judge',
    ]);
    expect(judgeSoak([], restOf({}), balanced, perSecond).findings).toEqual([
      'there are too few samples to judge',
    ]);
  });
});

describe('the oldest message that waits', () => {
  test('is the one before which as many were accepted as are finished', () => {
    const acceptances = createAcceptances();
    for (const at of [1000, 2000, 3000]) acceptances.add(at);
    expect([0, 1, 2, 3, 4].map((waiting) => acceptances.oldestSeconds(waiting, 4000))).toEqual([
      0, 1, 2, 3, 3,
    ]);
  });

  test('is of no age when nothing was accepted', () => {
    expect(createAcceptances().oldestSeconds(1, 4000)).toBe(0);
  });
});
