/** What the code names is there, as the topology describes it. */
import { at, Later, type Properties, textOf } from '../../bicep/evaluate/values.js';
import {
  appSettingsOf,
  type Infrastructure,
  listOf,
  nameOf,
  ofType,
  property,
  type QueueTopology,
  type RuleTopology,
} from '../infrastructure.js';
import type { Rule } from './rule.js';

/** Settings of a queue, topic or subscription that the deployment has to take over. */
const carried = [
  'requiresSession',
  'requiresDuplicateDetection',
  'duplicateDetectionHistoryTimeWindow',
  'lockDuration',
  'maxDeliveryCount',
  'defaultMessageTimeToLive',
  'deadLetteringOnMessageExpiration',
];

function entity(infra: Infrastructure, type: string, path: string, asked: QueueTopology): readonly string[] {
  const found = ofType(infra, type).find(({ name }) => name.split('/').slice(1).join('/') === path);
  if (found === undefined) return [`there is no ${type} ${path}`];
  return carried.flatMap((setting) => {
    const wanted = asked[setting];
    const set = property(found, 'properties', setting);
    return wanted === undefined || set === wanted
      ? []
      : [`${nameOf(found)}: ${setting} is ${textOf(set ?? null)}, not ${JSON.stringify(wanted)}`];
  });
}

/** A subscription that takes what is for another consumer tells it of people that it must not know of. */
function filters(infra: Infrastructure, path: string, asked: readonly RuleTopology[]): readonly string[] {
  const type = 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules';
  const made = ofType(infra, type).filter(({ name }) => name.split('/').slice(1, -1).join('/') === path);
  const shown = ({ name, filterType, correlationFilter }: RuleTopology) =>
    JSON.stringify([name, filterType, correlationFilter]);
  const found = made.map((rule) =>
    JSON.stringify([
      rule.name.split('/').at(-1),
      property(rule, 'properties', 'filterType'),
      property(rule, 'properties', 'correlationFilter'),
    ]),
  );
  const open = asked.some(({ name }) => name === '$Default') ? [] : [`${path} takes every event`];
  const missing = asked.filter((rule) => !found.includes(shown(rule)));
  return [...open, ...missing.map(({ name }) => `${path} has not the rule ${name} of the topology`)];
}

function queues(infra: Infrastructure): readonly string[] {
  const { serviceBus } = infra.topology;
  const base = 'Microsoft.ServiceBus/namespaces';
  return [
    ...serviceBus.queues.flatMap((queue) => entity(infra, `${base}/queues`, queue.name, queue)),
    ...serviceBus.topics.flatMap((topic) => [
      ...entity(infra, `${base}/topics`, topic.name, topic),
      ...topic.subscriptions.flatMap((one) =>
        entity(infra, `${base}/topics/subscriptions`, `${topic.name}/${one.name}`, one),
      ),
      ...topic.subscriptions.flatMap((one) => filters(infra, `${topic.name}/${one.name}`, one.rules)),
    ]),
  ];
}

function containers(infra: Infrastructure): readonly string[] {
  const { database, containers: asked } = infra.topology.cosmos;
  const made = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers');
  return asked.flatMap((container) => {
    const found = made.find(
      ({ name }) => name.split('/').slice(1).join('/') === `${database}/${container.name}`,
    );
    if (found === undefined) return [`there is no container ${database}/${container.name}`];
    const resource = property(found, 'properties', 'resource');
    const paths = listOf(at(resource, 'indexingPolicy', 'includedPaths')).map((one) => at(one, 'path'));
    const faults: string[] = [];
    if (at(resource, 'partitionKey', 'paths', 0) !== container.partitionKey) faults.push('partition key');
    const ttl = at(resource, 'defaultTtl');
    if ((ttl ?? 0) !== container.defaultTtlSeconds) faults.push('time to live');
    const excluded = listOf(at(resource, 'indexingPolicy', 'excludedPaths')).map((one) => at(one, 'path'));
    if (JSON.stringify(excluded) !== JSON.stringify(container.excludedPaths))
      faults.push('paths that are in no index');
    const unindexed = container.includedPaths.filter((path) => !paths.includes(path));
    if (unindexed.length > 0) faults.push(`index of ${unindexed.join(', ')}`);
    const composite = listOf(at(resource, 'indexingPolicy', 'compositeIndexes'));
    if (JSON.stringify(composite) !== JSON.stringify(container.compositeIndexes))
      faults.push('composite indexes');
    return faults.map((fault) => `${nameOf(found)}: another ${fault} than the topology says`);
  });
}

/** In each region with an app: the second one has a reserve of the archive. */
function blobs(infra: Infrastructure): readonly string[] {
  const made = ofType(infra, 'Microsoft.Storage/storageAccounts/blobServices/containers');
  return ofType(infra, 'Microsoft.Web/sites').flatMap(({ scope }) => {
    const here = made
      .filter(({ id }) => id.toLowerCase().startsWith(`${scope.toLowerCase()}/`))
      .map(({ name }) => name.split('/').at(-1));
    return infra.topology.storage.containers.flatMap(({ name }) =>
      here.includes(name) ? [] : [`there is no blob container ${name} in ${scope}`],
    );
  });
}

