/** What the deployment workflow does with the outputs of the templates, with a command `az` that writes down its words. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { planOf } from '../../tools/bicep/evaluate/plan.js';
import { BicepProject } from '../../tools/bicep/project.js';
import { environments, parameterFile } from '../../tools/infra/files.js';
import { infrastructureOf } from '../../tools/infra/infrastructure.js';
import { decisionsOf } from '../../tools/infra/plan/decisions.js';
import { rightsOf } from '../../tools/infra/plan/rights.js';

const workflow = readFileSync('.github/workflows/deploy.yml', 'utf8');

/** The shell script of a step. */
function scriptOf(step: string): string {
  const [, text = ''] =
    new RegExp(`- name: ${step}\\n {8}run: \\|\\n((?: {10}.*\\n|\\n)+)`).exec(workflow) ?? [];
  return text.replaceAll(/^ {10}/gm, '');
}

let folder = '';
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs steps as the runner does; returns what was called, and what later steps are told. */
function run(outputs: object, steps: readonly string[]): { calls: string[]; told: string } {
  folder = mkdtempSync(join(tmpdir(), 'hde-workflow-'));
  const command = (name: string, text: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}`);
    chmodSync(join(folder, name), 0o755);
  };
  writeFileSync(join(folder, 'given.json'), JSON.stringify(outputs));
  command('az', `echo "az $*" >> "${folder}/calls"\ncase "$*" in "stack sub show"*) cat given.json;; esac\n`);
  command(
    'node',
    `case "$1" in -p) exec ${process.execPath} "$@";; esac\necho "node $*" >> "${folder}/calls"\n`,
  );
  for (const step of steps) {
    execFileSync('bash', ['-e', '-o', 'pipefail', '-c', scriptOf(step)], {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        ENVIRONMENT: 'prod',
        GITHUB_ENV: join(folder, 'told'),
        HDE_URL: 'https://exchange.example',
      },
    });
  }
  return {
    calls: readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n'),
    told: readFileSync(join(folder, 'told'), 'utf8'),
  };
}

describe('the deployment workflow', () => {
  const app = (region: string) => ({
    resourceGroup: `rg-${region}`,
    name: `func-${region}`,
    hostName: `func-${region}.example`,
  });
  const outputs = {
    HDE_APPS: { value: [app('uks'), app('ukw')] },
    HDE_URL: { value: 'https://exchange.example' },
  };

  test('gives the package to the app of every region, and asks each of them', () => {
    const { calls, told } = run(outputs, ['App', 'Smoke test']);
    const deployed = 'az functionapp deployment source config-zip --src app.zip --build-remote false';
    expect(calls.slice(1)).toEqual([
      `${deployed} --resource-group rg-uks --name func-uks`,
      `${deployed} --resource-group rg-ukw --name func-ukw`,
      'node tools/infra/smoke.mjs https://func-uks.example',
      'node tools/infra/smoke.mjs https://func-ukw.example',
      'node tools/infra/smoke.mjs https://exchange.example',
    ]);
    expect(told).toBe('HDE_URL=https://exchange.example\n');
  });
});

test('what a change would do is asked without the right to write', () => {
  expect(workflow).toMatch(/what-if (?:.*\\\n)+.*--validation-level ProviderNoRbac/);
});

test('in production nobody deletes what holds data, and rights can be taken away', () => {
  expect(workflow).toContain('deny=denyDelete');
  expect(workflow).toMatch(
    /--deny-settings-excluded-actions Microsoft\.Authorization\/roleAssignments\/delete/,
  );
});

describe('the outputs of the templates', () => {
  test.each(environments)('of %s name every function app', (environment) => {
    const { resources, outputs } = planOf(BicepProject.onDisk(), parameterFile(environment));
    const sites = resources.filter(({ type }) => type === 'Microsoft.Web/sites');
    const named = outputs['HDE_APPS'] as readonly { name: string; resourceGroup: string }[];
    expect(named.map(({ name, resourceGroup }) => `${resourceGroup}/${name}`)).toEqual(
      sites.map(({ name, scope }) => `${scope.split('/').at(-1) ?? ''}/${name}`),
    );
    expect(named).toHaveLength(environment === 'prod' ? 2 : 1);
  });
});

describe('docs/operations/deploy.md', () => {
  const page = readFileSync('docs/operations/deploy.md', 'utf8');

  test.each(environments)('names each decision of the plan of %s', (environment) => {
    const asked = decisionsOf(infrastructureOf(BicepProject.onDisk(), environment)).map(({ where }) =>
      where.replace(/^.*: /, ''),
    );
    // A table names the whole (`gateway`, `contacts`) or one part of it.
    const isNamed = (path: string) =>
      [path, path.split('.')[0] ?? '', `.${path.split('.').at(-1) ?? ''}`].some((name) =>
        page.includes(`\`${name}\``),
      );
    expect(asked.filter((path) => !isNamed(path))).toEqual([]);
  });

  test.each(environments)('names each role that whoever deploys %s needs', (environment) => {
    const roles = rightsOf(infrastructureOf(BicepProject.onDisk(), environment)).map(({ right }) =>
      right.replace(/ \(.*/, ''),
    );
    expect(roles.filter((role) => !page.includes(role))).toEqual([]);
  });

  test.each(environments)('registers each resource provider that %s needs', (environment) => {
    // These are registered in every subscription.
    const everywhere = ['Microsoft.Authorization', 'Microsoft.Consumption', 'Microsoft.Resources'];
    const [, listed = ''] = /for provider in ((?:.|\n)+?); do/.exec(page) ?? [];
    const registered = listed.split(/[\s\\]+/).map((name) => `Microsoft.${name}`);
    const needed = new Set(
      infrastructureOf(BicepProject.onDisk(), environment).resources.map(({ type }) =>
        (type.split('/')[0] ?? '').toLowerCase(),
      ),
    );
    const known = new Set([...everywhere, ...registered].map((name) => name.toLowerCase()));
    expect([...needed].filter((name) => !known.has(name))).toEqual([]);
  });
});
