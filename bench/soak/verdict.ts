/** Whether a soak shows that the exchange can go on like this for ever: pure. */
import type { Usage } from '../load/processes.js';

/** The stack at one moment. */
export interface Sample {
  /** Seconds since the first message was sent. */
  readonly second: number;
  /** By the name of the part. */
  readonly parts: Readonly<Record<string, Usage>>;
  /** Messages that are accepted and not finished. */
  readonly waiting: number;
  /** How long ago the oldest of them was accepted, in seconds, if they are finished in their order. */
  readonly oldestSeconds: number;
}

/** What was sent, and the exchange's own account of it. */
export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly normalised: number;
  /** Messages for which archive, receipts and records do not agree. */
  readonly differing: number;
}

/** How a part developed over the judged time, by the line of least squares. */
export interface Trend {
  readonly residentMegabytes: number;
  readonly residentGrowthMegabytes: number;
  /** Of the least of each tenth of the judged time. */
  readonly handles: number;
  readonly handleGrowth: number;
  /** Of memory, in kilobytes for each message of the judged time. */
  readonly kilobytesPerMessage: number;
}

/** What a soak found. */
export interface Verdict {
  readonly trends: Readonly<Record<string, Trend>>;
  readonly mostWaiting: number;
  readonly oldestSeconds: number;
  /** One sentence for each bound that was broken; empty = passed. */
  readonly findings: readonly string[];
}

/**
 * The bounds. The first third is left out: code is compiled, caches fill, heaps find their size.
 *
 * A heap is never quite flat, and the bounded caches of the app (100,000 entries of 100 to 200 bytes) fill for longer
 * than a soak may last, hence the fixed part. The stores are stand-ins that keep all they are given at hand, so that
 * their memory is judged by the message; what they may take is twice what they took when this was written.
 */
export const bounds = {
  growthShare: 0.15,
  growthMegabytes: 32,
  storeKilobytesPerMessage: 110,
  handleGrowth: 20,
  oldestSeconds: 60,
  oldestGrowthSeconds: 15,
} as const;

const megabyte = 1_048_576;
/** The parts that are the exchange itself; all others stand in for services of Azure. */
const isExchange = (part: string): boolean => part.startsWith('functions-');

/**
 * Judges the last two thirds of a soak.
 *
 * @param samples oldest first; at least three of them in the judged time
 * @param perSecond messages that were sent each second
 */
export function judgeSoak(samples: readonly Sample[], outcome: Outcome, perSecond: number): Verdict {
  const end = samples.at(-1)?.second ?? 0;
  const judged = samples.filter(({ second }) => second >= end / 3);
  const messages = perSecond * (end - (judged[0]?.second ?? end));
  const trends = Object.fromEntries(
    partsOf(judged).map((part) => [part, trendOf(judged, part, messages)] as const),
  );
  const oldest = Math.max(0, ...judged.map(({ oldestSeconds }) => oldestSeconds));
  return {
    trends,
    mostWaiting: Math.max(0, ...judged.map(({ waiting }) => waiting)),
    oldestSeconds: round(oldest),
    findings: [
      ...(judged.length < 3 ? ['there are too few samples to judge'] : []),
      ...Object.entries(trends).flatMap(([part, trend]) => findingsOf(part, trend)),
      ...restartsAmong(samples),
      ...backlogFindings(judged, oldest),
      ...accountFindings(outcome),
    ],
  };
}

type Point = readonly [x: number, y: number];

const partsOf = (samples: readonly Sample[]): string[] => [
  ...new Set(samples.flatMap(({ parts }) => Object.keys(parts))),
];

function trendOf(samples: readonly Sample[], part: string, messages: number): Trend {
  const points = samples.flatMap(({ second, parts }) => {
    const usage = parts[part];
    return usage === undefined ? [] : [{ second, usage }];
  });
  const memory = lineOf(points.map(({ second, usage }) => [second, usage.residentBytes / megabyte]));
  const handles = lineOf(leastOfEach(points.map(({ second, usage }) => [second, usage.handles])));
  return {
    residentMegabytes: round(memory.mean),
    residentGrowthMegabytes: round(memory.growth),
    handles: round(handles.mean),
    handleGrowth: round(handles.growth),
    kilobytesPerMessage: messages === 0 ? 0 : round((memory.growth * 1024) / messages),
  };
}

/**
 * The least of every tenth of some points. While senders wait, pools open connections, and close them when they were idle
 * for a minute or so: what is never closed shows in the least, a burst does not.
 */
function leastOfEach(points: readonly Point[]): Point[] {
  const parts = Array.from({ length: 10 }, (_, n) =>
    points.slice(Math.floor((n * points.length) / 10), Math.floor(((n + 1) * points.length) / 10)),
  ).filter(({ length }) => length > 0);
  return parts.map((part) => part.reduce((least, point) => (point[1] < least[1] ? point : least)));
}

function findingsOf(part: string, trend: Trend): string[] {
  const { residentMegabytes, residentGrowthMegabytes, kilobytesPerMessage, handleGrowth } = trend;
  const allowed = residentMegabytes * bounds.growthShare + bounds.growthMegabytes;
  const grows = isExchange(part)
    ? residentGrowthMegabytes > allowed
    : kilobytesPerMessage > bounds.storeKilobytesPerMessage && residentGrowthMegabytes > allowed;
  return [
    ...(grows ? [`the memory of ${part} grew by ${residentGrowthMegabytes} MB`] : []),
    ...(handleGrowth > bounds.handleGrowth
      ? [`${part} opened ${handleGrowth} handles more than it closed`]
      : []),
  ];
}

function restartsAmong(samples: readonly Sample[]): string[] {
  return partsOf(samples).flatMap((part) => {
    const pids = new Set(samples.flatMap(({ parts }) => parts[part]?.pid ?? []));
    return pids.size > 1 ? [`${part} was started again`] : [];
  });
}

function backlogFindings(judged: readonly Sample[], oldest: number): string[] {
  const { growth } = lineOf(judged.map(({ second, oldestSeconds }) => [second, oldestSeconds]));
  return [
    ...(oldest > bounds.oldestSeconds ? [`a message waited for ${round(oldest)} s`] : []),
    ...(growth > bounds.oldestGrowthSeconds ? [`the backlog grew by ${round(growth)} s`] : []),
  ];
}

function accountFindings({ accepted, refused, normalised, differing }: Outcome): string[] {
  return [
    ...(refused > 0 ? [`${refused} messages were not accepted`] : []),
    ...(normalised === accepted ? [] : [`${accepted} messages were accepted and ${normalised} normalised`]),
    ...(differing > 0 ? [`the ledger names ${differing} differences`] : []),
  ];
}

/** The line of least squares through some points: their mean, and by how much it rises from the first to the last. */
function lineOf(points: readonly Point[]): {
  readonly mean: number;
  readonly growth: number;
} {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return { mean: 0, growth: 0 };
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const mean = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const common = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - mean), 0);
  return { mean, growth: spread === 0 ? 0 : (common / spread) * (last[0] - first[0]) };
}

const round = (value: number): number => Number(value.toFixed(1));
