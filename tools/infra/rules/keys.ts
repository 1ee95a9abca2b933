/** Identities instead of keys, and as few rights as will do. */
import { at, isProperties, textOf, type Value } from '../../bicep/evaluate/values.js';
import { appSettings, type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { demands, type Rule } from './rule.js';

/** Built-in roles by id (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles). */
const roleNames: Readonly<Record<string, string>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
  '17d1049b-9a84-46fb-8f53-869881c3d3ab': 'Storage Account Contributor',
  '5bd9cd88-fe45-4216-938b-f97437e15450': 'DocumentDB Account Contributor',
  '00482a5a-887f-4fb3-b363-3b7fe8e74483': 'Key Vault Administrator',
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Azure Service Bus Data Sender',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Azure Service Bus Data Receiver',
  '090c5cfd-751d-490a-894a-3ce6f1109419': 'Azure Service Bus Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'e147488a-f6f5-4113-8e2d-b22465e65bf6': 'Key Vault Crypto Service Encryption User',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

/** Roles that hand out keys, or rights to others: no workload may have them. */
const tooMuch = new Set(Object.values(roleNames).slice(0, 7));

export interface Assignment {
  readonly role: string;
  /** Id of what the role is on. */
  readonly scope: string;
  readonly principal: string;
}

/** Roles of Azure that the templates give out. */
export const assignmentsOf = (infra: Infrastructure): readonly Assignment[] =>
  ofType(infra, 'Microsoft.Authorization/roleAssignments').map((assignment) => {
    const id =
      textOf(property(assignment, 'properties', 'roleDefinitionId') ?? null)
        .split('/')
        .at(-1) ?? '';
    return {
      role: roleNames[id] ?? id,
      scope: assignment.scope,
      principal: textOf(property(assignment, 'properties', 'principalId') ?? null),
    };
  });

function leastPrivilege(infra: Infrastructure): readonly string[] {
  return assignmentsOf(infra).flatMap(({ role, scope }) => {
    const isWide = /^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?$/i.test(scope);
    if (tooMuch.has(role)) return [`${role} on ${scope}`];
    return isWide ? [`${role} on the whole of ${scope}`] : [];
  });
}

const hasRole = (infra: Infrastructure, scope: string, ...roles: readonly string[]): boolean =>
  assignmentsOf(infra).some(
    (one) => roles.includes(one.role) && scope.toLowerCase().startsWith(one.scope.toLowerCase()),
  );

function rolesOfApp(infra: Infrastructure): readonly string[] {
  const missing: string[] = [];
  const need = (type: string, roles: readonly string[], suffixes: readonly string[]) => {
    for (const { id } of ofType(infra, type)) {
      if (!suffixes.some((suffix) => id.endsWith(suffix))) continue;
      if (!hasRole(infra, id, ...roles)) missing.push(`nobody is ${roles.join(' or ')} on ${id}`);
    }
  };
  const owner = 'Azure Service Bus Data Owner';
  const { serviceBus, storage } = infra.topology;
  const queues = serviceBus.queues.map(({ name }) => `/${name}`);
  need('Microsoft.ServiceBus/namespaces/queues', ['Azure Service Bus Data Sender', owner], queues);
  need('Microsoft.ServiceBus/namespaces/queues', ['Azure Service Bus Data Receiver', owner], queues);
  const topics = serviceBus.topics.map(({ name }) => `/${name}`);
  need('Microsoft.ServiceBus/namespaces/topics', ['Azure Service Bus Data Sender', owner], topics);
  const blobs = ['Storage Blob Data Contributor', 'Storage Blob Data Owner'];
  need(
    'Microsoft.Storage/storageAccounts/blobServices/containers',
    blobs,
    storage.containers.map(({ name }) => `/${name}`),
  );
  need('Microsoft.KeyVault/vaults', ['Key Vault Secrets User'], ['']);
  need('Microsoft.Insights/components', ['Monitoring Metrics Publisher'], ['']);
  // The Functions host keeps locks, queues and the places of timers in an account of its own.
  const hosts = ofType(infra, 'Microsoft.Storage/storageAccounts').filter(({ name }) => name.includes('run'));
  const ofHost = [
    'Storage Blob Data Owner',
    'Storage Queue Data Contributor',
    'Storage Table Data Contributor',
  ];
  for (const { id } of hosts) {
    for (const role of ofHost) if (!hasRole(infra, id, role)) missing.push(`nobody is ${role} on ${id}`);
  }
  return [...missing, ...documentRoles(infra), ...rolesOfEachApp(infra)];
}

/** Rights are given to each app: those of one region are no use to the other. */
function rolesOfEachApp(infra: Infrastructure): readonly string[] {
  const given = [
    ...assignmentsOf(infra),
    ...ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments').map((one) => ({
      scope: one.id,
      principal: textOf(property(one, 'properties', 'principalId') ?? null),
    })),
  ];
  const services = [
    'KeyVault/vaults',
    'ServiceBus/namespaces',
    'DocumentDB/databaseAccounts',
    'Insights/components',
  ];
  return ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const users: Value | undefined = property(site, 'identity', 'userAssignedIdentities');
    const [identity = 'nobody'] = isProperties(users) ? Object.keys(users) : [];
    return services
      .filter(
        (service) =>
          !given.some(
            ({ scope, principal }) =>
              scope.includes(`Microsoft.${service}/`) && principal.startsWith(`{${identity}.`),
          ),
      )
      .map((service) => `${nameOf(site)} has no role on ${service}`);
  });
}

