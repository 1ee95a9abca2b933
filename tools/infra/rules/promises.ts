/** What the code takes for granted of queues, containers and blobs: the topology itself has to promise it. */
import { at, isProperties, textOf } from '../../bicep/evaluate/values.js';
import { type Infrastructure, nameOf, ofType, property, type QueueTopology } from '../infrastructure.js';
import type { Rule } from './rule.js';

/** Every queue, topic, container and blob container that the code opens by its name. */
function namedInCode({ named, topology }: Infrastructure): readonly string[] {
  const { serviceBus, cosmos, storage } = topology;
  const known = {
    entities: [...serviceBus.queues, ...serviceBus.topics],
    documents: cosmos.containers,
    blobs: storage.containers,
  };
  return (['entities', 'documents', 'blobs'] as const).flatMap((kind) => {
    const names = new Set(known[kind].map(({ name }) => name));
    const missing = named[kind].filter((name) => !names.has(name));
    const none = named[kind].length === 0 ? [`no ${kind} are found in the code`] : [];
    return [...none, ...missing.map((name) => `src: '${name}' is in no topology (${kind})`)];
  });
}

/** Seconds of a duration in days, hours, minutes and seconds. */
function secondsOf(duration: unknown): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(String(duration));
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? [])
    .slice(1)
    .map((part) => Number(part || 0));
  return match === null ? Number.NaN : ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** Sessions keep messages of one patient in order, and only a function that asks for them is given any. */
const sessions = ({ topology, sessionQueues }: Infrastructure): readonly string[] =>
  topology.serviceBus.queues
    .filter(({ name, requiresSession = false }) => requiresSession !== sessionQueues.includes(name))
    .map(({ name }) => `queue ${name} and its function do not agree on sessions`);

/** A sender that asks again, and an outbox that is read again, are told apart by the ids of messages. */
const duplicates = ({ topology }: Infrastructure): readonly string[] =>
  [
    ...topology.serviceBus.queues.filter(({ requiresSession }) => requiresSession === true),
    ...topology.serviceBus.topics,
  ]
    .filter(
      (one) =>
        one['requiresDuplicateDetection'] !== true ||
        !(secondsOf(one['duplicateDetectionHistoryTimeWindow']) >= 300),
    )
    .map(({ name }) => `${name} takes what it has just taken once more`);

/** Five minutes is the longest lock of Service Bus; some deliveries fail for reasons that pass. */
function deliveries({ topology }: Infrastructure): readonly string[] {
  const { queues, topics } = topology.serviceBus;
  const taken: readonly QueueTopology[] = [
    ...queues,
    ...topics.flatMap(({ subscriptions }) => subscriptions),
  ];
  return taken.flatMap((one) => {
    const lock = secondsOf(one['lockDuration']);
    return [
      ...(lock >= 5 && lock <= 300
        ? []
        : [`${one.name}: Service Bus has no lock of ${String(one['lockDuration'])}`]),
      ...(Number(one['maxDeliveryCount']) >= 5 ? [] : [`${one.name} gives up before a fault has passed`]),
    ];
  });
}

/** What is too old, or fits no rule, waits for somebody. A queue whose dead letters no function drains is made again. */
function vanishing(infra: Infrastructure): readonly string[] {
  const { queues, topics } = infra.topology.serviceBus;
  const drained = new Set(infra.bindings('queueName').filter((name) => name.includes('/$DeadLetterQueue')));
  const kept = [
    ...queues.filter(({ name }) => drained.has(`${name}/$DeadLetterQueue`)),
    ...topics.flatMap(({ subscriptions }) => subscriptions),
  ];
  const subscriptions = ofType(infra, 'Microsoft.ServiceBus/namespaces/topics/subscriptions');
  return [
    ...(drained.size > 0 ? [] : ['no function drains a dead-letter queue']),
    ...kept
      .filter((one) => one['deadLetteringOnMessageExpiration'] !== true)
      .map(({ name }) => `${name} loses what is too old`),
    ...subscriptions
      .filter((one) => property(one, 'properties', 'deadLetteringOnFilterEvaluationExceptions') !== true)
      .map((one) => `${nameOf(one)} loses what its rule fails on`),
  ];
}

