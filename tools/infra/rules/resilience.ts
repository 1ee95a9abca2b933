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
  // ReadOnly would stop the exchange as well: keys are not listed, roles not given, stores not scaled.
  const locked = new Set(
    ofType(infra, 'Microsoft.Authorization/locks')
      .filter((lock) => property(lock, 'properties', 'level') === 'CanNotDelete')
      .map(({ scope }) => scope.toLowerCase()),
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
  // What the second region has of its own is the reserve, which copies nothing.
  const archives = ofType(infra, 'Microsoft.Storage/storageAccounts')
    .filter(({ name }) => name.includes('data'))
    .filter(hasZones)
    .filter((account) => !textOf(property(account, 'sku', 'name') ?? null).includes('_RA'));
  return [...accounts, ...buses, ...archives].map(
    (resource) => `${nameOf(resource)} has no copy in the second region`,
  );
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

/** Days after which whole containers are emptied: at least, for records; at most, for copies of them. */
const schedules: readonly (readonly [container: string, least: number, most: number])[] = [
  ['raw-messages', recordDays, Infinity],
  ['audit-exports', recordDays, Infinity],
  ['exports', 1, 31],
];

/** Bodies of senders that broke off: no message was accepted from them. */
const unfinished = 'raw-messages/.unnamed/';

/** What lifecycle rules delete: records before their time, copies too late, or nothing at all. */
function lifecycle(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Storage/storageAccounts/managementPolicies').flatMap((policy) => {
    const rules = listOf(property(policy, 'properties', 'policy', 'rules')).flatMap((rule) => {
      const actions = at(rule, 'definition', 'actions');
      return listOf(at(rule, 'definition', 'filters', 'prefixMatch')).map((prefix) => ({
        prefix: textOf(prefix),
        isOn: at(rule, 'enabled') === true,
        days: Number(at(actions, 'baseBlob', 'delete', 'daysAfterModificationGreaterThan') ?? Infinity),
        versionDays: Number(at(actions, 'version', 'delete', 'daysAfterCreationGreaterThan') ?? Infinity),
        isArchived: (at(actions, 'baseBlob', 'tierToArchive') ?? null) !== null,
      }));
    });
    const off = rules
      .filter(({ isOn }) => !isOn)
      .map(({ prefix }) => `${prefix} is kept for ever: its rule is off`);
    // Replay reads at once, and the Archive tier takes hours.
    const archived = rules
      .filter((rule) => rule.isArchived)
      .map(({ prefix }) => `${prefix} cannot be read at once`);
    const timed = schedules.flatMap(([container, least, most]) => {
      const own = rules.filter(({ prefix }) => prefix.startsWith(`${container}/`) && prefix !== unfinished);
      const early = own.filter(({ days, versionDays }) => Math.min(days, versionDays) < least);
      const whole = own.find(({ prefix }) => prefix === `${container}/`);
      return [
        ...early.map(({ prefix }) => `${prefix} is deleted before its time`),
        ...(whole !== undefined && Math.max(whole.days, whole.versionDays) <= most
          ? []
          : [`${container} is kept for longer than it may be`]),
      ];
    });
    return [...off, ...archived, ...timed].map((message) => `${nameOf(policy)}: ${message}`);
  });
}

/** What a record was made of, and who saw it, cannot be changed or deleted for as long as the parameters ask. */
function immutability(infra: Infrastructure): readonly string[] {
  const days = Number(at(infra.parameters['sizes'], 'immutableDays') ?? 0);
  const short = infra.environment === 'prod' && days < 365 ? ['sizes.immutableDays is less than a year'] : [];
  if (days === 0) return short;
  const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers';
  const kept = ofType(infra, `${containers}/immutabilityPolicies`);
  const loose = ofType(infra, containers)
    .filter(({ name }) => ['raw-messages', 'audit-exports'].includes(name.split('/').at(-1) ?? ''))
    .filter((container) => {
      const policy = kept.find(({ id }) => id.toLowerCase().startsWith(`${container.id.toLowerCase()}/`));
      const period = policy && property(policy, 'properties', 'immutabilityPeriodSinceCreationInDays');
      const isByVersion =
        property(container, 'properties', 'immutableStorageWithVersioning', 'enabled') === true;
      return !isByVersion || period !== days;
    });
  return [...short, ...loose.map((container) => `${nameOf(container)} can be changed within ${days} days`)];
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
        type: 'Microsoft.DocumentDB/databaseAccounts',
        path: ['properties', 'backupPolicy', 'continuousModeProperties', 'tier'],
        values: ['Continuous30Days'],
      },
      {
        type: 'Microsoft.Storage/storageAccounts/blobServices',
        path: ['properties', 'deleteRetentionPolicy', 'allowPermanentDelete'],
        values: [false],
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
    says: 'raw messages and exported trails cannot be changed for as long as asked: in production a year',
    check: immutability,
  },
  {
    name: 'lifecycle',
    says: 'lifecycle rules delete records not before their time, and copies of them not after it',
    check: lifecycle,
  },
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
