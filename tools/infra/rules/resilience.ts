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
  const gateways = ofType(infra, 'Microsoft.ApiManagement/service')
    .filter(hasZones)
    .filter((gateway) => listOf(property(gateway, 'zones')).length < 2)
    .map((gateway) => `${nameOf(gateway)} is in one zone`);
  return [...accounts, ...plans, ...stores, ...gateways];
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

/** Deleted blobs come back for a month at least. */
const softDelete = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Storage/storageAccounts/blobServices')
    .filter((blobs) => Number(property(blobs, 'properties', 'deleteRetentionPolicy', 'days') ?? 0) < 30)
    .map((blobs) => `${nameOf(blobs)} keeps deleted blobs for less than 30 days`);

const both = (check: Rule['check'], table: Parameters<typeof demands>[0]): Rule['check'] => {
  const checkTable = demands(table);
  return (infra) => [...check(infra), ...checkTable(infra)];
};

/** Eight years: the record of an adult (NHS Records Management Code of Practice). */
const recordDays = 2920;

/** What a lifecycle rule deletes of whole containers that are kept as records. */
function lifecycle(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Storage/storageAccounts/managementPolicies').flatMap((policy) =>
    listOf(property(policy, 'properties', 'policy', 'rules'))
      .filter((rule) =>
        listOf(at(rule, 'definition', 'filters', 'prefixMatch')).some((prefix) =>
          ['raw-messages/', 'audit-exports/'].includes(textOf(prefix)),
        ),
      )
      .filter((rule) => {
        const days = at(
          rule,
          'definition',
          'actions',
          'baseBlob',
          'delete',
          'daysAfterModificationGreaterThan',
        );
        return Number(days ?? recordDays) < recordDays;
      })
      .map((rule) => `${textOf(at(rule, 'name') ?? null)} deletes records before their time`),
  );
}

/** What a record was made of, and who saw it, cannot be changed or deleted before its time. */
function immutability(infra: Infrastructure): readonly string[] {
  if (infra.environment !== 'prod') return [];
  const kept = ofType(
    infra,
    'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
  ).map(({ name }) => name.split('/').at(-2));
  return ['raw-messages', 'audit-exports']
    .filter((name) => !kept.includes(name))
    .map((name) => `${name} can be changed`);
}

/** Services that hold patients take the trust's key where it is asked for; and with patients it is. */
function trustKeys(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['tags'], 'dataClassification') !== 'patient') return [];
  const sources: readonly (readonly [string, readonly string[]])[] = [
    ['Microsoft.Storage/storageAccounts', ['properties', 'encryption', 'keyvaultproperties', 'keyname']],
    ['Microsoft.DocumentDB/databaseAccounts', ['properties', 'keyVaultKeyUri']],
    ['Microsoft.ServiceBus/namespaces', ['properties', 'encryption', 'keyVaultProperties']],
  ];
  const without = sources.flatMap(([type, path]) =>
    ofType(infra, type).filter((resource) => (property(resource, ...path) ?? null) === null),
  );
  const microsofts = ofType(infra, 'Microsoft.Storage/storageAccounts').filter(
    (account) => property(account, 'properties', 'encryption', 'keySource') !== 'Microsoft.Keyvault',
  );
  return [...new Set([...without, ...microsofts])].map(
    (resource) => `${nameOf(resource)} is encrypted with a key of Microsoft`,
  );
}

export const resilienceRules: readonly Rule[] = [
  {
    name: 'backup',
    says: 'what was deleted or overwritten by mistake comes back',
    check: both(softDelete, [
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
      {
        type: 'Microsoft.Storage/storageAccounts/blobServices',
        path: ['properties', 'containerDeleteRetentionPolicy', 'enabled'],
        values: [true],
      },
      { type: 'Microsoft.KeyVault/vaults', path: ['properties', 'enableSoftDelete'], values: [true] },
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
  {
    name: 'immutability',
    says: 'in production raw messages and exported trails cannot be changed',
    check: immutability,
  },
  { name: 'lifecycle', says: 'no lifecycle rule deletes records before their time', check: lifecycle },
  {
    name: 'keys-of-the-trust',
    says: 'patients are encrypted with keys of the trust',
    check: trustKeys,
  },
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
