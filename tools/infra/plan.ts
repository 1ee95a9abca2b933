/**
 * `npm run infra:plan -- dev`: what a deployment would make, from the parameter file and the topology alone: resources,
 * settings and roles, the rights that whoever deploys needs, and the decisions to take before. No Azure account is asked.
 */
import { at, textOf, type Value } from '../bicep/evaluate/values.js';
import { BicepProject } from '../bicep/project.js';
import { environments, parameterFile } from './files.js';
import {
  appSettings,
  type Infrastructure,
  infrastructureOf,
  listOf,
  ofType,
  property,
} from './infrastructure.js';
import { decisionsOf } from './plan/decisions.js';
import { rightsOf } from './plan/rights.js';
import { assignmentsOf } from './rules/keys.js';

type Row = readonly string[];

/** Columns as wide as their widest cell. */
function table(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: Row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `  ${line(row).trimEnd()}`).join('\n');
}

/** What of a resource decides about its price. */
function sizeOf(body: Readonly<Record<string, Value>>): string {
  const sku = body['sku'];
  const parts = typeof sku === 'object' && sku !== null ? Object.values(sku) : [];
  return [...new Set(parts.filter((part) => part !== null).map((part) => textOf(part as Value)))].join(' ');
}

/** Resources that others are made of are counted with their parents. */
const isPart = (type: string): boolean =>
  type.split('/').length > 2 || /\/(diagnosticSettings|roleAssignments|locks)$/.test(type);

function resources(infra: Infrastructure): string {
  const rows = infra.resources
    .filter(({ type }) => !isPart(type))
    .map(({ type, name, body, file }) => [type, name, sizeOf(body), file.replace(/^infra\//, '')])
    .sort(([one = ''], [other = '']) => one.localeCompare(other));
  const parts = new Map<string, number>();
  for (const { type } of infra.resources.filter((resource) => isPart(resource.type))) {
    parts.set(type, (parts.get(type) ?? 0) + 1);
  }
  const counted = [...parts].sort().map(([type, count]) => [type, `${count}`]);
  return `${table(rows)}\n\n  and in or on them:\n\n${table(counted)}`;
}

function settings(infra: Infrastructure): string {
  const rows = Object.entries(appSettings(infra)).map(([name, value]) => {
    const text = textOf(value);
    const isSecret = text.startsWith('@Microsoft.KeyVault');
    // Ids are long; the type and name at their end say enough.
    const shown = isSecret
      ? 'secret, from the vault'
      : text.replaceAll(/\/subscriptions\/[^ {}]*?\/providers\//g, '');
    return [name, shown.length > 90 ? `${shown.slice(0, 87)}...` : shown];
  });
  return table(rows.sort());
}

const roles = (infra: Infrastructure): string =>
  table([
    ...assignmentsOf(infra).map(({ role, scope }) => [role, scope.replace(/^.*\/providers\//, '')]),
    ...ofType(infra, 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments').map((one) => [
      'a role of the data plane',
      textOf(property(one, 'properties', 'scope') ?? null).replace(/^.*\/providers\//, ''),
    ]),
  ]);

function section(title: string, text: string): string {
  return `\n${title}\n\n${text}\n`;
}

/** The whole plan as text. */
export function planText(infra: Infrastructure): string {
  const { environment, parameters } = infra;
  const head = `${parameterFile(environment)}: ${textOf(parameters['location'] ?? null)}, ${infra.resources.length} resources`;
  const note = 'Names that the world shares end in a hash of the subscription; another one stands here.';
  return [
    `${head}\n${note}\n`,
    section('Resources', resources(infra)),
    section('Settings of the app', settings(infra)),
    section('Roles of workloads', roles(infra)),
    section('Who deploys needs', table(rightsOf(infra).map(({ right, why }) => [right, why]))),
    section(
      'Resource providers to register in the subscription',
      table(providersOf(infra).map((provider) => [provider])),
    ),
    section(
      'Decisions (! still as the example has it)',
      table(decisionsOf(infra).map(({ open, what, value, where }) => [open ? '!' : ' ', what, value, where])),
    ),
  ].join('');
}

/** Whom subnets are delegated to: their providers have to be known, too, though no resource of them is deployed. */
const delegationsOf = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Network/virtualNetworks')
    .flatMap((network) => listOf(property(network, 'properties', 'subnets')))
    .flatMap((subnet) => listOf(at(subnet, 'properties', 'delegations')))
    .map((delegation) => textOf(at(delegation, 'properties', 'serviceName') ?? null));

const providersOf = (infra: Infrastructure): readonly string[] =>
  [
    ...new Set(
      [...infra.resources.map(({ type }) => type), ...delegationsOf(infra)].map(
        (type) => type.split('/')[0] ?? '',
      ),
    ),
  ]
    .map((provider) => provider.replace(/^microsoft/, 'Microsoft'))
    .sort();

/** Runs the command with its words; returns the exit code. */
export function runPlan(words: readonly string[], print: (text: string) => void): number {
  const environment = environments.find((name) => name === words[0]);
  if (environment === undefined) {
    print(`Say which: ${environments.join(', ')}`);
    return 2;
  }
  print(planText(infrastructureOf(BicepProject.onDisk(), environment)));
  return 0;
}