/** Documents say themselves when they end; a container with a time of its own would forget records. */
const lifetimes = ({ topology }: Infrastructure): readonly string[] =>
  topology.cosmos.containers
    .filter(({ defaultTtlSeconds }) => defaultTtlSeconds !== -1)
    .map(({ name, defaultTtlSeconds }) => `${name} forgets its documents after ${defaultTtlSeconds} seconds`);

/** Only what is searched by code stands in an index: names of people in another one could be asked for past the exchange. */
const indexes = ({ topology }: Infrastructure): readonly string[] =>
  topology.cosmos.containers
    // The Functions host asks for its positions as it likes, and they name nobody.
    .filter(({ name }) => name !== 'leases')
    .filter(
      ({ includedPaths, excludedPaths }) => includedPaths.includes('/*') || !excludedPaths.includes('/*'),
    )
    .map(({ name }) => `${name} is indexed as a whole`);

/** What documents are stored by. Azure changes no key of a container that is there: this stands beside the topology. */
const partitionKeys: Readonly<Record<string, string>> = {
  records: '/partition',
  identity: '/token',
  messages: '/id',
  audit: '/chain',
  governance: '/patient',
  replays: '/id',
  exports: '/client',
  accounts: '/id',
  leases: '/id',
};

/** Orders by several fields that queries ask for: without the index Cosmos DB refuses them. */
const orders: readonly (readonly [container: string, ...fields: readonly string[]])[] = [
  ['records', '/fhirId ascending', '/resourceType ascending'],
  ['records', '/lastUpdated descending', '/id descending'],
  ['messages', '/status ascending', '/queuedAt ascending'],
];

const ordersOf = (indexes: readonly unknown[]): readonly string[] =>
  (indexes as readonly (readonly { readonly path: string; readonly order: string }[])[]).map((index) =>
    index.map(({ path, order }) => `${path} ${order}`).join(),
  );

function documents({ topology }: Infrastructure): readonly string[] {
  const { containers } = topology.cosmos;
  const byOther = containers
    .filter(({ name, partitionKey }) => partitionKeys[name] !== partitionKey)
    .map(
      ({ name, partitionKey }) => `${name} is stored by ${partitionKey}, not ${partitionKeys[name] ?? '?'}`,
    );
  const unordered = orders
    .filter(
      ([name, ...fields]) =>
        !containers.some(
          (one) => one.name === name && ordersOf(one.compositeIndexes).includes(fields.join()),
        ),
    )
    .map(([name, ...fields]) => `${name} has no index for the order ${fields.join(', ')}`);
  return [...byOther, ...unordered];
}

/** Throughput of a name that is no container is given to none; Azure takes thousands only. */
function throughput({ parameters, topology }: Infrastructure): readonly string[] {
  const most = at(parameters['sizes'], 'cosmosMaxThroughput');
  const names = new Set(['shared', ...topology.cosmos.containers.map(({ name }) => name)]);
  return Object.entries(isProperties(most) ? most : {}).flatMap(([name, units]) => [
    ...(names.has(name) ? [] : [`sizes.cosmosMaxThroughput: there is no container ${name}`]),
    ...(Number(units) > 0 && Number(units) % 1000 === 0
      ? []
      : [`sizes.cosmosMaxThroughput.${name}: ${textOf(units)} is no multiple of 1000`]),
  ]);
}

export const promiseRules: readonly Rule[] = [
  {
    name: 'named-in-code',
    says: 'queues, topics, containers and blob containers that the code opens are in the topology',
    check: namedInCode,
  },
  {
    name: 'sessions',
    says: 'queues and their functions agree on sessions: messages of one patient stay in order',
    check: sessions,
  },
  {
    name: 'duplicates',
    says: 'what is accepted, and what is published, is told from its repetition',
    check: duplicates,
  },
  {
    name: 'deliveries',
    says: 'locks are as long as Service Bus has them, and a fault that passes uses up no message',
    check: deliveries,
  },
  {
    name: 'nothing-vanishes',
    says: 'messages and events that are too old, or fit no rule, wait for somebody; documents do not expire',
    check: (infra) => [...vanishing(infra), ...lifetimes(infra)],
  },
  {
    name: 'documents',
    says: 'documents are stored by the keys, and found in the orders, that the code has',
    check: documents,
  },
  { name: 'indexes', says: 'no container of the exchange is indexed as a whole', check: indexes },
  {
    name: 'throughput',
    says: 'throughput is given to containers that are there, in thousands',
    check: throughput,
  },
];
