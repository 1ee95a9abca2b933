/** What the deployment workflow does with the outputs of the templates, with a command `az` that writes down its words. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { planOf } from '../../tools/bicep/evaluate/plan.js';
import { BicepProject } from '../../tools/bicep/project.js';
import { environments, parameterFile } from '../../tools/infra/files.js';

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
