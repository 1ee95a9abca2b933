/** What the pages of docs/operations name is there: errors, settings and events. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errors } from '../../src/core/errors.js';
import settings from '../../infra/topology/settings.json' with { type: 'json' };
import { BicepProject } from '../../tools/bicep/project.js';
import { infrastructureOf, ofType } from '../../tools/infra/infrastructure.js';

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

test('queries of runbooks wait for events that the code logs', () => {
  const { events } = infrastructureOf(BicepProject.onDisk(), 'dev');
  const queried = pages
    .filter((page) => page.startsWith('runbooks'))
    .flatMap((page) => [...textOf(page).matchAll(/\bevent (?:==|in) \(?((?:"[a-z-]+"(?:, )?)+)/g)])
    .flatMap(([, list = '']) => [...list.matchAll(/"([a-z-]+)"/g)].map(([, name = '']) => name));
  expect(queried.filter((event) => !events.has(event))).toEqual([]);
  expect(queried.length).toBeGreaterThan(20);
});

test('each runbook says what it means, where to look, what mends it, and whom to call', () => {
  const sections = ['## What it means', '## First looks', '## Mends', '## Whom to call'];
  const lacking = pages
    .filter((page) => page.startsWith('runbooks') && !page.endsWith('README.md'))
    .filter((page) => !sections.every((section) => textOf(page).includes(section)));
  expect(lacking).toEqual([]);
});

/** Tables of a workspace by what fills them: the end of a type, and a category or metric of its diagnostic setting. */
const tables: Readonly<Record<string, readonly [string, string]>> = {
  AZKVAuditLogs: ['/vaults/', 'allLogs'],
  ApiManagementGatewayLogs: ['/service/', 'GatewayLogs'],
  AppMetrics: ['/sites/', 'FunctionAppLogs'],
  AzureActivity: ['/subscriptions/', 'Administrative'],
  AzureDiagnostics: ['/profiles/', 'allLogs'],
  AzureMetrics: ['/namespaces/', 'AllMetrics'],
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
