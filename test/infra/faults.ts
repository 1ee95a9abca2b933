/** Faults seeded in the templates, the topology and the parameters, one or more for each rule. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../../tools/infra/files.js';

export interface Fault {
  /** Rule that must notice it. */
  readonly rule: string;
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Environment that is planned; production unless it says otherwise. */
  readonly environment?: Environment;
}

/** The text of a file with every occurrence replaced; there must be one. */
export function replaced(file: string, from: string, to: string): string {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return text.replaceAll(from, to);
}

const modules = 'infra/modules';
const topology = 'infra/topology';

const ofNetwork: readonly Fault[] = [
  {
    rule: 'public-access-off',
    what: 'records on a public network',
    file: `${modules}/cosmos.bicep`,
    from: "publicNetworkAccess: 'Disabled'",
    to: "publicNetworkAccess: 'Enabled'",
  },
  {
    rule: 'public-access-off',
    what: 'a vault on a public network',
    file: `${modules}/key-vault.bicep`,
    from: "publicNetworkAccess: 'Disabled'",
    to: "publicNetworkAccess: 'Enabled'",
  },
  {
    rule: 'public-access-off',
    what: 'the standard tier of Service Bus with patients',
    file: 'infra/main.prod.bicepparam',
    from: "serviceBusTier: 'Premium'",
    to: "serviceBusTier: 'Standard'",
  },
  {
    rule: 'tls',
    what: 'TLS 1.0 at the archive',
    file: `${modules}/storage-account.bicep`,
    from: "'TLS1_2'",
    to: "'TLS1_0'",
  },
  {
    rule: 'tls',
    what: 'plain HTTP at Front Door',
    file: `${modules}/front-door.bicep`,
    from: "supportedProtocols: ['Https']",
    to: "supportedProtocols: ['Http', 'Https']",
  },
  {
    rule: 'private-endpoints',
    what: 'a vault without a private endpoint',
    file: `${modules}/private-endpoint.bicep`,
    from: 'groupIds: [groupId]',
    to: "groupIds: [groupId == 'vault' ? 'managedhsm' : groupId]",
  },
  {
    rule: 'private-endpoints',
    what: 'endpoints without DNS',
    file: `${modules}/private-endpoint.bicep`,
    from: 'for zone in zones:',
    to: 'for zone in skip(zones, 9):',
  },
  {
    rule: 'uk-regions',
    what: 'a deployment in the United States',
    file: `${modules}/cosmos.bicep`,
    from: 'location: location\n  tags',
    to: "location: 'eastus'\n  tags",
  },
  {
    rule: 'uk-regions',
    what: 'a copy of the records in Ireland',
    file: `${modules}/cosmos.bicep`,
    from: 'locationName: secondLocation!',
    to: "locationName: 'northeurope'",
  },
  {
    rule: 'subnets',
    what: 'an app in no subnet',
    file: `${modules}/function-app.bicep`,
    from: 'virtualNetworkSubnetId: subnetId',
    to: 'dailyMemoryTimeQuota: length(subnetId)',
  },
  {
    rule: 'entrance',
    what: 'patients behind no gateway',
    file: 'infra/main.prod.bicepparam',
    from: "entrance: 'internet'",
    to: "entrance: 'direct'",
  },
  {
    rule: 'entrance',
    what: 'a firewall that only watches',
    file: `${modules}/front-door.bicep`,
    from: "mode: 'Prevention'",
    to: "mode: 'Detection'",
  },
  {
    rule: 'no-bodies-logged',
    what: 'a gateway that logs bodies',
    file: `${modules}/api-management.bicep`,
    from: 'body: { bytes: 0 }',
    to: 'body: { bytes: 512 }',
  },
];

const ofTopology: readonly Fault[] = [
  {
    rule: 'queues',
    what: 'a queue that is missing',
    file: `${modules}/service-bus-entities.bicep`,
    from: 'for queue in topology.queues: {\n    parent: namespace\n    name: queue.name',
    to: "for queue in topology.queues: {\n    parent: namespace\n    name: 'other-${queue.name}'",
  },
  {
    rule: 'queues',
    what: 'a queue without sessions',
    file: `${modules}/service-bus-entities.bicep`,
    from: 'queue.?requiresSession ?? false',
    to: 'false',
  },
  {
    rule: 'containers',
    what: 'a container with another key',
    file: `${modules}/cosmos-database.bicep`,
    from: 'container.partitionKey',
    to: "'/other'",
  },
  {
    rule: 'blob-containers',
    what: 'an archive that is missing',
    file: 'infra/main.bicep',
    from: "module dataStorage 'modules/storage-data.bicep' = {",
    to: "module dataStorage 'modules/storage-data.bicep' = if (environment == 'none') {",
  },
  {
    rule: 'bindings',
    what: 'a queue of the functions that the topology has not',
    file: `${topology}/service-bus.json`,
    from: '"name": "inbound"',
    to: '"name": "incoming"',
  },
  {
    rule: 'settings',
    what: 'a required setting without a value',
    file: `${modules}/app-settings.bicep`,
    from: "setting.kind == 'value' && (setting.required",
    to: "setting.name != 'HDE_FEEDS' && setting.kind == 'value' && (setting.required",
  },
  {
    rule: 'settings',
    what: 'a setting that nobody knows',
    file: `${modules}/compute.bicep`,
    from: "AzureWebJobsStorage__credential: 'managedidentity'",
    to: "AzureWebJobsStorage__credential: 'managedidentity'\n      HDE_FORGOTTEN: 'yes'",
  },
  {
    rule: 'connections',
    what: 'a connection without its identity',
    file: `${modules}/app-settings.bicep`,
    from: "credential: 'managedidentity', ",
    to: '',
  },
  {
    rule: 'runtime',
    what: 'a Node.js that nothing was tested on',
    file: `${modules}/function-app.bicep`,
    from: "version: '22'",
    to: "version: '18'",
  },
];

