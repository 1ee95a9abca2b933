/** Faults in what is kept and deleted, what is watched and asked, and what the app is given. */
import { faultOf, type FaultRow } from './faults-of-doors.js';
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const prod = 'infra/main.prod.bicepparam';
const logAlerts = 'infra/alerts/log-alerts.json';
const workbook = 'infra/workbooks/exchange.json';

const ofRecords: readonly FaultRow[] = [
  [
    'backup',
    'records that come back for a week',
    `${modules}/cosmos.bicep`,
    'Continuous30Days',
    'Continuous7Days',
  ],
  [
    'backup',
    'blobs that can be deleted for good',
    `${modules}/storage-account.bicep`,
    'allowPermanentDelete: false',
    'allowPermanentDelete: true',
  ],
  [
    'second-region',
    'an archive of one region',
    `${modules}/storage-data.bicep`,
    "'Standard_RAGZRS'",
    "'Standard_ZRS'",
  ],
  [
    'locks',
    'a lock that stops the exchange itself',
    `${modules}/cosmos.bicep`,
    "level: 'CanNotDelete'",
    "level: 'ReadOnly'",
  ],
  [
    'immutability',
    'messages that are unchanged for a day',
    `${modules}/storage-data.bicep`,
    'InDays: immutableDays }',
    'InDays: 1 }',
  ],
  [
    'immutability',
    'versions that no policy holds',
    `${modules}/storage-data.bicep`,
    'enabled: immutableDays > 0 &&',
    'enabled: immutableDays < 0 &&',
  ],
  [
    'immutability',
    'a reserve that can be changed',
    `${modules}/second-region.bicep`,
    'immutableDays: sizes.immutableDays',
    'immutableDays: 0',
  ],
  [
    'lifecycle',
    'versions that go after a month',
    `${modules}/storage-data.bicep`,
    'daysAfterCreationGreaterThan: entry.deleteAfterDays',
    'daysAfterCreationGreaterThan: 30',
  ],
  [
    'lifecycle',
    'one feed of the archive that goes after a week',
    'infra/retention.json',
    '"prefix": ".unnamed/"',
    '"prefix": "rzz-tie/"',
  ],
  [
    'lifecycle',
    'rules that are off',
    `${modules}/storage-data.bicep`,
    "type: 'Lifecycle'\n          enabled: true",
    "type: 'Lifecycle'\n          enabled: false",
  ],
  [
    'lifecycle',
    'an archive that replay waits hours for',
    `${modules}/storage-data.bicep`,
    'tierToCold:',
    'tierToArchive:',
  ],
  [
    'lifecycle',
    'exports that stay for years',
    'infra/retention.json',
    '"deleteAfterDays": 8',
    '"deleteAfterDays": 800',
  ],
  [
    'lifecycle',
    'exports that no rule is for',
    'infra/retention.json',
    '"container": "exports"',
    '"container": "export"',
  ],
];

const ofWatching: readonly FaultRow[] = [
  [
    'budgets',
    'a budget of a year',
    `${modules}/budget.bicep`,
    "timeGrain: 'Monthly'",
    "timeGrain: 'Annually'",
  ],
  [
    'budgets',
    'a second region that costs nothing',
    'infra/main.bicep',
    '    resourceGroups: resourceGroups\n    contactEmails',
    '    resourceGroups: take(resourceGroups, 1)\n    contactEmails',
  ],
  [
    'budgets',
    'notices to nobody',
    `${modules}/budget.bicep`,
    'contactEmails: contactEmails\n      contactGroups: [actionGroupId]',
    'contactEmails: skip(contactEmails, 9)\n      contactGroups: empty(actionGroupId) ? [actionGroupId] : []',
  ],
  [
    'diagnostics',
    'security groups whose logs are off',
    `${modules}/network.bicep`,
    "logs: [{ categoryGroup: 'allLogs', enabled: true }] }\n  }\n]",
    "logs: [{ categoryGroup: 'allLogs', enabled: false }] }\n  }\n]",
  ],
  [
    'logs-kept',
    'blobs that are deleted unseen',
    `${modules}/storage-account.bicep`,
    "scope: blobs\n  name: 'to-workspace'\n  properties: {\n    workspaceId: workspaceId\n    logs: [{ categoryGroup: 'allLogs'",
    "scope: blobs\n  name: 'to-workspace'\n  properties: {\n    workspaceId: workspaceId\n    logs: [{ category: 'StorageRead'",
  ],
  [
    'logs-kept',
    'rights that are given unseen',
    `${modules}/activity-log.bicep`,
    "['Administrative', 'Security',",
    "['Recommendation',",
  ],
  [
    'logs-kept',
    'no activity log',
    'infra/main.bicep',
    "module activityLog 'modules/activity-log.bicep' = {",
    "module activityLog 'modules/activity-log.bicep' = if (environment == 'none') {",
  ],
  [
    'policies',
    'documents that nobody looks at for malware',
    `${modules}/defender.bicep`,
    "isEnabled: 'True'",
    "isEnabled: 'False'",
  ],
  [
    'addresses-cleaned',
    'addresses of senders',
    `${modules}/monitoring.bicep`,
    'DisableIpMasking: false',
    'DisableIpMasking: true',
  ],
  [
    'tags',
    'a link that belongs to nobody',
    `${modules}/telemetry-link.bicep`,
    "location: 'global'\n  tags: tags",
    "location: 'global'",
  ],
  [
    'workspace-by-identity',
    'keys in the first minutes',
    `${modules}/workspace-first.bicep`,
    'disableLocalAuth: true',
    'disableLocalAuth: false',
  ],
  [
    'workspace-by-identity',
    'logs for all who see the workspace',
    `${modules}/monitoring.bicep`,
    'enableLogAccessUsingOnlyResourcePermissions: true',
    'enableLogAccessUsingOnlyResourcePermissions: false',
  ],
  [
    'runbooks',
    'an alert that goes, and leaves its page',
    'infra/alerts/metric-alerts.json',
    '"name": "vault-unavailable"',
    '"name": "cosmos-busy"',
  ],
  [
    'runbooks',
    'alerts of the activity log that are one fewer',
    `${modules}/activity-alerts.bicep`,
    'for alert in activityAlerts: {',
    'for alert in take(activityAlerts, 3): {',
  ],
];