/** What the bindings of the functions name is in the topology. */
function bindings(infra: Infrastructure): readonly string[] {
  const { serviceBus, cosmos, settings } = infra.topology;
  const missing = (option: string, known: readonly string[]): readonly string[] =>
    infra
      .bindings(option)
      .filter((name) => !known.includes(name.replace('/$DeadLetterQueue', '')))
      .map((name) => `functions: ${option} '${name}' is not in the topology`);
  const containerNames = cosmos.containers.map(({ name }) => name);
  // The Functions host starts no timer whose schedule has no value.
  const timers = infra
    .bindings('schedule')
    .map((schedule) => schedule.replaceAll('%', ''))
    .filter((name) => !settings.settings.some((one) => one.name === name && one.required))
    .map((name) => `functions: the schedule ${name} is no required setting of the topology`);
  return [
    ...timers,
    ...missing(
      'queueName',
      serviceBus.queues.map(({ name }) => name),
    ),
    ...missing(
      'topicName',
      serviceBus.topics.map(({ name }) => name),
    ),
    ...missing('containerName', containerNames),
    ...missing('leaseContainerName', containerNames),
    ...missing('databaseName', [cosmos.database]),
    ...missing(
      'connection',
      settings.settings.filter(({ kind }) => kind === 'connection').map(({ name }) => name),
    ),
  ];
}

/** Parts of an identity-based connection beside the identity: addresses, by the service that the app connects to. */
const addresses: Readonly<Record<string, readonly string[]>> = {
  HDE_COSMOS: ['accountEndpoint'],
  HDE_SERVICEBUS: ['fullyQualifiedNamespace'],
  HDE_STORAGE: ['blobServiceUri'],
  // Locks of timers and the package are blobs; the host keeps queues and diagnostic events beside them.
  AzureWebJobsStorage: ['blobServiceUri', 'queueServiceUri', 'tableServiceUri'],
};

const settings = (infra: Infrastructure): readonly string[] =>
  appSettingsOf(infra).flatMap(({ settings: set }) => settingsOfApp(infra, set));

function settingsOfApp(infra: Infrastructure, set: Properties): readonly string[] {
  const known = infra.topology.settings.settings;
  const missing = known
    .filter(({ kind, required }) => required && kind !== 'connection')
    .filter(({ name }) => set[name] === undefined || set[name] === '');
  // Settings of a connection and of the platform have names of their own.
  const ours = Object.keys(set).filter((name) => name.startsWith('HDE_'));
  const unknown = ours.filter((name) => !known.some((one) => one.name === name.split('__')[0]));
  const texts = Object.entries(set).map(([name, value]) => [name, textOf(value)] as const);
  const plain = texts.filter(([name, text]) => /_(URL|URI|ISSUER)$/.test(name) && text.startsWith('http:'));
  // Six fields, as the Functions host reads them, and on every day.
  const rare = texts.filter(
    ([name, text]) => name.endsWith('_SCHEDULE') && !/^(?:\S+ ){3}\* \* \S+$/.test(text),
  );
  const host = textOf(at(infra.parameters['gateway'], 'hostName') ?? null);
  const address = textOf(set['HDE_PUBLIC_URL'] ?? null);
  return [
    ...plain.map(([name, text]) => `${name} is not encrypted: ${text}`),
    ...rare.map(([name, text]) => `${name} is no schedule of every day: ${text}`),
    ...(host === '' || address === `https://${host}`
      ? []
      : [`HDE_PUBLIC_URL is not https://${host}: ${address}`]),
    ...missing.map(({ name }) => `${name} is required and not set`),
    ...unknown.map((name) => `${name} is set, and the topology does not know it`),
  ];
}

const connections = (infra: Infrastructure): readonly string[] =>
  appSettingsOf(infra).flatMap(({ settings: set }) => connectionsOfApp(infra, set));

function connectionsOfApp(infra: Infrastructure, set: Properties): readonly string[] {
  const prefixes = [
    ...infra.bindings('connection'),
    ...infra.topology.settings.settings.filter(({ kind }) => kind === 'connection').map(({ name }) => name),
    'AzureWebJobsStorage',
  ];
  return [...new Set(prefixes)].flatMap((prefix) => {
    const missing = (addresses[prefix] ?? ['address']).filter(
      (part) => set[`${prefix}__${part}`] === undefined,
    );
    return [
      ...(set[prefix] === undefined ? [] : [`${prefix} is a connection string`]),
      ...missing.map((part) => `${prefix} has no ${part}`),
      ...(set[`${prefix}__credential`] === 'managedidentity'
        ? []
        : [`${prefix}__credential is not managedidentity`]),
      ...(set[`${prefix}__clientId`] === undefined ? [`${prefix}__clientId is not set`] : []),
    ];
  });
}

function runtime(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const runtime = property(site, 'properties', 'functionAppConfig', 'runtime');
    const [name, version] = [at(runtime, 'name'), at(runtime, 'version')];
    const isOurs = version instanceof Later || version === '20' || version === '22';
    return isOurs && name === 'node'
      ? []
      : [`${textOf(name ?? null)} ${textOf(version ?? null)} is none that the exchange is tested on`];
  });
}

export const topologyRules: readonly Rule[] = [
  {
    name: 'queues',
    says: 'every queue, topic and subscription is there, as the topology says',
    check: queues,
  },
  {
    name: 'containers',
    says: 'every Cosmos DB container is there, with its key, indexes and time to live',
    check: containers,
  },
  { name: 'blob-containers', says: 'every blob container is there', check: blobs },
  { name: 'bindings', says: 'what the functions bind to is in the topology', check: bindings },
  {
    name: 'settings',
    says: 'every required setting is set, and none that nobody knows; addresses and schedules are sound',
    check: settings,
  },
  {
    name: 'connections',
    says: 'connections of bindings are identities with the addresses of their service, no strings',
    check: connections,
  },
  {
    name: 'runtime',
    says: 'the app runs on a Node.js it is tested on',
    check: runtime,
  },
];