const ofResilience: readonly Fault[] = [
  {
    rule: 'backup',
    what: 'records without continuous backup',
    file: `${modules}/cosmos.bicep`,
    from: "type: 'Continuous'",
    to: "type: 'Periodic'",
  },
  {
    rule: 'locks',
    what: 'an archive that can be deleted',
    file: `${modules}/storage-account.bicep`,
    from: '= if (locked) {\n  scope: account',
    to: '= if (!locked) {\n  scope: account',
  },
  {
    rule: 'zones',
    what: 'production in one zone',
    file: 'infra/main.prod.bicepparam',
    from: 'zoneRedundant: true',
    to: 'zoneRedundant: false',
  },
  {
    rule: 'second-region',
    what: 'production without a copy',
    file: 'infra/main.prod.bicepparam',
    from: 'secondRegion: true',
    to: 'secondRegion: false',
  },
  {
    rule: 'immutability',
    what: 'raw messages that can be changed',
    file: 'infra/main.prod.bicepparam',
    from: 'immutableDays: 365',
    to: 'immutableDays: 0',
  },
  {
    rule: 'services',
    what: 'an exchange without its queue',
    file: 'infra/main.bicep',
    from: "module serviceBus 'modules/service-bus.bicep' = {",
    to: "module serviceBus 'modules/service-bus.bicep' = if (environment == 'none') {",
  },
];

const ofWatching: readonly Fault[] = [
  {
    rule: 'diagnostics',
    what: 'a vault whose use leaves no trace',
    file: `${modules}/key-vault.bicep`,
    from: "resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {",
    to: "resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (location == 'nowhere') {",
  },
  {
    rule: 'alerts',
    what: 'an alert that tells nobody',
    file: `${modules}/log-alerts.bicep`,
    from: ': [actionGroupId]',
    to: ': []',
  },
  {
    rule: 'alerts',
    what: 'an alert without a page',
    file: 'infra/alerts/log-alerts.json',
    from: '"name": "feed-silent"',
    to: '"name": "feed-mute"',
  },
  {
    rule: 'runbooks',
    what: 'a page that no alert leads to',
    file: 'infra/alerts/log-alerts.json',
    from: '"name": "ledger-missing"',
    to: '"name": "ledger-differs"',
  },
  {
    rule: 'names-in-queries',
    what: 'an alert on an event that no code logs',
    file: 'infra/alerts/log-alerts.json',
    from: '"events": ["backlog-old"]',
    to: '"events": ["backlog-ancient"]',
  },
  {
    rule: 'names-in-queries',
    what: 'a chart of an event that no code logs',
    file: 'infra/workbooks/exchange.json',
    from: 'event == \\"message-received\\"',
    to: 'event == \\"message-arrived\\"',
  },
  {
    rule: 'tags',
    what: 'records that belong to nobody',
    file: `${modules}/cosmos.bicep`,
    from: 'tags: tags\n  kind',
    to: 'tags: {}\n  kind',
  },
  {
    rule: 'no-addresses-logged',
    what: 'logs with addresses of requests',
    file: `${modules}/function-app.bicep`,
    from: "category: 'FunctionAppLogs'",
    to: "category: 'AppServiceHTTPLogs'",
  },
  {
    rule: 'watched',
    what: 'a deployment that nobody pays attention to',
    file: 'infra/main.bicep',
    from: "module operations 'modules/operations.bicep' = {",
    to: "module operations 'modules/operations.bicep' = if (environment == 'none') {",
  },
  {
    rule: 'log-retention',
    what: 'logs that are gone after a month',
    file: 'infra/main.prod.bicepparam',
    from: 'logDays: 365',
    to: 'logDays: 30',
  },
  {
    rule: 'workspace-by-identity',
    what: 'logs that take keys',
    file: `${modules}/monitoring.bicep`,
    from: 'disableLocalAuth: true',
    to: 'disableLocalAuth: false',
  },
];

const ofSyntax: readonly Fault[] = [
  {
    rule: 'undeclared-name',
    what: 'a name that nobody declared',
    file: `${modules}/cosmos.bicep`,
    from: 'enableAutomaticFailover: secondLocation != null',
    to: 'enableAutomaticFailover: secondRegion != null',
  },
  {
    rule: 'unknown-parameter',
    what: 'a parameter that a module does not take',
    file: `${modules}/compute.bicep`,
    from: 'maximumInstances: sizes.maximumInstances',
    to: 'maximumInstances: sizes.maximumInstances\n    minimumInstances: 1',
  },
  {
    rule: 'missing-parameter',
    what: 'a parameter that is left out',
    file: `${modules}/compute.bicep`,
    from: "    publicUrl: settings.?HDE_PUBLIC_URL ?? ''\n",
    to: '',
  },
  {
    rule: 'unknown-output',
    what: 'an output that a module has not',
    file: 'infra/main.bicep',
    from: 'cosmos.outputs.endpoint',
    to: 'cosmos.outputs.address',
  },
  {
    rule: 'syntax',
    what: 'a brace that is missing',
    file: `${modules}/budget.bicep`,
    from: "resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {",
    to: "resource budget 'Microsoft.Consumption/budgets@2024-08-01' = ",
  },
];

export const faults: readonly Fault[] = [
  ...ofNetwork,
  ...ofTopology,
  ...ofResilience,
  ...ofWatching,
  ...ofSyntax,
];
