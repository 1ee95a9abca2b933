/**
 * The busiest time of a deployment, message by message: they come in bursts about patients, messages about one patient
 * wait for each other (sessions), workers take what is free, and each commit costs request units in the physical
 * partition that the patient's records are in.
 */
import { percentile } from '../load/percentile.js';
import { inARow, type Random, seeded, untilNext } from './random.js';
import { Workers } from './workers.js';

export interface Busy {
  readonly messagesPerSecond: number;
  /** People about whom messages come; a few of them are far more often in hospital than the others. */
  readonly people: number;
  /** Messages that may be under way at once. */
  readonly workers: number;
  /** Median time under way; one in twenty takes four times as long. */
  readonly secondsPerMessage: number;
  readonly requestUnitsPerMessage: number;
  readonly partitions: number;
  readonly seconds?: number;
  readonly seed?: number;
}

export interface Observed {
  readonly messagesPerSecond: number;
  /** Seconds from acceptance to commit. */
  readonly p50: number;
  readonly p95: number;
  /** Share of the workers' time that is used. */
  readonly workersUsed: number;
  /** RU/s of the partition with most to do, in its busiest second. */
  readonly busiestSecond: number;
  /** RU/s of the partition with most to do, over the whole time. */
  readonly busiestPartition: number;
  /** Most messages about one person. */
  readonly mostAboutOne: number;
}

/** Chance that another message about the same person follows at once: an admission brings several. */
const BURST = 0.5;

/** A person: squares make some far more frequent than others, without a few being everything. */
const personBy = (random: Random, people: number): number => Math.floor(random() ** 2 * people);

/** Where a person's records are: spread by a hash, as Cosmos DB does. */
const partitionOf = (person: number, partitions: number): number =>
  Math.floor(((Math.imul(person ^ 0x9e3779b9, 0x85ebca6b) >>> 0) / 2 ** 32) * partitions);

const durationBy = (random: Random, median: number): number =>
  median * (random() < 0.05 ? 4 : 0.7 + 0.6 * random());

class Partitions {
  private readonly seconds: Float64Array[];

  constructor(
    count: number,
    private readonly within: number,
  ) {
    this.seconds = Array.from({ length: count }, () => new Float64Array(within));
  }

  charge(partition: number, at: number, units: number): void {
    const seconds = this.seconds[partition];
    const second = Math.floor(at);
    // What ends after the time that is watched belongs to the time after.
    if (seconds !== undefined && second < this.within) seconds[second] = (seconds[second] ?? 0) + units;
  }

  /** Most in one second. */
  busiestSecond(): number {
    return Math.max(...this.seconds.map((seconds) => Math.max(...seconds)));
  }

  /** Most over the whole time, a second. */
  busiest(): number {
    const sums = this.seconds.map((seconds) => seconds.reduce((sum, units) => sum + units, 0));
    return Math.max(...sums) / this.within;
  }
}

/** Long enough for some two thousand messages: a quiet deployment is watched for up to an hour. */
const secondsFor = (rate: number): number => Math.round(Math.min(3600, Math.max(60, 2000 / rate)));

export function simulate(load: Busy): Observed {
  const { messagesPerSecond, people, workers, partitions, seed = 1 } = load;
  const seconds = load.seconds ?? secondsFor(messagesPerSecond);
  const random = seeded(seed);
  const pool = new Workers(workers);
  const stores = new Partitions(partitions, seconds);
  const lastOf = new Map<number, { end: number; count: number }>();
  const waits: number[] = [];
  let busy = 0;
  // Bursts come independently; their mean length is 1 / (1 - BURST).
  const bursts = messagesPerSecond * (1 - BURST);
  for (let now = untilNext(random, bursts); now < seconds; now += untilNext(random, bursts)) {
    const person = personBy(random, people);
    for (let left = inARow(random, BURST); left > 0; left -= 1) {
      const before = lastOf.get(person);
      const duration = durationBy(random, load.secondsPerMessage);
      const end = pool.run(Math.max(now, before?.end ?? 0), duration);
      lastOf.set(person, { end, count: (before?.count ?? 0) + 1 });
      stores.charge(partitionOf(person, partitions), end, load.requestUnitsPerMessage);
      waits.push(end - now);
      busy += duration;
    }
  }
  return {
    messagesPerSecond: waits.length / seconds,
    p50: percentile(waits, 0.5),
    p95: percentile(waits, 0.95),
    workersUsed: busy / (workers * seconds),
    busiestSecond: stores.busiestSecond(),
    busiestPartition: stores.busiest(),
    mostAboutOne: Math.max(0, ...[...lastOf.values()].map(({ count }) => count)),
  };
}
