import { describe, expect, test } from '@jest/globals';
import { planOf } from '../../../tools/bicep/evaluate/plan.js';
import { projectOf } from './project-of.js';

/** The value of an expression as an output of a template. */
const valueOf = (expression: string, more = ''): unknown => {
  const files = {
    'main.bicepparam': "using './main.bicep'\nparam location = 'uksouth'",
    'main.bicep': `param location string\n${more}\noutput result object = ${expression}`,
    'data.json': '{ "queues": [{ "name": "inbound" }] }',
    'shared.bicep': "@export()\nfunc shout(a string) string => toUpper(a)\n@export()\nvar mark = '!'",
  };
  return JSON.parse(JSON.stringify(planOf(projectOf(files), 'main.bicepparam').outputs['result'])) as unknown;
};

describe('evaluation', () => {
  test.each<[string, unknown]>([
    ["'a-${location}-${1 + 2 * 3}'", 'a-uksouth-7'],
    ["location == 'uksouth' && !false ? [1, ...[2, 3]] : []", [1, 2, 3]],
    ["[for (q, i) in loadJsonContent('./data.json').queues: '${i}:${q.name}']", ['0:inbound']],
    ['{ ...{ a: 1, b: 2 }, b: 3 }', { a: 1, b: 3 }],
    ['union({ a: { b: 1 } }, { a: { c: 2 } })', { a: { b: 1, c: 2 } }],
    ["toObject(['x', 'y'], k => k, k => length(k))", { x: 1, y: 1 }],
    ['filter(range(0, 5), n => n % 2 == 0)', [0, 2, 4]],
    ['reduce([1, 2, 3], 0, (sum, n) => sum + n)', 6],
    [
      'items({ b: 2, a: 1 })',
      [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
    ],
    ["cidrSubnet('10.20.0.0/16', 24, 3)", '10.20.3.0/24'],
    ["cidrHost('10.20.3.0/24', 4)", '10.20.3.5'],
    ["format('{0}-{1}', 'a', 2)", 'a-2'],
    ["substring(toLower('ABCD'), 1, 2)", 'bc'],
    ["contains('abc', 'b') && contains(['x'], 'x') && contains({ k: 1 }, 'k')", true],
    ["null ?? 'other'", 'other'],
    ['{ a: 1 }.?b ?? 2', 2],
    ["length(uniqueString('a'))", 13],
    ["guid('a') == guid('a') && guid('a') != guid('b')", true],
    [
      "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')",
      '/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Authorization/roleDefinitions/r',
    ],
    ['environment().suffixes.storage', 'core.windows.net'],
  ])('%s', (expression, value) => {
    expect(valueOf(expression)).toEqual(value);
  });

  test('follows imports and functions of its own', () => {
    const more =
      "import { shout, mark as sign } from './shared.bicep'\nfunc twice(a string) string => '${a}${a}'";
    expect(valueOf("twice(shout('a${sign}'))", more)).toBe('A!A!');
  });

  test('tells the place of a name that refers to itself', () => {
    expect(() => valueOf('a', 'var a = b\nvar b = a')).toThrow("main.bicep:3:9 'a' refers to itself");
  });
});

test('a plan has every resource of modules, loops and conditions, with its full name and id', () => {
  const files = {
    'main.bicepparam': "using './main.bicep'\nparam location = 'uksouth'\nparam names = ['one', 'two']",
    'main.bicep': `
targetScope = 'subscription'
param location string
param names string[]
param deployThird bool = false
resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = { name: 'rg', location: location }
module buses './bus.bicep' = [for name in names: { name: name, scope: group, params: { name: name } }]
module third './bus.bicep' = if (deployThird) { name: 'third', scope: group, params: { name: 'three' } }
output endpoint string = buses[1].outputs.endpoint
output none string = deployThird ? third.outputs.endpoint : ''
`,
    'bus.bicep': `
param name string
resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: 'bus-\${name}'
  location: resourceGroup().location
  resource queue 'queues' = { name: 'inbound' }
}
resource rules 'Microsoft.ServiceBus/namespaces/networkRuleSets@2024-01-01' = { parent: bus, name: 'default' }
resource lock 'Microsoft.Authorization/locks@2020-05-01' = { scope: bus, name: 'keep' }
output endpoint string = bus.properties.serviceBusEndpoint
`,
  };
  const plan = planOf(projectOf(files), 'main.bicepparam');
  const bus =
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ServiceBus/namespaces/bus-two';
  expect(plan.resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
    'Microsoft.Resources/resourceGroups rg',
    ...['one', 'two'].flatMap((name) => [
      `Microsoft.ServiceBus/namespaces bus-${name}`,
      `Microsoft.ServiceBus/namespaces/queues bus-${name}/inbound`,
      `Microsoft.ServiceBus/namespaces/networkRuleSets bus-${name}/default`,
      'Microsoft.Authorization/locks keep',
    ]),
  ]);
  expect(plan.resources.slice(-4).map(({ id }) => id)).toEqual([
    bus,
    `${bus}/queues/inbound`,
    `${bus}/networkRuleSets/default`,
    `${bus}/providers/Microsoft.Authorization/locks/keep`,
  ]);
  expect(plan.resources.at(-4)?.apiVersion).toBe('2024-01-01');
  expect(JSON.parse(JSON.stringify(plan.outputs))).toEqual({
    endpoint: `{${bus}.properties.serviceBusEndpoint}`,
    none: '',
  });
});
