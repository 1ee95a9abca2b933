/** The topology is the one place that names queues, containers and settings: the app's bindings must agree with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import cosmos from '../../infra/topology/cosmos.json' with { type: 'json' };
import serviceBus from '../../infra/topology/service-bus.json' with { type: 'json' };
import settings from '../../infra/topology/settings.json' with { type: 'json' };
import storage from '../../infra/topology/storage.json' with { type: 'json' };
import { BicepProject } from '../../tools/bicep/project.js';
import { infrastructureOf, ofType, property } from '../../tools/infra/infrastructure.js';
import { breachesOf } from '../../tools/infra/rules/all.js';

const entryFiles = readdirSync('functions').map((name) => readFileSync(`functions/${name}`, 'utf8'));
const valuesOf = (option: string): string[] =>
  entryFiles.flatMap((text) =>
    [...text.matchAll(new RegExp(`\\b${option}: '([^']+)'`, 'g'))].map(([, value = '']) => value),
  );

describe('bindings of the functions', () => {
  test('name queues of the topology', () => {
    const queues = serviceBus.queues.flatMap(({ name }) => [name, `${name}/$DeadLetterQueue`]);
    expect(queues).toEqual(expect.arrayContaining(valuesOf('queueName')));
    expect(valuesOf('queueName')).not.toEqual([]);
  });

  test('name containers of the topology', () => {
    const containers = cosmos.containers.map(({ name }) => name);
    expect(containers).toEqual(
      expect.arrayContaining([...valuesOf('containerName'), ...valuesOf('leaseContainerName')]),
    );
    expect(new Set(valuesOf('databaseName'))).toEqual(new Set([cosmos.database]));
  });

  test('use connections of the topology', () => {
    const connections = settings.settings.filter(({ kind }) => kind === 'connection').map(({ name }) => name);
    expect(connections).toEqual(expect.arrayContaining([...new Set(valuesOf('connection'))]));
  });

  test('use only settings of the topology', () => {
    const used = entryFiles.flatMap((text) => [...text.matchAll(/%(\w+)%/g)].map(([, name = '']) => name));
    expect(settings.settings.map(({ name }) => name)).toEqual(expect.arrayContaining(used));
    expect(used).not.toEqual([]);
  });
});

test('each subscription takes what is sent to the consumer that is called so, and nothing else', () => {
  const subscriptions = serviceBus.topics.flatMap((topic) => topic.subscriptions);
  for (const { name, rules } of subscriptions) {
    const correlationFilter = { properties: { consumer: name } };
    expect(rules).toEqual([{ name: '$Default', filterType: 'CorrelationFilter', correlationFilter }]);
  }
  expect(subscriptions).not.toEqual([]);
});

test('a container that is searched by several fields in order has the index for it', () => {
  const messages = cosmos.containers.find(({ name }) => name === 'messages');
  expect(messages?.compositeIndexes).toContainEqual([
    { path: '/status', order: 'ascending' },
    { path: '/queuedAt', order: 'ascending' },
  ]);
});

test('names fit what Azure allows', () => {
  const names = [
    ...serviceBus.queues.map(({ name }) => name),
    ...serviceBus.topics.map(({ name }) => name),
    ...cosmos.containers.map(({ name }) => name),
    ...storage.containers.map(({ name }) => name),
  ];
  for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/);
});

describe('topics', () => {
  const parameters = 'infra/main.prod.bicepparam';
  const statusWith = (text: string) => {
    // It may stand in the file for the one deployment that needs it (docs/operations/onboarding.md).
    const given = readFileSync(parameters, 'utf8').replace(/^param topicsClosed.*\n/m, '');
    const project = BicepProject.onDisk({ [parameters]: given + text });
    const topics = ofType(infrastructureOf(project, 'prod'), 'Microsoft.ServiceBus/namespaces/topics');
    return topics.map((topic) => property(topic, 'properties', 'status'));
  };

  test('take events, unless a new subscription is made that has no rule yet', () => {
    expect(statusWith('')).toEqual(serviceBus.topics.map(() => 'Active'));
    expect(statusWith('\nparam topicsClosed = true\n')).toEqual(serviceBus.topics.map(() => 'SendDisabled'));
  });
});

test('records that were restored into another account are used there, from both regions', () => {
  const parameters = 'infra/main.prod.bicepparam';
  const given = readFileSync(parameters, 'utf8').replace(/^param restoredCosmosAccount.*\n/m, '');
  const infraWith = (text: string) =>
    infrastructureOf(BicepProject.onDisk({ [parameters]: given + text }), 'prod');
  const restored = infraWith("\nparam restoredCosmosAccount = 'cosmos-restored'\n");
  const account = 'Microsoft.DocumentDB/databaseAccounts';
  const endpointsOf = (infra: typeof restored) =>
    ofType(infra, 'Microsoft.Network/privateEndpoints').filter(({ body }) =>
      JSON.stringify(body).includes(`/${account}/`),
    );

  expect(ofType(restored, account).map(({ name }) => name)).toEqual(['cosmos-restored']);
  expect(ofType(restored, `${account}/sqlRoleAssignments`).length).toBeGreaterThan(0);
  for (const { name } of ofType(restored, `${account}/sqlRoleAssignments`))
    expect(name).toMatch(/^cosmos-restored\//);
  expect(endpointsOf(restored)).toHaveLength(2);
  // Azure leads no endpoint to another account: those of the old one must not be written again.
  const before = endpointsOf(infraWith('')).map(({ name }) => name);
  expect(endpointsOf(restored).filter(({ name }) => before.includes(name))).toEqual([]);
  expect(breachesOf(restored)).toEqual([]);
});
