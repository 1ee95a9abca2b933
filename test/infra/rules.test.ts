/** What each environment would deploy keeps every rule; and each rule notices what it is for. */
import { describe, expect, test } from '@jest/globals';
import { checkFile } from '../../tools/bicep/check/check.js';
import { resourceTypesIn } from '../../tools/bicep/check/resource-types.js';
import { BicepProject } from '../../tools/bicep/project.js';
import { bicepFiles, type Environment, environments } from '../../tools/infra/files.js';
import { infrastructureOf } from '../../tools/infra/infrastructure.js';
import { breachesOf, rules } from '../../tools/infra/rules/all.js';
import { deploymentFaults } from './faults-of-deployment.js';
import { doorFaults } from './faults-of-doors.js';
import { frontFaults } from './faults-of-front.js';
import { keepingFaults } from './faults-of-keeping.js';
import { keyFaults } from './faults-of-keys.js';
import { operationFaults } from './faults-of-operation.js';
import { orderFaults } from './faults-of-order.js';
import { securityFaults } from './faults-of-security.js';
import { useFaults } from './faults-of-use.js';
import { faults as firstFaults, replaced, type Fault } from './faults.js';

const faults: readonly Fault[] = [
  ...firstFaults,
  ...keyFaults,
  ...deploymentFaults,
  ...securityFaults,
  ...operationFaults,
  ...useFaults,
  ...doorFaults,
  ...frontFaults,
  ...keepingFaults,
  ...orderFaults,
];

const typesFolder = process.env['BICEP_TYPES'];
const withTypes = typesFolder === undefined ? test.skip : test;

describe('the templates', () => {
  test.each(environments)('of %s keep every rule', (environment) => {
    expect(breachesOf(infrastructureOf(BicepProject.onDisk(), environment))).toEqual([]);
  });

  test('are free of undeclared and unused names, wrong modules and what the linter refuses', () => {
    const project = BicepProject.onDisk();
    expect(bicepFiles().flatMap((file) => checkFile(project, file))).toEqual([]);
    expect(bicepFiles().length).toBeGreaterThan(20);
  });

  // Without the official types (BICEP_TYPES names their folder) properties are left to the compiler: npm run infra:check.
  withTypes('fit the types of the resources', () => {
    const project = BicepProject.onDisk();
    const types = resourceTypesIn(typesFolder ?? '');
    expect(bicepFiles().flatMap((file) => checkFile(project, file, types))).toEqual([]);
  });
});

/** Rules of both kinds that a changed text breaks. What cannot be read is not evaluated. */
function brokenBy({ file, from, to, environment = 'prod' }: Fault): readonly string[] {
  const project = BicepProject.onDisk({ [file]: replaced(file, from, to) });
  const found = /\.bicep(param)?$/.test(file) ? checkFile(project, file).map(({ rule }) => rule) : [];
  const isEvaluated = found.every((rule) => rule.startsWith('outputs-') || rule.startsWith('no-'));
  return isEvaluated
    ? [...found, ...breachesOf(infrastructureOf(project, environment)).map(({ rule }) => rule)]
    : found;
}

describe('a seeded fault', () => {
  test.each(faults.map((fault) => [fault.rule, fault.what, fault] as const))(
    '%s notices %s',
    (rule, _, fault) => {
      expect(brokenBy(fault)).toContain(rule);
    },
  );

  test('is seeded for every rule', () => {
    const untested = rules.filter(({ name }) => !faults.some(({ rule }) => rule === name));
    expect(untested.map(({ name }) => name)).toEqual([]);
  });
});

/** Faults that only the types of Azure's resources tell; the compiler finds them as well. */
const typeFaults: readonly (readonly [string, string, string, string])[] = [
  [
    'unknown-property',
    'infra/modules/storage-account.bicep',
    'allowSharedKeyAccess:',
    'allowSharedKeyAcess:',
  ],
  ['unknown-api-version', 'infra/modules/key-vault.bicep', 'vaults@2026-02-01', 'vaults@2019-13-01'],
  ['wrong-kind', 'infra/modules/function-app.bicep', 'httpsOnly: true', "httpsOnly: 'yes'"],
  ['unknown-value', 'infra/modules/front-door.bicep', "httpsRedirect: 'Disabled'", "httpsRedirect: 'Off'"],
  ['missing-property', 'infra/modules/cosmos.bicep', "databaseAccountOfferType: 'Standard'", ''],
];

describe('with the types of the resources', () => {
  withTypes.each(typeFaults)('%s is noticed in %s', (rule, file, from, to) => {
    const project = BicepProject.onDisk({ [file]: replaced(file, from, to) });
    const types = resourceTypesIn(typesFolder ?? '');
    expect(checkFile(project, file, types).map((finding) => finding.rule)).toContain(rule);
  });
});

test('every environment is one that the tools know', () => {
  const known: readonly Environment[] = environments;
  const files = bicepFiles().filter((file) => file.endsWith('.bicepparam'));
  expect(files).toEqual([...known].map((name) => `infra/main.${name}.bicepparam`).sort());
});
