import { describe, expect, test } from '@jest/globals';
import { checkFile } from '../../../tools/bicep/check/check.js';
import type { ResourceTypes, TypeList } from '../../../tools/bicep/check/resource-types.js';
import { projectOf } from './project-of.js';

const text = { $ref: '#/1' };
/** One type of a storage account, written for these tests. */
const account: TypeList = [
  {
    $type: 'ObjectType',
    properties: {
      name: { type: text, flags: 1 },
      location: { type: text, flags: 1 },
      id: { type: text, flags: 2 },
      tags: { type: { $ref: '#/6' }, flags: 0 },
      properties: { type: { $ref: '#/2' }, flags: 0 },
      rules: { type: { $ref: '#/8' }, flags: 0 },
    },
  },
  { $type: 'StringType', minLength: 3, maxLength: 24 },
  {
    $type: 'ObjectType',
    properties: {
      allowSharedKeyAccess: { type: { $ref: '#/3' }, flags: 0 },
      minimumTlsVersion: { type: { $ref: '#/4' }, flags: 0 },
      days: { type: { $ref: '#/7' }, flags: 0 },
    },
  },
  { $type: 'BooleanType' },
  { $type: 'UnionType', elements: [{ $ref: '#/5' }, { $ref: '#/1' }] },
  { $type: 'StringLiteralType', value: 'TLS1_2' },
  { $type: 'ObjectType', properties: {}, additionalProperties: text },
  { $type: 'IntegerType', minValue: 1, maxValue: 365 },
  { $type: 'ArrayType', itemType: { $ref: '#/9' } },
  {
    $type: 'DiscriminatedObjectType',
    discriminator: 'kind',
    baseProperties: {},
    elements: { Allow: { $ref: '#/10' } },
  },
  {
    $type: 'ObjectType',
    properties: { kind: { type: { $ref: '#/11' }, flags: 1 }, address: { type: text, flags: 1 } },
  },
  { $type: 'StringLiteralType', value: 'Allow' },
];

const types: ResourceTypes = {
  find: (type, version) =>
    type === 'Microsoft.Storage/storageAccounts' && version === '1' ? account : undefined,
  has: (type) => type === 'Microsoft.Storage/storageAccounts',
};

const resource = (inner: string, version = '1') =>
  `@description('d')\nparam location string\nresource a 'Microsoft.Storage/storageAccounts@${version}' = {\n${inner}\n}`;

const rulesFor = (main: string, others: Record<string, string> = {}): readonly string[] =>
  checkFile(projectOf({ 'main.bicep': main, ...others }), 'main.bicep', types).map(({ rule }) => rule);

const named = "name: 'abc'\nlocation: location";

describe('the checker', () => {
  test('finds nothing in what is right', () => {
    const properties = "properties: { allowSharedKeyAccess: false, minimumTlsVersion: 'TLS1_2', days: 30 }";
    const right = resource(
      `${named}\n${properties}\ntags: { any: 'abc' }\nrules: [{ kind: 'Allow', address: 'abc' }]`,
    );
    expect(rulesFor(right)).toEqual([]);
  });

  test.each([
    ['missing-property', resource('location: location')],
    ['unknown-property', resource(`${named}\nproperties: { allowSharedkeyAccess: false }`)],
    ['read-only-property', resource(`${named}\nid: 'abc'`)],
    ['wrong-kind', resource(`${named}\nproperties: { allowSharedKeyAccess: 'no' }`)],
    ['wrong-kind', resource(`${named}\ntags: 'abc'`)],
    ['unknown-value', resource(`${named}\nproperties: { minimumTlsVersion: 'tls1_2' }`)],
    ['unknown-value', resource(`${named}\nrules: [{ kind: 'Deny' }]`)],
    ['out-of-range', resource(`${named}\nproperties: { days: 400 }`)],
    ['out-of-range', resource("name: 'a'\nlocation: location")],
    ['unknown-api-version', resource(named, '2')],
    ['undeclared-name', resource('name: nowhere\nlocation: location')],
    ['duplicate-name', "var a = 1\nvar a = 2\n@description('d')\noutput b int = a"],
    ['duplicate-decorator', "@description('d')\n@description('e')\nparam a string\noutput b string = a"],
    [
      'duplicate-decorator',
      "type a = { b: { @minLength(1)\n@minLength(2)\nc: string }[] }\n@description('d')\nparam e a\noutput f a = e",
    ],
    ['no-unused-vars', 'var a = 1'],
    ['no-unused-params', "@description('d')\nparam a string"],
    ['use-description-params', 'param a string\noutput b string = a'],
    [
      'secure-parameter-default',
      "@secure()\n@description('d')\nparam a string = 'x'\nvar c = a\noutput d string = c",
    ],
    [
      'secure-secrets-in-params',
      "@description('d')\nparam adminPassword string\nvar b = adminPassword\noutput c string = b",
    ],
    ['no-hardcoded-location', resource("name: 'abc'\nlocation: 'uksouth'").replace(/^.*\n.*\n/, '')],
    ['no-hardcoded-env-urls', "var a = 'https://x.blob.core.windows.net'\noutput b string = a"],
    [
      'outputs-should-not-contain-secrets',
      "@secure()\n@description('d')\nparam a string\noutput b string = a",
    ],
    ['outputs-should-not-contain-secrets', "output k string = listKeys('a', 'b').key1"],
    ['prefer-interpolation', "output k string = concat('a', 'b')"],
    ['syntax', 'var a = '],
  ])('finds %s', (rule, source) => {
    expect(rulesFor(source)).toEqual([rule]);
  });

  test('is silent about a rule that a line turns off', () => {
    expect(rulesFor('#disable-next-line no-unused-vars\nvar a = 1')).toEqual([]);
  });
});

describe('modules', () => {
  const module = (params: string) =>
    `module m './m.bicep' = {\nname: 'm'\nparams: {${params}}\n}\noutput o string = m.outputs.o`;
  const called = {
    'm.bicep':
      "@description('d')\nparam a string\n@description('d')\nparam b int?\noutput o string = '${a}${b}'",
  };

  test.each([
    ['nothing', module("a: 'x'"), called, []],
    ['missing-parameter', module('b: 1'), called, ['missing-parameter']],
    ['unknown-parameter', module("a: 'x'\nc: 1"), called, ['unknown-parameter']],
    ['unknown-output', module("a: 'x'").replace('outputs.o', 'outputs.p'), called, ['unknown-output']],
    ['missing-file', module("a: 'x'"), {}, ['missing-file']],
  ])('finds %s', (_, source, others, rules) => {
    expect(rulesFor(source, others)).toEqual(rules);
  });

  test('parameter files give what their template takes', () => {
    const project = projectOf({ ...called, 'm.bicepparam': "using './m.bicep'\nparam b = 1\nparam c = 2" });
    expect(checkFile(project, 'm.bicepparam').map(({ rule }) => rule)).toEqual([
      'missing-parameter',
      'unknown-parameter',
    ]);
  });
});