/** Roles of the data plane of Cosmos DB are resources of its own. */
function documentRoles(infra: Infrastructure): readonly string[] {
  const assigned = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments').map((one) =>
    textOf(property(one, 'properties', 'scope') ?? null),
  );
  const { database, containers } = infra.topology.cosmos;
  return containers
    .filter(({ name }) => !assigned.some((scope) => scope.endsWith(`/dbs/${database}/colls/${name}`)))
    .map(({ name }) => `nobody may use documents of ${name}`);
}

/** The audit trail is only added to: a role that deletes or overwrites it, or everything, is one too many. */
function appendOnly(infra: Infrastructure): readonly string[] {
  const trail = `/dbs/${infra.topology.cosmos.database}/colls/audit`;
  const definitions = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions');
  return ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments').flatMap((assignment) => {
    const scope = textOf(property(assignment, 'properties', 'scope') ?? null);
    const role = textOf(property(assignment, 'properties', 'roleDefinitionId') ?? null).toLowerCase();
    const definition = definitions.find(({ id }) => id.toLowerCase() === role);
    if (definition === undefined) return [`${nameOf(assignment)} is of a role that no template describes`];
    const actions = listOf(property(definition, 'properties', 'permissions'))
      .flatMap((permission) => listOf(at(permission, 'dataActions')))
      .map(textOf);
    const isOfTrail = scope.endsWith(trail) || !scope.includes('/colls/');
    const tooMany = actions.filter((action) => /\*|\/(delete|upsert)$/.test(action));
    const missing = scope.endsWith(trail) && !actions.some((action) => action.endsWith('/items/create'));
    return [
      ...(isOfTrail ? tooMany.map((action) => `${nameOf(assignment)}: ${action} on the audit trail`) : []),
      ...(missing ? [`${nameOf(assignment)} adds nothing to the audit trail`] : []),
    ];
  });
}

/** Deployments by password stay off for both ways in: only a policy says so, not its absence. */
const passwords = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Web/sites').flatMap((site) =>
    ['ftp', 'scm']
      .filter(
        (way) =>
          !ofType(infra, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies').some(
            ({ name }) => name === `${site.name}/${way}`,
          ),
      )
      .map((way) => `${nameOf(site)} takes passwords for ${way}`),
  );

/** Texts that hold keys, in templates and in all values. */
const keyText = /AccountKey=|SharedAccessKey=|SharedAccessSignature=|;Password=|DefaultEndpointsProtocol=/i;
const keyCall =
  /\b(?:list(?:Keys|AccountSas|ServiceSas|ConnectionStrings|Secrets)\s*\(|\.(?:primaryKey|secondaryKey)\b)/;

function noKeys(infra: Infrastructure): readonly string[] {
  const inTemplates = [...infra.templates].flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => {
      const code = line.replace(/\/\/.*$/, '');
      return keyCall.test(code) || keyText.test(code)
        ? [`${file}:${index + 1} takes a key or a connection string`]
        : [];
    }),
  );
  const inValues = infra.resources.filter(({ body }) => keyText.test(JSON.stringify(body)));
  return [...inTemplates, ...inValues.map((resource) => `${nameOf(resource)} holds a key`)];
}

