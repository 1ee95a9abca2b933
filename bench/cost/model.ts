/**
 * What a deployment costs a month: counts of resources from the evaluated templates, use from the workload, prices from
 * bench/cost/prices.json. Pure: nothing is asked of Azure.
 */

/** What is sent and asked. */
export interface Workload {
  readonly name: string;
  readonly people: number;
  readonly messagesPerDay: number;
  /** How much busier the busiest hour is than the mean. */
  readonly peakFactor: number;
  readonly readsPerDay: number;
  readonly bytesPerMessage: number;
  readonly recordsPerMessage: number;
}

/** What one message or read uses (bench/cost/consumption.json). */
export type Consumption = Readonly<
  Record<
    | 'requestUnitsPerRecordWritten'
    | 'requestUnitsPerMessageBeside'
    | 'requestUnitsPerRead'
    | 'secondsPerMessage'
    | 'messagesAtOncePerInstance'
    | 'secondsPerRequest'
    | 'requestsAtOncePerInstance'
    | 'bytesStoredPerRecord'
    | 'busOperationsPerMessage'
    | 'logBytesPerMessage'
    | 'logBytesPerRead'
    | 'yearsKept',
    number
  >
>;

/** What is there whether or not anything is sent, counted in the templates of an environment. */
export interface Standing {
  readonly isServerless: boolean;
  readonly regions: number;
  readonly busUnits: number;
  readonly isPremiumBus: boolean;
  readonly isZoneRedundant: boolean;
  readonly alwaysReady: number;
  readonly instanceGb: number;
  readonly privateEndpoints: number;
  readonly natGateways: number;
  readonly gatewayUnits: number;
  readonly frontDoors: number;
  readonly hsmKeys: number;
  readonly alerts: number;
  readonly hasDefender: boolean;
  readonly logDays: number;
}

/** Prices in one currency (bench/cost/prices.json). */
export type Prices = Readonly<Record<string, number>>;

export interface CostLine {
  readonly part: string;
  /** What is counted, in words. */
  readonly basis: string;
  readonly monthly: number;
}

const DAYS = 365 / 12;
const GB = 1e9;
const HOURS = 730;

/** Request units of one message. */
export const requestUnitsOfMessage = (use: Consumption, { recordsPerMessage }: Workload): number =>
  use.requestUnitsPerMessageBeside + recordsPerMessage * use.requestUnitsPerRecordWritten;

/** Gigabytes of documents after the years that are costed. */
export const gigabytesStored = (use: Consumption, work: Workload): number =>
  (work.messagesPerDay * work.recordsPerMessage * use.bytesStoredPerRecord * 365 * use.yearsKept) / GB;

/** Most throughput to buy may not be less than this for each gigabyte that is stored (autoscale). */
const LEAST_PER_GIGABYTE = 10;

/** Request units a second to buy: those of the busiest hour and what storage asks for, in multiples of 1,000. */
export function requestUnitsToBuy(use: Consumption, work: Workload): number {
  const day =
    work.messagesPerDay * requestUnitsOfMessage(use, work) + work.readsPerDay * use.requestUnitsPerRead;
  const busiest = (day / 86_400) * work.peakFactor;
  const needed = Math.max(busiest, gigabytesStored(use, work) * LEAST_PER_GIGABYTE, 1);
  return Math.ceil(needed / 1000) * 1000;
}

/** A price by its name; one that is missing is a fault of the file, not a price of nothing. */
function priceIn(prices: Prices, name: string): number {
  const price = prices[name];
  if (price === undefined) throw new Error(`bench/cost/prices.json has no ${name}`);
  return price;
}

function records(use: Consumption, work: Workload, there: Standing, prices: Prices): readonly CostLine[] {
  const units =
    work.messagesPerDay * requestUnitsOfMessage(use, work) + work.readsPerDay * use.requestUnitsPerRead;
  const peak = requestUnitsToBuy(use, work);
  const stored = gigabytesStored(use, work);
  // Autoscale is paid by the hour for the most that was used in it, a tenth of the most at least.
  const mean = Math.max(peak / 10, (units / 86_400) * Math.sqrt(work.peakFactor));
  const throughput = there.isServerless
    ? ((units * DAYS) / 1e6) * priceIn(prices, 'cosmosServerlessPerMillionRequestUnits')
    : (mean / 100) * HOURS * priceIn(prices, 'cosmosAutoscalePer100RequestUnitsHour') * there.regions;
  const kept = priceIn(prices, 'cosmosStoragePerGbMonth') + priceIn(prices, 'cosmosBackupPerGbMonth');
  return [
    {
      part: 'Cosmos DB, throughput',
      basis: there.isServerless ? 'by request' : `up to ${peak} RU/s, ${there.regions} region(s)`,
      monthly: throughput,
    },
    {
      part: 'Cosmos DB, storage and backup',
      basis: `${Math.round(stored)} GB after ${use.yearsKept} years, ${there.regions} region(s)`,
      monthly: stored * kept * there.regions,
    },
  ];
}