const ofQueries: readonly FaultRow[] = [
  ['looks', 'a window that Azure has not', logAlerts, '"windowSize": "PT1H"', '"windowSize": "PT7H"'],
  [
    'looks',
    'a look every five minutes at one',
    'infra/alerts/metric-alerts.json',
    '"windowSize": "PT15M"',
    '"windowSize": "PT1M"',
  ],
  ['names-in-queries', 'a field that no line has', logAlerts, 'entry.refused', 'entry.refusals'],
  [
    'names-in-queries',
    'a field in brackets that no line has',
    logAlerts,
    "entry['count']",
    "entry['number']",
  ],
  ['names-in-queries', 'a code that there is not', logAlerts, 'HDE_FORBIDDEN', 'HDE_DENIED'],
  ['names-in-queries', 'an outcome that there is not', logAlerts, "== 'unavailable'", "== 'away'"],
  [
    'names-in-queries',
    'an attribute that the metric has not',
    logAlerts,
    'Properties.outcome',
    'Properties.result',
  ],
  ['names-in-queries', 'a chart of a field that no line has', workbook, 'entry.lagMs', 'entry.lag'],
  [
    'names-in-queries',
    'a metric in other quotation marks',
    workbook,
    'Name == \\"Backlog.Age\\"',
    "Name =~ 'Backlog.Old'",
  ],
  [
    'names-in-queries',
    'an event in other quotation marks',
    workbook,
    'event == \\"message-received\\"',
    "event =~ 'message-arrived'",
  ],
  [
    'tables-in-queries',
    'a table that nothing fills',
    logAlerts,
    '"table": "CDBDataPlaneRequests"',
    '"table": "CDBQueryRuntimeStatistics"',
  ],
  [
    'tables-in-queries',
    'a chart of a table that nothing fills',
    workbook,
    'CDBDataPlaneRequests',
    'CDBPartitionKeyRUConsumption',
  ],
  [
    'tables-in-queries',
    'reads that get into the table of all services',
    `${modules}/cosmos.bicep`,
    "    logAnalyticsDestinationType: 'Dedicated'\n",
    '',
  ],
  [
    'strangers',
    'an app of the second region that is a stranger',
    'infra/main.bicep',
    '? [compute.outputs.principalId, secondRegion!.outputs.principalId]',
    '? take([compute.outputs.principalId, secondRegion!.outputs.principalId], 1)',
  ],
  [
    'strangers',
    'nobody who is no stranger',
    'infra/main.bicep',
    '    dataPrincipalIds: features.secondRegion\n',
    "    dataPrincipalIds: environment == 'prod' ? [] : features.secondRegion\n",
  ],
];

const ofTheApp: readonly FaultRow[] = [
  [
    'flex-consumption',
    'instances for a function of HTTP',
    `${modules}/function-app.bicep`,
    "'function:normalise'",
    "'function:receipts'",
  ],
  [
    'flex-consumption',
    'a group that has no function',
    `${modules}/function-app.bicep`,
    "'function:normalise'",
    "'durable'",
  ],
  ['flex-consumption', 'more instances ready than there may be', prod, 'worker: 2', 'worker: 300'],
  [
    'connections',
    'records at the address of blobs',
    `${modules}/compute.bicep`,
    'HDE_COSMOS: { accountEndpoint: data.cosmosEndpoint }',
    'HDE_COSMOS: { blobServiceUri: data.cosmosEndpoint }',
  ],
  [
    'connections',
    'a host without its queues',
    `${modules}/compute.bicep`,
    'AzureWebJobsStorage__queueServiceUri:',
    'AzureWebJobsStorage__queueUri:',
  ],
  [
    'combinations',
    'a second region without messages',
    prod,
    "serviceBusTier: 'Premium'",
    "serviceBusTier: 'Standard'",
  ],
  [
    'combinations',
    'zones where there are none',
    prod,
    "using 'main.bicep'",
    "using 'main.bicep'\n\nparam location = 'ukwest'",
  ],
  [
    'combinations',
    'one region twice',
    prod,
    "using 'main.bicep'",
    "using 'main.bicep'\n\nparam secondLocation = 'uksouth'",
  ],
];

export const keepingFaults: readonly Fault[] = [...ofRecords, ...ofWatching, ...ofQueries, ...ofTheApp].map(
  faultOf,
);
