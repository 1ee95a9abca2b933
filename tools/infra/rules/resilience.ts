/** What survives mistakes, and the loss of a zone or a region. */
import type { PlannedResource } from '../../bicep/evaluate/plan.js';
import { at, textOf } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { demands, present, type Rule } from './rule.js';

const dataTypes = [
  'Microsoft.DocumentDB/databaseAccounts',
  'Microsoft.KeyVault/vaults',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.Storage/storageAccounts',
];

function locks(infra: Infrastructure): readonly string[] {
  if (infra.environment !== 'prod') return [];
  const locked = new Set(
    ofType(infra, 'Microsoft.Authorization/locks').map(({ scope }) => scope.toLowerCase()),
  );
  return dataTypes.flatMap((type) =>
    ofType(infra, type)
      .filter(({ id }) => !locked.has(id.toLowerCase()))
      .map((resource) => `${nameOf(resource)} can be deleted`),
  );
}

/** The second region has no zones. */
const hasZones = (resource: PlannedResource): boolean => property(resource, 'location') !== 'ukwest';

function zones(infra: Infrastructure): readonly string[] {
  if (infra.environment !== 'prod') return [];
  const accounts = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts').flatMap((account) => {
    const [first] = listOf(property(account, 'properties', 'locations'));
    return at(first, 'isZoneRedundant') === true ? [] : [`${nameOf(account)} is in one zone`];
  });
  const plans = ofType(infra, 'Microsoft.Web/serverfarms')
    .filter(hasZones)
    .filter((plan) => property(plan, 'properties', 'zoneRedundant') !== true)
    .map((plan) => `${nameOf(plan)} is in one zone`);
  const stores = ofType(infra, 'Microsoft.Storage/storageAccounts')
    .filter(hasZones)
    .filter((account) => !textOf(property(account, 'sku', 'name') ?? null).endsWith('ZRS'))
    .map((account) => `${nameOf(account)} is in one zone`);
  return [...accounts, ...plans, ...stores];
}

function secondRegion(infra: Infrastructure): readonly string[] {
  if (infra.environment !== 'prod') return [];
  const accounts = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts').filter(
    (account) =>
      listOf(property(account, 'properties', 'locations')).length < 2 ||
      property(account, 'properties', 'enableAutomaticFailover') !== true,
  );
  const buses = ofType(infra, 'Microsoft.ServiceBus/namespaces').filter(
    (bus) => listOf(property(bus, 'properties', 'geoDataReplication', 'locations')).length < 2,
  );
  return [...accounts, ...buses].map((resource) => `${nameOf(resource)} has no copy in the second region`);
}

/** What a record was made of, and who saw it, cannot be changed or deleted before its time. */
function immutability(infra: Infrastructure): readonly string[] {
  if (infra.environment !== 'prod') return [];
  const kept = ofType(
    infra,
    'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
  ).map(({ name }) => name.split('/').at(-2));
  return kept.includes('raw-messages') ? [] : ['raw messages can be changed'];
}

export const resilienceRules: readonly Rule[] = [
  {
    name: 'backup',
    says: 'what was deleted or overwritten by mistake comes back',
    check: demands([
      {
        type: 'Microsoft.DocumentDB/databaseAccounts',
        path: ['properties', 'backupPolicy', 'type'],
        values: ['Continuous'],
      },
      {
        type: 'Microsoft.Storage/storageAccounts/blobServices',
        path: ['properties', 'isVersioningEnabled'],
        values: [true],
      },
      {
        type: 'Microsoft.Storage/storageAccounts/blobServices',
        path: ['properties', 'deleteRetentionPolicy', 'enabled'],
        values: [true],
      },
      { type: 'Microsoft.KeyVault/vaults', path: ['properties', 'enablePurgeProtection'], values: [true] },
      { type: 'Microsoft.KeyVault/vaults', path: ['properties', 'softDeleteRetentionInDays'], values: [90] },
    ]),
  },
  {
    name: 'locks',
    says: 'in production nobody deletes what holds data without taking a lock away first',
    check: locks,
  },
  { name: 'zones', says: 'production goes on without a zone', check: zones },
  { name: 'second-region', says: 'production has copies in the second region', check: secondRegion },
  { name: 'immutability', says: 'in production raw messages cannot be changed', check: immutability },
  {
    name: 'services',
    says: 'the services of the exchange are there',
    check: present([
      ...dataTypes,
      'Microsoft.Web/sites',
      'Microsoft.Insights/components',
      'Microsoft.Network/virtualNetworks',
    ]),
  },
];
