/** Faults that open a side door, or take back what the code rests on; each row: rule, what, file, text, other text. */
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const topology = 'infra/topology';
const prod = 'infra/main.prod.bicepparam';

/** A fault in one row. */
export type FaultRow = readonly [rule: string, what: string, file: string, from: string, to: string];

export const faultOf = ([rule, what, file, from, to]: FaultRow): Fault => ({ rule, what, file, from, to });

const ofDoors: readonly FaultRow[] = [
  [
    'side-doors',
    'blobs that go to another tenant',
    `${modules}/storage-account.bicep`,
    'allowCrossTenantReplication: false',
    'allowCrossTenantReplication: true',
  ],
  [
    'side-doors',
    'blobs that are copied to any account',
    `${modules}/storage-account.bicep`,
    "    allowedCopyScope: 'PrivateLink'\n",
    '',
  ],
  [
    'side-doors',
    'services of Azure that are trusted with blobs',
    `${modules}/storage-account.bicep`,
    "bypass: 'None'",
    "bypass: 'AzureServices'",
  ],
  ['side-doors', 'SFTP', `${modules}/storage-account.bicep`, 'isSftpEnabled: false', 'isSftpEnabled: true'],
  [
    'side-doors',
    'services of Azure that are trusted with records',
    `${modules}/cosmos.bicep`,
    "networkAclBypass: 'None'",
    "networkAclBypass: 'AzureServices'",
  ],
  [
    'side-doors',
    'services of Azure that are trusted with messages',
    `${modules}/service-bus.bicep`,
    'trustedServiceAccessEnabled: false',
    'trustedServiceAccessEnabled: true',
  ],
  [
    'side-doors',
    'secrets that templates read',
    `${modules}/key-vault.bicep`,
    'enabledForTemplateDeployment: false',
    'enabledForTemplateDeployment: true',
  ],
  [
    'side-doors',
    'a telemetry link that is open',
    `${modules}/telemetry-link.bicep`,
    "ingestionAccessMode: 'PrivateOnly'",
    "ingestionAccessMode: 'Open'",
  ],
];

const ofRecords: readonly FaultRow[] = [
  [
    'one-writer',
    'records that are written in two regions at once',
    `${modules}/cosmos.bicep`,
    'enableMultipleWriteLocations: false',
    'enableMultipleWriteLocations: true',
  ],
  [
    'one-writer',
    'records that are read before they were written',
    `${modules}/cosmos.bicep`,
    "defaultConsistencyLevel: 'Session'",
    "defaultConsistencyLevel: 'Eventual'",
  ],
  [
    'one-writer',
    'accepted messages that are lost with their region',
    `${modules}/service-bus.bicep`,
    'maxReplicationLagDurationInSeconds: 0',
    'maxReplicationLagDurationInSeconds: 300',
  ],
  [
    'as-the-app',
    'secrets that are asked for as nobody',
    `${modules}/function-app.bicep`,
    '    keyVaultReferenceIdentity: identityId\n',
    '',
  ],
  [
    'as-the-app',
    'telemetry that nobody takes',
    `${modules}/compute.bicep`,
    'ClientId=${identity.outputs.clientId};Authorization=AAD',
    'Authorization=AAD',
  ],
  [
    'telemetry-linked',
    'traces that get to no link',
    `${modules}/telemetry-link.bicep`,
    'linkedResourceId: applicationInsightsId',
    'linkedResourceId: empty(applicationInsightsId) ? applicationInsightsId : workspaceId',
  ],
  [
    'telemetry-linked',
    'logs that get to no link',
    `${modules}/telemetry-link.bicep`,
    'linkedResourceId: workspaceId',
    'linkedResourceId: empty(workspaceId) ? workspaceId : applicationInsightsId',
  ],
];

const ofParameters: readonly FaultRow[] = [
  [
    'environment',
    'production that overwrites test',
    prod,
    "param environment = 'prod'",
    "param environment = 'test'",
  ],
  [
    'environment',
    'production that is labelled test',
    prod,
    "environment: 'prod'\n  owner",
    "environment: 'test'\n  owner",
  ],
  [
    'environment',
    'patients that are called synthetic',
    prod,
    "dataClassification: 'patient'",
    "dataClassification: 'synthetic'",
  ],
  [
    'environment',
    'logs that stop when there are many',
    prod,
    'dailyLogGigabytes: -1',
    'dailyLogGigabytes: 5',
  ],
  ['address-spaces', 'two regions with one range', prod, "'10.80.12.0/22'", "'10.80.8.0/22'"],
  ['address-spaces', 'a region within the range of the other', prod, "'10.80.12.0/22'", "'10.80.0.0/20'"],
  ['throughput', 'throughput of a misspelt container', prod, 'records: 20000', 'record: 20000'],
  ['throughput', 'throughput that Azure does not take', prod, 'audit: 10000', 'audit: 10400'],
];

