import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { planOf } from '../../tools/bicep/evaluate/plan.js';
import { BicepProject } from '../../tools/bicep/project.js';
import { compilerCommand } from '../../tools/infra/compiler.js';
import { type Environment, environments, parameterFile } from '../../tools/infra/files.js';
import { infrastructureOf } from '../../tools/infra/infrastructure.js';
import { planText, runPlan } from '../../tools/infra/plan.js';

const planFor = (environment: Environment) => planText(infrastructureOf(BicepProject.onDisk(), environment));

describe('npm run infra:plan', () => {
  test.each(environments)(
    '%s: tells resources, settings, roles, rights, providers and decisions',
    (environment) => {
      const text = planFor(environment);
      for (const part of [
        'Resources',
        'Settings of the app',
        'Roles of workloads',
        'Who deploys needs',
        'Decisions',
      ]) {
        expect(text).toContain(`\n${part}`);
      }
      expect(text).toContain(`rg-hde-${environment}-uks`);
      expect(text).toMatch(/HDE_IDENTITY_SECRET +secret, from the vault/);
      expect(text).toMatch(/Azure Service Bus Data Owner +Microsoft.ServiceBus.*\/queues\/inbound/);
    },
  );

  test('asks for more rights where more is deployed', () => {
    expect(planFor('dev')).not.toContain('Security Admin');
    expect(planFor('prod')).toContain('Security Admin');
    expect(planFor('prod')).toContain('Locks Contributor');
  });

  test('marks what still says what the example says', () => {
    expect(planFor('prod')).toMatch(/! +Who is told of alerts +\["exchange@example\.nhs\.uk"\]/);
  });

  test('says which environments there are', () => {
    const said: string[] = [];
    expect(runPlan(['nowhere'], (text) => said.push(text))).toBe(2);
    expect(said).toEqual(['Say which: dev, test, prod']);
  });
});

const command = compilerCommand(process.env);
/** Without the compiler (npm run infra:tools) there is nothing to compare with. */
const withCompiler = command === undefined ? test.skip : test;

interface Snapshot {
  readonly predictedResources: readonly { readonly id: string; readonly apiVersion: string }[];
}

/** What the compiler says would be deployed, written beside a copy of the parameter file. */
function snapshotOf(environment: Environment): Snapshot {
  const folder = mkdtempSync(join(tmpdir(), 'hde-snapshot-'));
  try {
    cpSync('infra', join(folder, 'infra'), { recursive: true });
    const file = parameterFile(environment);
    const subscription = '00000000-0000-0000-0000-000000000000';
    const { status, stderr } = spawnSync(
      // Run from another folder: a path is made whole, the name of something on the PATH is left as it is.
      command?.includes('/') ? resolve(command) : (command ?? ''),
      ['snapshot', file, '--mode', 'overwrite', '--subscription-id', subscription, '--location', 'uksouth'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' } },
    );
    if (status !== 0) throw new Error(stderr);
    const written = join(folder, file.replace('.bicepparam', '.snapshot.json'));
    return JSON.parse(readFileSync(written, 'utf8')) as Snapshot;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An id without what differs: case, and names that end in a hash which Azure computes otherwise. */
const comparable = (id: string): string =>
  id
    .toLowerCase()
    .replaceAll(/(kv|sbns|cosmos|func|apim)(-hde-[a-z]+)-[a-z0-9]{8}/g, '$1$2')
    .replaceAll(/(sthde[a-z]+(?:run|data))[a-z0-9]{8}/g, '$1')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'guid');

/** Names with a suffix of the cloud: the compiler leaves them to the deployment. */
const isLeftOpen = (id: string): boolean => id.startsWith('[') || id.includes('core.windows.net');

describe('the evaluation', () => {
  withCompiler.each(environments)(
    'of %s agrees with the snapshot of the compiler',
    (environment) => {
      const types = (ids: readonly string[]) =>
        [...new Set(ids.filter((id) => !isLeftOpen(id)).map(comparable))].sort();
      const { predictedResources } = snapshotOf(environment);
      const ours = planOf(BicepProject.onDisk(), parameterFile(environment)).resources;
      expect(types(ours.map(({ id }) => id))).toEqual(types(predictedResources.map(({ id }) => id)));
      expect(ours).toHaveLength(predictedResources.length);
    },
    300_000,
  );
});
