/** Which limit a deployment meets first, as what is sent grows. */
import {
  type Consumption,
  gigabytesStored,
  requestUnitsOfMessage,
  requestUnitsToBuy,
  type Workload,
} from '../cost/model.js';
import { type Observed, simulate } from './simulate.js';

export type Limits = Readonly<
  Record<
    | 'requestUnitsPerPartition'
    | 'burstRequestUnitsPerPartition'
    | 'gigabytesPerPartition'
    | 'requestUnitsPerContainer'
    | 'messagesPerSecondPerUnit'
    | 'maximumUnits'
    | 'sessionsPerInstance'
    | 'maximumInstances'
    | 'secondsPerMessage'
    | 'blobRequestsPerSecond'
    | 'blobRequestsPerMessage'
    | 'gatewayRequestsPerSecondPerUnit'
    | 'logGigabytesPerDay',
    number
  >
>;

/** What was bought: the sizes of a parameter file. */
export interface Bought {
  readonly instances: number;
  readonly busUnits: number;
  readonly gatewayUnits: number;
  /** Most RU/s of the container of records. */
  readonly requestUnits: number;
}

export interface Use {
  readonly limit: string;
  /** 1 is the limit. */
  readonly used: number;
  /** What helps. */
  readonly then: string;
}

export interface Capacity {
  readonly observed: Observed;
  readonly partitions: number;
  /** The most used first. */
  readonly uses: readonly Use[];
}

const GB = 1e9;

/** Physical partitions: for the throughput bought, and for what is stored. */
function partitionsFor(workload: Workload, use: Consumption, limits: Limits, bought: Bought): number {
  const stored = gigabytesStored(use, workload);
  return Math.max(
    1,
    Math.ceil(bought.requestUnits / limits.requestUnitsPerPartition),
    Math.ceil(stored / limits.gigabytesPerPartition),
  );
}

export function capacityOf(workload: Workload, use: Consumption, limits: Limits, bought: Bought): Capacity {
  const rate = (workload.messagesPerDay / 86_400) * workload.peakFactor;
  const reads = (workload.readsPerDay / 86_400) * workload.peakFactor;
  const partitions = partitionsFor(workload, use, limits, bought);
  const observed = simulate({
    messagesPerSecond: rate,
    people: workload.people,
    workers: Math.max(1, bought.instances * limits.sessionsPerInstance),
    secondsPerMessage: limits.secondsPerMessage,
    requestUnitsPerMessage: requestUnitsOfMessage(use, workload),
    partitions,
  });
  const readUnits = (reads * use.requestUnitsPerRead) / partitions;
  const ofPartition = Math.min(limits.requestUnitsPerPartition, bought.requestUnits / partitions);
  const logs =
    (workload.messagesPerDay * use.logBytesPerMessage + workload.readsPerDay * use.logBytesPerRead) / GB;
  const uses: readonly Use[] = [
    {
      limit: 'Cosmos DB, busiest partition',
      used: (observed.busiestPartition + readUnits) / ofPartition,
      then: 'raise `cosmosMaxThroughput.records`',
    },
    {
      limit: 'Cosmos DB, busiest second of a partition',
      used:
        (observed.busiestSecond + readUnits) / Math.max(ofPartition, limits.burstRequestUnitsPerPartition),
      then: 'raise `cosmosMaxThroughput.records`, up to 10,000 RU/s for each partition; the guard smooths the rest',
    },
    {
      limit: 'Cosmos DB, throughput bought',
      used: requestUnitsToBuy(use, workload) / bought.requestUnits,
      then: 'raise `cosmosMaxThroughput.records`: Cosmos DB asks for it by what is stored',
    },
    {
      limit: 'Cosmos DB, container without asking',
      used: requestUnitsToBuy(use, workload) / limits.requestUnitsPerContainer,
      then: 'ask Microsoft, or a deployment for each part of the country',
    },
    {
      limit: 'Service Bus, units bought',
      used: rate / (bought.busUnits * limits.messagesPerSecondPerUnit),
      then: 'raise `serviceBusUnits`',
    },
    {
      limit: 'Service Bus, units of a namespace',
      used: rate / (limits.maximumUnits * limits.messagesPerSecondPerUnit),
      then: 'a second namespace, split by organisation',
    },
    { limit: 'Workers', used: observed.workersUsed, then: 'raise `maximumInstances`' },
    {
      limit: 'Workers of one app',
      used: observed.workersUsed * (bought.instances / limits.maximumInstances),
      then: 'the worker as an app of its own for each part of the feeds',
    },
    {
      limit: 'Raw archive, requests',
      used: (rate * limits.blobRequestsPerMessage) / limits.blobRequestsPerSecond,
      then: 'ask Microsoft, or an account for each part of the feeds',
    },
    {
      limit: 'Gateway, units bought',
      used: (rate + reads) / (bought.gatewayUnits * limits.gatewayRequestsPerSecondPerUnit),
      then: 'raise `apiManagementUnits`',
    },
    {
      limit: 'Logs',
      used: logs / limits.logGigabytesPerDay,
      then: 'fewer lines, or a workspace for each part',
    },
  ];
  return { observed, partitions, uses: [...uses].sort((one, other) => other.used - one.used) };
}

/** The workload with all of it multiplied; people too, since more people are what grows. */
const grown = (workload: Workload, times: number): Workload => ({
  ...workload,
  people: workload.people * times,
  messagesPerDay: workload.messagesPerDay * times,
  readsPerDay: workload.readsPerDay * times,
});

/** How many times as much can come before the first limit is met, to the nearest twentieth, and which limit that is. */
export function headroomOf(workload: Workload, use: Consumption, limits: Limits, bought: Bought) {
  const first = (times: number) => capacityOf(grown(workload, times), use, limits, bought).uses[0];
  let low = 0;
  let high = 1;
  // What a country sends is far above what any of these deployments takes.
  while (high < 1024 && (first(high)?.used ?? 0) < 1) {
    low = high;
    high *= 2;
  }
  while (high - low > 0.05) {
    const middle = (low + high) / 2;
    if ((first(middle)?.used ?? 0) < 1) low = middle;
    else high = middle;
  }
  return { times: low, limit: first(high)?.limit ?? '', then: first(high)?.then ?? '' };
}