const ofFirstForms: readonly FaultRow[] = [
  [
    'made-once',
    'new patient keys at every deployment',
    `${modules}/key-vault.bicep`,
    '@onlyIfNotExists()\n',
    '',
  ],
  [
    'made-once',
    'a gateway that is made anew',
    `${modules}/api-management-first.bicep`,
    '@onlyIfNotExists()\n',
    '',
  ],
  [
    'made-once',
    'the identity secret in a file',
    prod,
    "using 'main.bicep'",
    "using 'main.bicep'\n\nparam identitySecret = '0123456789012345678901234567890123456789'",
  ],
  [
    'environment',
    'patients by the access policy of a trial',
    prod,
    'environments/prod/access',
    'environments/dev/access',
  ],
  [
    'environment',
    'patients by the feeds of a trial',
    prod,
    'environments/prod/feeds',
    'environments/dev/feeds',
  ],
  [
    'settings',
    'keys of the issuer in the clear',
    `${modules}/compute.bicep`,
    "URI: '${loginUrl}",
    "URI: 'http:${loginUrl}",
  ],
  [
    'settings',
    'an address that is not that of the gateway',
    prod,
    "URL: 'https://exchange.",
    "URL: 'https://records.",
  ],
  ['settings', 'a schedule that is none', prod, "'0 5 * * * *'", "'hourly'"],
  ['settings', 'a schedule of once a year', prod, "'0 30 2 * * *'", "'0 30 2 1 1 *'"],
];

const ofTopology: readonly FaultRow[] = [
  [
    'indexes',
    'whole records in an index',
    `${topology}/cosmos.json`,
    '"/index/*"\n      ],\n      "excludedPaths": ["/*"]',
    '"/*"\n      ],\n      "excludedPaths": []',
  ],
  [
    'indexes',
    'whole answers of governance in an index',
    `${topology}/cosmos.json`,
    '"/isReviewed/?"',
    '"/*"',
  ],
  [
    'sessions',
    'no sessions for what is in order',
    `${topology}/service-bus.json`,
    '"requiresSession": true',
    '"requiresSession": false',
  ],
  [
    'sessions',
    'sessions that no function asks for',
    `${topology}/service-bus.json`,
    'looks for forgotten exports",',
    'looks for forgotten exports", "requiresSession": true,',
  ],
  [
    'duplicates',
    'nothing that tells repetitions',
    `${topology}/service-bus.json`,
    '"requiresDuplicateDetection": true,',
    '',
  ],
  [
    'duplicates',
    'repetitions that are told for twenty seconds',
    `${topology}/service-bus.json`,
    '"duplicateDetectionHistoryTimeWindow": "PT5M"',
    '"duplicateDetectionHistoryTimeWindow": "PT20S"',
  ],
  [
    'deliveries',
    'a lock that Service Bus has not',
    `${topology}/service-bus.json`,
    '"lockDuration": "PT1M"',
    '"lockDuration": "PT10M"',
  ],
  [
    'deliveries',
    'one delivery',
    `${topology}/service-bus.json`,
    '"maxDeliveryCount": 10',
    '"maxDeliveryCount": 1',
  ],
  [
    'nothing-vanishes',
    'accepted messages that expire',
    `${topology}/service-bus.json`,
    '"defaultMessageTimeToLive": "P14D",\n      "deadLetteringOnMessageExpiration": true',
    '"defaultMessageTimeToLive": "P14D",\n      "deadLetteringOnMessageExpiration": false',
  ],
  [
    'nothing-vanishes',
    'events that a failing rule takes away',
    `${modules}/service-bus-entities.bicep`,
    'deadLetteringOnFilterEvaluationExceptions: true',
    'deadLetteringOnFilterEvaluationExceptions: false',
  ],
  [
    'nothing-vanishes',
    'records that expire',
    `${topology}/cosmos.json`,
    '"defaultTtlSeconds": -1',
    '"defaultTtlSeconds": 86400',
  ],
  [
    'named-in-code',
    'a renamed container of blobs',
    `${topology}/storage.json`,
    '"name": "exports"',
    '"name": "bulk-exports"',
  ],
  [
    'named-in-code',
    'a renamed container of documents',
    `${topology}/cosmos.json`,
    '"name": "replays"',
    '"name": "replay"',
  ],
  [
    'named-in-code',
    'a renamed topic',
    `${topology}/service-bus.json`,
    '"name": "events"',
    '"name": "changes"',
  ],
];

export const doorFaults: readonly Fault[] = [
  ...ofDoors,
  ...ofRecords,
  ...ofParameters,
  ...ofFirstForms,
  ...ofTopology,
].map(faultOf);
