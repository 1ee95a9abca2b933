/** Which region, copy and origin comes first, and what has to be done one after the other. */
import { at, textOf, type Value } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { demands, type Rule } from './rule.js';

const textAt = (value: Value, key: string): string => textOf(at(value, key) ?? null);

/** The first of an account's regions is its own; those after it are numbered in order. */
const failovers = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.DocumentDB/databaseAccounts').flatMap((account) => {
    const locations = listOf(property(account, 'properties', 'locations'));
    const numbers = locations.map((one) => Number(at(one, 'failoverPriority'))).sort((a, b) => a - b);
    const first = locations.find((one) => at(one, 'failoverPriority') === 0);
    const isInOrder = numbers.length > 0 && numbers.every((number, index) => number === index);
    const isOwn =
      first !== undefined && textAt(first, 'locationName') === textOf(property(account, 'location') ?? null);
    return isInOrder && isOwn
      ? []
      : [`${nameOf(account)}: its regions fail over in the order ${numbers.join(', ')}`];
  });

/** One region of a namespace takes messages, its own; the other one has copies. */
const primaries = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.ServiceBus/namespaces').flatMap((bus) => {
    const locations = listOf(property(bus, 'properties', 'geoDataReplication', 'locations'));
    if (locations.length === 0) return [];
    const taking = locations
      .filter((one) => at(one, 'roleType') === 'Primary')
      .map((one) => textAt(one, 'locationName'));
    return taking.length === 1 && taking[0] === textOf(property(bus, 'location') ?? null)
      ? []
      : [`${nameOf(bus)} takes messages in ${taking.join(' and ') || 'no region'}`];
  });

/** Origins of one priority share the load: clients would reach the second region while the first one works. */
function origins(infra: Infrastructure): readonly string[] {
  const taken = new Set<string>();
  return ofType(infra, 'Microsoft.Cdn/profiles/originGroups/origins').flatMap((origin) => {
    const group = origin.id.toLowerCase().split('/origins/')[0] ?? '';
    const place = `${group} ${textOf(property(origin, 'properties', 'priority') ?? null)}`;
    const isTaken = taken.has(place);
    taken.add(place);
    return isTaken ? [`${nameOf(origin)} has the priority of another origin`] : [];
  });
}

/** Chosen when a namespace is made and never changed; several would share out its units. */
const partitions = demands([
  {
    type: 'Microsoft.ServiceBus/namespaces',
    path: ['properties', 'premiumMessagingPartitions'],
    values: [1],
    when: (bus) => property(bus, 'sku', 'tier') === 'Premium',
  },
]);

/** Types of which the resource above takes one change at a time: loops over them say so. */
const oneAtATime = ['Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments'];

const serial = ({ templates }: Infrastructure): readonly string[] =>
  [...templates].flatMap(([file, text]) =>
    [...text.matchAll(/(@batchSize\(1\)\n)?resource (\w+) '([^'@]+)@[^']+' = \[/g)]
      .filter(([, batch, , type = '']) => batch === undefined && oneAtATime.includes(type))
      .map(([, , symbol = '']) => `${file}: ${symbol} are made all at once`),
  );

export const orderRules: readonly Rule[] = [
  {
    name: 'order-of-regions',
    says: 'one region comes first for records, messages and clients, and the other after it',
    check: (infra) => [...failovers(infra), ...primaries(infra), ...origins(infra)],
  },
  { name: 'partitions', says: 'messages are in one partition of their namespace', check: partitions },
  { name: 'one-at-a-time', says: 'what Azure changes one at a time is made so', check: serial },
  {
    name: 'kinds',
    says: 'accounts are of the kind that has versions, tiers and the SQL of Cosmos DB',
    check: demands([
      { type: 'Microsoft.Storage/storageAccounts', path: ['kind'], values: ['StorageV2'] },
      { type: 'Microsoft.DocumentDB/databaseAccounts', path: ['kind'], values: ['GlobalDocumentDB'] },
    ]),
  },
];
