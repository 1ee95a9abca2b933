/** How far each role reaches, and that whoever needs it has it. */
import { at, isProperties, textOf } from '../../bicep/evaluate/values.js';
import { type Infrastructure, nameOf, ofType, property } from '../infrastructure.js';
import { assignmentsOf } from './keys.js';
import { demands, type Rule } from './rule.js';

/** The widest that a role may be given on; what is not here is given to no workload. */
const widest: Readonly<Record<string, RegExp>> = {
  'Azure Service Bus Data Sender': /\/namespaces\/[^/]+\/(queues|topics)\/[^/]+$/i,
  'Azure Service Bus Data Receiver': /\/namespaces\/[^/]+\/(queues|topics)\/[^/]+$/i,
  // The scale controller counts what waits, which a receiver may not.
  'Azure Service Bus Data Owner': /\/namespaces\/[^/]+\/queues\/[^/]+$/i,
  'Storage Blob Data Contributor': /\/blobServices\/default\/containers\/[^/]+$/i,
  // The Functions host asks for a whole account: one that holds no messages.
  'Storage Blob Data Owner': /\/storageAccounts\/[^/]*run[^/]*$/i,
  'Storage Queue Data Contributor': /\/storageAccounts\/[^/]*run[^/]*$/i,
  'Storage Table Data Contributor': /\/storageAccounts\/[^/]*run[^/]*$/i,
  'Key Vault Secrets User': /\/Microsoft\.KeyVault\/vaults\/[^/]+$/i,
  'Key Vault Crypto Service Encryption User': /\/Microsoft\.KeyVault\/vaults\/[^/]+$/i,
  'Monitoring Metrics Publisher': /\/Microsoft\.Insights\/components\/[^/]+$/i,
};

const narrow = (infra: Infrastructure): readonly string[] =>
  assignmentsOf(infra)
    .filter(({ role, scope }) => widest[role]?.test(scope) !== true)
    .map(({ role, scope }) => `${role} is given on ${scope}`);

/** The name of the identity that a principal belongs to: `{...userAssignedIdentities/<name>.properties.principalId}`. */
const identityIn = (principal: string): string =>
  /userAssignedIdentities\/([^/.}]+)/i.exec(principal)?.[1]?.toLowerCase() ?? principal;

/** Identities of the function apps, by name. */
const appIdentities = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const users = property(site, 'identity', 'userAssignedIdentities');
    return isProperties(users) ? Object.keys(users).map(identityIn) : [];
  });

/** Whichever region works, its app reads and writes the archive of both, and sends to every queue and topic. */
function everyApp(infra: Infrastructure): readonly string[] {
  const given = assignmentsOf(infra).map(({ scope, principal }) =>
    `${identityIn(principal)} ${scope}`.toLowerCase(),
  );
  const { serviceBus, storage } = infra.topology;
  const blobs = new Set(storage.containers.map(({ name }) => name));
  const entities = new Set([...serviceBus.queues, ...serviceBus.topics].map(({ name }) => name));
  const used = [
    ...ofType(infra, 'Microsoft.Storage/storageAccounts/blobServices/containers').filter(({ name }) =>
      blobs.has(name.split('/').at(-1) ?? ''),
    ),
    ...['queues', 'topics']
      .flatMap((kind) => ofType(infra, `Microsoft.ServiceBus/namespaces/${kind}`))
      .filter(({ name }) => entities.has(name.split('/').at(-1) ?? '')),
  ];
  return appIdentities(infra).flatMap((identity) =>
    used
      .filter(({ id }) => !given.includes(`${identity} ${id.toLowerCase()}`))
      .map((resource) => `${identity} has no role on ${nameOf(resource)}`),
  );
}

/** Services encrypt with the key of the trust as one identity, and that identity may wrap and unwrap with it. */
function encryption(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['features'], 'customerManagedKeys') !== true) return [];
  const able = new Set(
    assignmentsOf(infra)
      .filter(({ role }) => role === 'Key Vault Crypto Service Encryption User')
      .map(({ principal }) => identityIn(principal)),
  );
  return [
    'Microsoft.DocumentDB/databaseAccounts',
    'Microsoft.ServiceBus/namespaces',
    'Microsoft.Storage/storageAccounts',
  ]
    .flatMap((type) => ofType(infra, type))
    .filter((service) => {
      const users = property(service, 'identity', 'userAssignedIdentities');
      return !Object.keys(isProperties(users) ? users : {}).some((id) => able.has(identityIn(id)));
    })
    .map((service) => `${nameOf(service)} cannot use the key that it is encrypted with`);
}

/** Keys of the trust stay in its HSM, are renewed, and are reached by the services that encrypt. */
function keysOfTrust(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['features'], 'customerManagedKeys') !== true) return [];
  const keys = ofType(infra, 'Microsoft.KeyVault/vaults/keys').flatMap((key) => {
    const renewals = textOf(property(key, 'properties', 'rotationPolicy', 'lifetimeActions') ?? null);
    return [
      ...(property(key, 'properties', 'kty') === 'RSA-HSM' ? [] : [`${nameOf(key)} is in no HSM`]),
      ...(property(key, 'properties', 'attributes', 'exportable') === false
        ? []
        : [`${nameOf(key)} can be taken out of the vault`]),
      ...(/"type":"rotate"/i.test(renewals) ? [] : [`${nameOf(key)} is never renewed`]),
    ];
  });
  const vaults = ofType(infra, 'Microsoft.KeyVault/vaults').flatMap((vault) => [
    ...(property(vault, 'properties', 'sku', 'name') === 'premium' ? [] : [`${nameOf(vault)} has no HSM`]),
    ...(property(vault, 'properties', 'networkAcls', 'bypass') === 'AzureServices'
      ? []
      : [`${nameOf(vault)} shuts out the services that encrypt with its key`]),
  ]);
  return [...keys, ...vaults];
}

/** With the key of the service beneath, whose loss alone then opens nothing. */
const twice = demands([
  {
    type: 'Microsoft.Storage/storageAccounts',
    path: ['properties', 'encryption', 'requireInfrastructureEncryption'],
    values: [true],
  },
]);

export const rightRules: readonly Rule[] = [
  {
    name: 'narrow-roles',
    says: 'roles are given on a queue, a topic, a container, not on what is around it; and no others',
    check: narrow,
  },
  {
    name: 'roles-of-every-app',
    says: 'the app of each region has its role on every queue, topic and blob container of both',
    check: everyApp,
  },
  {
    name: 'encryption',
    says: 'services may use the key of the trust, which stays in its HSM and is renewed',
    check: (infra) => [...encryption(infra), ...keysOfTrust(infra), ...twice(infra)],
  },
];
