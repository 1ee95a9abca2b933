/** Faults in what is kept, told and watched. */
import type { Fault } from './faults.js';

const ofTopology: readonly Fault[] = [
  {
    rule: 'queues',
    what: 'locks that are shorter than the topology says',
    file: 'infra/modules/service-bus-entities.bicep',
    from: 'lockDuration: queue.lockDuration',
    to: "lockDuration: 'PT30S'",
  },
  {
    rule: 'queues',
    what: 'duplicate detection that is off',
    file: 'infra/modules/service-bus-entities.bicep',
    from: 'requiresDuplicateDetection: queue.?requiresDuplicateDetection ?? false',
    to: 'requiresDuplicateDetection: false',
  },
  {
    rule: 'containers',
    what: 'no partition key',
    file: 'infra/modules/cosmos-database.bicep',
    from: 'paths: [container.partitionKey]',
    to: 'paths: []',
  },
];

const ofEntrance: readonly Fault[] = [
  {
    rule: 'parts-watched',
    what: 'a Front Door that fails unseen',
    file: 'infra/main.bicep',
    from: "internet: ['apiManagement', 'frontDoor']",
    to: "internet: ['apiManagement']",
  },
  {
    rule: 'parts-watched',
    what: 'a gateway of the second region that fails unseen',
    file: 'infra/main.bicep',
    from: "if (features.secondRegion && features.entrance != 'direct')",
    to: "if (features.secondRegion && features.entrance == 'direct')",
  },
  {
    rule: 'metric-alerts',
    what: 'a metric of the older tiers of the gateway',
    file: 'infra/alerts/metric-alerts.json',
    from: '"metric": "CpuPercent_Gateway"',
    to: '"metric": "Capacity"',
  },
];

const ofRecords: readonly Fault[] = [
  {
    rule: 'immutability',
    what: 'exported trails that can be changed',
    file: 'infra/modules/storage-data.bicep',
    from: "['raw-messages', 'audit-exports']",
    to: "['raw-messages']",
  },
  {
    rule: 'lifecycle',
    what: 'a lifecycle that deletes before its time',
    file: 'infra/retention.json',
    from: '"deleteAfterDays": 2922',
    to: '"deleteAfterDays": 292',
  },
  {
    rule: 'backup',
    what: 'containers whose deletion is final',
    file: 'infra/modules/storage-account.bicep',
    from: 'containerDeleteRetentionPolicy: { enabled: true',
    to: 'containerDeleteRetentionPolicy: { enabled: false',
  },
  {
    rule: 'backup',
    what: 'soft delete of a day',
    file: 'infra/modules/storage-data.bicep',
    from: 'softDeleteDays: 30',
    to: 'softDeleteDays: 1',
  },
  {
    rule: 'backup',
    what: 'a vault without soft delete',
    file: 'infra/modules/key-vault.bicep',
    from: 'enableSoftDelete: true',
    to: 'enableSoftDelete: false',
  },
  {
    rule: 'keys-of-the-trust',
    what: 'patients under keys of Microsoft',
    file: 'infra/main.prod.bicepparam',
    from: 'customerManagedKeys: true',
    to: 'customerManagedKeys: false',
  },
  {
    rule: 'keys-of-the-trust',
    what: "an archive that leaves the trust's key out",
    file: 'infra/modules/storage-account.bicep',
    from: "encryption == null ? 'Microsoft.Storage' : 'Microsoft.Keyvault'",
    to: "'Microsoft.Storage'",
  },
];

const ofWatching: readonly Fault[] = [
  {
    rule: 'logs-kept',
    what: 'documents whose readers are not written down',
    file: 'infra/modules/cosmos.bicep',
    from: "{ category: 'DataPlaneRequests', enabled: true }",
    to: "{ category: 'QueryRuntimeStatistics', enabled: true }",
  },
  {
    rule: 'logs-kept',
    what: 'logs that are off',
    file: 'infra/modules/key-vault.bicep',
    from: "categoryGroup: 'allLogs', enabled: true",
    to: "categoryGroup: 'allLogs', enabled: false",
  },
  {
    rule: 'logs-kept',
    what: "the app's log lines that nobody keeps",
    file: 'infra/modules/function-app.bicep',
    from: "    logs: [{ category: 'FunctionAppLogs', enabled: true }]\n",
    to: '',
  },
  {
    rule: 'metric-alerts',
    what: 'an alert on a metric that Azure has not',
    file: 'infra/alerts/metric-alerts.json',
    from: '"ThrottledRequests"',
    to: '"RequestsThrottled"',
  },
  {
    rule: 'action-groups',
    what: 'an action group that reaches nobody',
    file: 'infra/modules/alerts.bicep',
    from: 'for (address, index) in contacts.onCall: {',
    to: 'for (address, index) in skip(contacts.onCall, 9): {',
  },
  {
    rule: 'action-groups',
    what: 'an action group that is off',
    file: 'infra/modules/alerts.bicep',
    from: "properties: {\n    enabled: true\n    groupShortName: 'hde-privacy'",
    to: "properties: {\n    enabled: false\n    groupShortName: 'hde-privacy'",
  },
  {
    rule: 'privacy-told',
    what: 'nobody told of broken glass',
    file: 'infra/alerts/log-alerts.json',
    from: '"audience": "privacy"',
    to: '"audience": "private"',
  },
  {
    rule: 'metric-alerts',
    what: 'a window that Azure does not know',
    file: 'infra/alerts/metric-alerts.json',
    from: '"windowSize": "PT30M"',
    to: '"windowSize": "PT20M"',
  },
  {
    rule: 'budgets',
    what: 'a budget of nothing',
    file: 'infra/main.prod.bicepparam',
    from: 'monthlyBudget: 12000',
    to: 'monthlyBudget: 0',
  },
  {
    rule: 'budgets',
    what: 'a budget that starts within a month',
    file: 'infra/main.prod.bicepparam',
    from: "budgetStart = '2026-12-01'",
    to: "budgetStart = '2026-12-15'",
  },
  {
    rule: 'policies',
    what: 'policy assignments that are off',
    file: 'infra/main.prod.bicepparam',
    from: 'policies: true',
    to: 'policies: false',
  },
  {
    rule: 'policies',
    what: 'the initiative of another country',
    file: 'infra/modules/policies.bicep',
    from: '3937f550-eedd-4639-9c5e-294358be442e',
    to: '3937f550-eedd-4639-9c5e-294358be442f',
  },
  {
    rule: 'policies',
    what: 'Defender off',
    file: 'infra/main.prod.bicepparam',
    from: 'defender: true',
    to: 'defender: false',
  },
  {
    rule: 'addresses-cleaned',
    what: 'addresses of requests in telemetry',
    file: 'infra/modules/monitoring.bicep',
    from: "  'Microsoft-Table-AppRequests': 'source | extend Url = \"\"'\n",
    to: '',
  },
];

export const operationFaults: readonly Fault[] = [...ofTopology, ...ofEntrance, ...ofRecords, ...ofWatching];