function compute(use: Consumption, work: Workload, there: Standing, prices: Prices): CostLine {
  const busy =
    (work.messagesPerDay * use.secondsPerMessage) / use.messagesAtOncePerInstance +
    ((work.messagesPerDay + work.readsPerDay) * use.secondsPerRequest) / use.requestsAtOncePerInstance;
  // Instances are rarely full: a third of what they could do at once is what they do.
  const active = busy * 3 * DAYS * there.instanceGb * priceIn(prices, 'functionsActivePerGbSecond');
  const executions =
    (((work.messagesPerDay * 3 + work.readsPerDay) * DAYS) / 1e6) *
    priceIn(prices, 'functionsPerMillionExecutions');
  const ready =
    there.alwaysReady * there.instanceGb * HOURS * 3600 * priceIn(prices, 'functionsAlwaysReadyPerGbSecond');
  return {
    part: 'Functions',
    basis: `${there.alwaysReady} instance(s) always ready, and what is needed`,
    monthly: active + executions + ready,
  };
}

function bus(use: Consumption, work: Workload, there: Standing, prices: Prices): CostLine {
  const operations = (work.messagesPerDay * use.busOperationsPerMessage * DAYS) / 1e6;
  return there.isPremiumBus
    ? {
        part: 'Service Bus',
        basis: `${there.busUnits} unit(s), ${there.regions} region(s)`,
        monthly: there.busUnits * there.regions * priceIn(prices, 'serviceBusPremiumUnitMonth'),
      }
    : {
        part: 'Service Bus',
        basis: 'Standard, by operation',
        monthly:
          priceIn(prices, 'serviceBusStandardMonth') +
          operations * priceIn(prices, 'serviceBusStandardPerMillionOperations'),
      };
}

function kept(use: Consumption, work: Workload, there: Standing, prices: Prices): readonly CostLine[] {
  const raw = (work.messagesPerDay * work.bytesPerMessage * 365 * use.yearsKept) / GB;
  const copies = there.isZoneRedundant ? priceIn(prices, 'blobRedundancyFactor') : 1;
  const writes = (work.messagesPerDay * DAYS) / 10_000;
  const logs =
    ((work.messagesPerDay * use.logBytesPerMessage + work.readsPerDay * use.logBytesPerRead) * DAYS) / GB;
  // The first month of retention is part of the price of taking logs in.
  const older = Math.max(0, there.logDays / DAYS - 1);
  return [
    {
      part: 'Raw archive',
      basis: `${Math.round(raw)} GB after ${use.yearsKept} years`,
      monthly:
        raw * priceIn(prices, 'blobHotPerGbMonth') * copies +
        writes * priceIn(prices, 'blobPer10000Writes') * copies,
    },
    {
      part: 'Logs',
      basis: `${logs.toFixed(1)} GB a month, kept ${there.logDays} days`,
      monthly: logs * (priceIn(prices, 'logsPerGb') + older * priceIn(prices, 'logsRetentionPerGbMonth')),
    },
  ];
}

function standing(work: Workload, there: Standing, prices: Prices): readonly CostLine[] {
  const line = (part: string, count: number, price: string): CostLine => ({
    part,
    basis: `${count}`,
    monthly: count * priceIn(prices, price),
  });
  const outward = (work.readsPerDay * 8000 * DAYS) / GB;
  return [
    line('Private endpoints', there.privateEndpoints, 'privateEndpointMonth'),
    line('Gateway (API Management), units', there.gatewayUnits, 'apiManagementUnitMonth'),
    {
      part: 'Front Door with firewall',
      basis: `${there.frontDoors}`,
      monthly:
        there.frontDoors *
        (priceIn(prices, 'frontDoorPremiumMonth') + outward * priceIn(prices, 'frontDoorPerGb')),
    },
    line('NAT gateway', there.natGateways, 'natGatewayMonth'),
    line('Keys of the trust (HSM)', there.hsmKeys, 'keyVaultHsmKeyMonth'),
    line('Defender plans', there.hasDefender ? 1 : 0, 'defenderMonth'),
    line('Alert rules', there.alerts, 'alertRuleMonth'),
  ];
}

/** Lines of the bill, without those of nothing. */
export function costOf(
  use: Consumption,
  work: Workload,
  there: Standing,
  prices: Prices,
): readonly CostLine[] {
  return [
    ...records(use, work, there, prices),
    compute(use, work, there, prices),
    bus(use, work, there, prices),
    ...kept(use, work, there, prices),
    ...standing(work, there, prices),
  ].filter(({ monthly }) => monthly > 0);
}

export const totalOf = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, { monthly }) => sum + monthly, 0);
