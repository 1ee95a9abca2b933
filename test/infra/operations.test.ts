/** What the pages of docs/operations name is there: errors, settings and events. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errors } from '../../src/core/errors.js';
import limits from '../../bench/capacity/limits.json' with { type: 'json' };
import consumption from '../../bench/cost/consumption.json' with { type: 'json' };
import charges from '../../bench/results/charges.json' with { type: 'json' };
import settings from '../../infra/topology/settings.json' with { type: 'json' };
import { BicepProject } from '../../tools/bicep/project.js';
import { infrastructureOf, ofType } from '../../tools/infra/infrastructure.js';
import { wrongNames } from '../../tools/infra/rules/queries.js';

const folder = 'docs/operations';
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
const textOf = (page: string): string => readFileSync(join(folder, page), 'utf8');

const known = new Set([
  ...Object.keys(errors),
  ...settings.settings.map(({ name }) => name),
  // Variables of a shell, outputs of the templates, and what tests read.
  ...['HDE_URL', 'HDE_APPS', 'HDE_TOKEN', 'HDE_THROTTLE_SECONDS', 'HDE_KEEP_STATE'],
]);

describe.each(pages)('%s', (page) => {
  test('names errors and settings that exist', () => {
    const named = [...textOf(page).matchAll(/\bHDE_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) =>
      name.replace(/__.*/, ''),
    );
    expect(
      named.filter((name) => !known.has(name) && ![...known].some((one) => one.startsWith(name))),
    ).toEqual([]);
  });
});

/** Queries of pages over logs. */
const queriesOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/```kusto\n([^]*?)```/g)].map(([, text = '']) => text);

test('queries of pages wait for events, fields, codes and metrics that the code gives', () => {
  const infra = infrastructureOf(BicepProject.onDisk(), 'dev');
  const wrong = pages.flatMap((page) =>
    queriesOf(page)
      .flatMap((query) => wrongNames(infra, query))
      .map((what) => `${page}: ${what}`),
  );
  expect(wrong).toEqual([]);
});

test('each runbook says what it means, where to look, what mends it, and whom to call', () => {
  const sections = ['## What it means', '## First looks', '## Mends', '## Whom to call'];
  const lacking = pages
    .filter((page) => page.startsWith('runbooks') && !page.endsWith('README.md'))
    .filter((page) => !sections.every((section) => textOf(page).includes(section)));
  expect(lacking).toEqual([]);
});

/** Blocks of commands, with a word in place of what the reader puts in. */
const commandsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/```sh\n([^]*?)```/g)].map(([, text = '']) =>
    text.replaceAll(/<[^<>\n]+>/g, 'given'),
  );

test('commands of pages are what a shell reads, of files and scripts that are there', () => {
  const blocks = pages.flatMap((page) => commandsOf(page).map((text) => ({ page, text })));
  const unread = blocks.filter(({ text }) => spawnSync('bash', ['-n'], { input: text }).status !== 0);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const missing = blocks.flatMap(({ page, text }) => [
    ...[...text.matchAll(/\b(?:infra|tools|bench|docs)\/[\w./-]+\.\w+/g)]
      .map(([file]) => file)
      .filter((file) => !existsSync(file) && !file.includes('$'))
      .map((file) => `${page}: ${file}`),
    ...[...text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)]
      .map(([, script = '']) => script)
      .filter((script) => scripts[script] === undefined)
      .map((script) => `${page}: npm run ${script}`),
  ]);
  expect(unread).toEqual([]);
  expect(missing).toEqual([]);
  expect(blocks.length).toBeGreaterThan(30);
});

/** Tables of a workspace by what fills them: the end of a type, and a category or metric of its diagnostic setting. */
// Not AzureMetrics: most of what alerts ask for is exported to no table, and the rest loses what it is of.
const tables: Readonly<Record<string, readonly [string, string]>> = {
  AZKVAuditLogs: ['/vaults/', 'allLogs'],
  ApiManagementGatewayLogs: ['/service/', 'GatewayLogs'],
  AppMetrics: ['/sites/', 'FunctionAppLogs'],
  AzureActivity: ['/subscriptions/', 'Administrative'],
  AzureDiagnostics: ['/profiles/', 'allLogs'],
  CDBDataPlaneRequests: ['/databaseAccounts/', 'DataPlaneRequests'],
  FunctionAppLogs: ['/sites/', 'FunctionAppLogs'],
  StorageBlobLogs: ['/blobServices/', 'allLogs'],
};

test('queries of pages ask tables that something is written to', () => {
  const infra = infrastructureOf(BicepProject.onDisk(), 'prod');
  const written = ofType(infra, 'Microsoft.Insights/diagnosticSettings').map(
    ({ scope, body }) => `${scope}/ ${JSON.stringify(body['properties'])}`,
  );
  const asked = pages.flatMap((page) =>
    [...textOf(page).matchAll(/```kusto\n(\w+)/g)].map(([, table = '']) => ({ page, table })),
  );
  const empty = asked.filter(({ table }) => {
    const [source = 'nowhere', category = ''] = tables[table] ?? [];
    return !written.some((setting) => setting.includes(source) && setting.includes(`"${category}"`));
  });
  expect(empty).toEqual([]);
  expect(asked.length).toBeGreaterThan(20);
});

test('names of resources in commands are set on their page, or on that of runbooks', () => {
  const setOn = (page: string) => [...textOf(page).matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name);
  const everywhere = new Set(['HDE_URL', 'HDE_TOKEN', ...setOn('runbooks/README.md')]);
  const unset = pages.flatMap((page) => {
    const own = new Set(setOn(page));
    return commandsOf(page)
      .flatMap((text) => [...text.matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name = '']) => name))
      .filter((name) => !own.has(name) && !everywhere.has(name))
      .map((name) => `${page}: ${name}`);
  });
  expect(unset).toEqual([]);
});

test('figures of the models that stand in a file of the exchange are those of that file', () => {
  const host = JSON.parse(readFileSync('host.json', 'utf8')) as {
    extensions: { serviceBus: { maxConcurrentSessions: number } };
  };
  const { maxConcurrentSessions } = host.extensions.serviceBus;
  const created = charges.interactions.find(({ request }) => request === 'POST Observation');
  expect(consumption.requestUnitsPerRecordWritten.value).toBe(Math.round(created?.requestUnits ?? 0));
  const site = readFileSync('infra/modules/function-app.bicep', 'utf8');
  // The worker takes its queue by sessions: how many calls a function without them may have does not matter.
  expect(limits.limits.sessionsPerInstance.value).toBe(maxConcurrentSessions);
  expect(consumption.messagesAtOncePerInstance.value).toBe(maxConcurrentSessions);
  expect(consumption.requestsAtOncePerInstance.value).toBe(
    Number(/perInstanceConcurrency: (\d+)/.exec(site)?.[1]),
  );
});