/** Secrets of the app come from the vault, never from a value. */
function secretsFromVault(infra: Infrastructure): readonly string[] {
  const settings = appSettings(infra);
  const reference = /^@Microsoft\.KeyVault\(SecretUri=.+secrets\/[a-z0-9-]+\/?\)$/;
  const secrets = infra.topology.settings.settings.filter(({ kind }) => kind === 'secret');
  const written = new Set(
    ofType(infra, 'Microsoft.KeyVault/vaults/secrets').map((secret) => secret.name.split('/').at(-1) ?? ''),
  );
  return secrets.flatMap(({ name, required }) => {
    const value = settings[name];
    if (value === undefined) return [];
    if (!reference.test(textOf(value))) return [`${name} is no reference to the vault`];
    const stored = /secrets\/([a-z0-9-]+)/.exec(textOf(value))?.[1] ?? '';
    if (required && !written.has(stored)) return [`${name} is read from ${stored}, which no template writes`];
    return infra.operations.includes(name) ? [] : [`${name} is explained in no page of docs/operations`];
  });
}

/** Every host has an identity of its own, made before it. */
const identities = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const users: Value | undefined = property(site, 'identity', 'userAssignedIdentities');
    const count = isProperties(users) ? Object.keys(users).length : 0;
    const storage = property(
      site,
      'properties',
      'functionAppConfig',
      'deployment',
      'storage',
      'authentication',
      'type',
    );
    return [
      ...(count === 1 ? [] : [`${nameOf(site)} has ${count} identities`]),
      ...(storage === 'UserAssignedIdentity'
        ? []
        : [`${nameOf(site)} takes its package by ${textOf(storage ?? null)}`]),
    ];
  });

export const keyRules: readonly Rule[] = [
  {
    name: 'keyless',
    says: 'no service takes keys or passwords',
    check: demands([
      {
        type: 'Microsoft.Storage/storageAccounts',
        path: ['properties', 'allowSharedKeyAccess'],
        values: [false],
      },
      {
        type: 'Microsoft.Storage/storageAccounts',
        path: ['properties', 'isLocalUserEnabled'],
        values: [false],
      },
      {
        type: 'Microsoft.DocumentDB/databaseAccounts',
        path: ['properties', 'disableLocalAuth'],
        values: [true],
      },
      {
        type: 'Microsoft.DocumentDB/databaseAccounts',
        path: ['properties', 'disableKeyBasedMetadataWriteAccess'],
        values: [true],
      },
      { type: 'Microsoft.ServiceBus/namespaces', path: ['properties', 'disableLocalAuth'], values: [true] },
      { type: 'Microsoft.Insights/components', path: ['properties', 'DisableLocalAuth'], values: [true] },
      { type: 'Microsoft.KeyVault/vaults', path: ['properties', 'enableRbacAuthorization'], values: [true] },
      {
        type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
        path: ['properties', 'allow'],
        values: [false],
      },
    ]),
  },
  {
    name: 'no-keys',
    says: 'no template takes, holds or hands on a key or a connection string',
    check: noKeys,
  },
  {
    name: 'least-privilege',
    says: 'no workload is Owner, Contributor or the like, or has a role on a whole group',
    check: leastPrivilege,
  },
  {
    name: 'roles-of-the-app',
    says: 'the app may do what it does: each queue, topic, container and secret',
    check: rolesOfApp,
  },
  { name: 'append-only', says: 'nobody deletes or overwrites entries of the audit trail', check: appendOnly },
  { name: 'no-passwords', says: 'no deployment takes a password', check: passwords },
  {
    name: 'secrets-from-the-vault',
    says: 'secret settings are references to the vault, and a page explains each',
    check: secretsFromVault,
  },
  {
    name: 'identity-of-the-app',
    says: 'each app has one identity of its own, also for its package',
    check: identities,
  },
];
