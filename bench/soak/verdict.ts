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

/** Open files and sockets of each part while nothing is sent, for longer than pools keep idle connections. */
export interface Rest {
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

/** What was sent, and the exchange's own account of it. */
export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly normalised: number;
  /** Messages for which archive, receipts and records do not agree. */
  readonly differing: number;
}

/** How a part developed over the judged time. */
export interface Trend {
  readonly residentMegabytes: number;
  /** By the line of least squares. */
  readonly residentGrowthMegabytes: number;
  readonly handles: number;
  readonly mostHandles: number;
  readonly handlesAtRest: { readonly before: number; readonly after: number };
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
 * Connections are opened while requests wait, and closed when they were idle for about a minute: under load their number
 * follows the longest wait of the last minute, up to what the pools hold (the sender 64, each host 64 requests to each of
 * Cosmos DB and Blob Storage: `HDE_MAX_IN_FLIGHT`). What nobody closes shows at rest.
 *
 * A heap is never quite flat, and the bounded caches of the app (100,000 entries of 100 to 200 bytes) fill for longer
 * than a soak may last, hence the fixed part. The stores are stand-ins that keep all they are given at hand, so that
 * their memory is judged by the message; what they may take is twice what they took when this was written.
 */
export const bounds = {
  growthShare: 0.15,
  growthMegabytes: 32,
  storeKilobytesPerMessage: 110,
  handleGrowthAtRest: 20,
  handlesOfPools: 200,
  /** Azurite holds so many files open that it appends to, and opens them as it needs them. */
  filesOfAzurite: 50,
  oldestSeconds: 60,
  oldestGrowthSeconds: 15,
} as const;

const megabyte = 1_048_576;
/** The parts that are the exchange itself; all others stand in for services of Azure. */
const isExchange = (part: string): boolean => part.startsWith('functions-');

/**
 * Judges the last two thirds of a soak, and what is left open after it.
 *
 * @param samples oldest first; at least three of them in the judged time
 * @param perSecond messages that were sent each second
 */
export function judgeSoak(
  samples: readonly Sample[],
  rest: Rest,
  outcome: Outcome,
  perSecond: number,
): Verdict {
  const end = samples.at(-1)?.second ?? 0;
  const judged = samples.filter(({ second }) => second >= end / 3);
  const messages = perSecond * (end - (judged[0]?.second ?? end));
  const trends = Object.fromEntries(
    partsOf(judged).map((part) => [part, trendOf(judged, rest, part, messages)] as const),
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

function trendOf(samples: readonly Sample[], rest: Rest, part: string, messages: number): Trend {
  const points = samples.flatMap(({ second, parts }) => {
    const usage = parts[part];
    return usage === undefined ? [] : [{ second, usage }];
  });
  const memory = lineOf(points.map(({ second, usage }) => [second, usage.residentBytes / megabyte]));
  const handles = points.map(({ usage }) => usage.handles);
  return {
    residentMegabytes: round(memory.mean),
    residentGrowthMegabytes: round(memory.growth),
    handles: round(handles.reduce((sum, each) => sum + each, 0) / handles.length),
    mostHandles: Math.max(...handles),
    handlesAtRest: { before: rest.before[part] ?? 0, after: rest.after[part] ?? 0 },
    kilobytesPerMessage: messages === 0 ? 0 : round((memory.growth * 1024) / messages),
  };
}

function findingsOf(part: string, trend: Trend): string[] {
  const { residentMegabytes, residentGrowthMegabytes, kilobytesPerMessage } = trend;
  const allowed = residentMegabytes * bounds.growthShare + bounds.growthMegabytes;
  const grows = isExchange(part)
    ? residentGrowthMegabytes > allowed
    : kilobytesPerMessage > bounds.storeKilobytesPerMessage && residentGrowthMegabytes > allowed;
  return [
    ...(grows ? [`the memory of ${part} grew by ${residentGrowthMegabytes} MB`] : []),
    ...handleFindings(part, trend),
  ];
}

function handleFindings(part: string, { mostHandles, handlesAtRest: { before, after } }: Trend): string[] {
  const files = part === 'azurite' ? bounds.filesOfAzurite : 0;
  return [
    ...(after - before > bounds.handleGrowthAtRest + files
      ? [`${part} keeps ${after - before} handles more than before open`]
      : []),
    ...(mostHandles - before > bounds.handlesOfPools + files
      ? [`${part} had ${mostHandles - before} handles more open than at rest`]
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
