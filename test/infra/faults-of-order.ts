/** Faults in what comes first, in what the gateway demands, and in what the code is stored and started by. */
import { faultOf, type FaultRow } from './faults-of-doors.js';
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const topology = 'infra/topology';
const policy = 'infra/policies/api.xml';
const prod = 'infra/main.prod.bicepparam';

const ofRegions: readonly FaultRow[] = [
  [
    'order-of-regions',
    'two regions of records that come first',
    `${modules}/cosmos.bicep`,
    'failoverPriority: 1',
    'failoverPriority: 0',
  ],
  [
    'order-of-regions',
    'records that are written in the second region',
    `${modules}/cosmos.bicep`,
    '[{ locationName: location, failoverPriority: 0',
    "[{ locationName: 'ukwest', failoverPriority: 0",
  ],
  [
    'uk-regions',
    'a copy of messages abroad',
    `${modules}/service-bus.bicep`,
    'locationName: secondLocation!',
    "locationName: 'northeurope'",
  ],
  [
    'order-of-regions',
    'two regions that take messages',
    `${modules}/service-bus.bicep`,
    "roleType: 'Secondary'",
    "roleType: 'Primary'",
  ],
  [
    'order-of-regions',
    'gateways that share the load',
    `${modules}/second-region.bicep`,
    'priority: 2',
    'priority: 1',
  ],
  [
    'partitions',
    'messages in two partitions',
    `${modules}/service-bus.bicep`,
    'premiumMessagingPartitions: isPremium ? 1 : null',
    'premiumMessagingPartitions: isPremium ? 2 : null',
  ],
  [
    'one-at-a-time',
    'rights that are given all at once',
    `${modules}/data-access.bicep`,
    '@batchSize(1)\n',
    '',
  ],
  [
    'one-at-a-time',
    'rights that are given by fives',
    `${modules}/data-access.bicep`,
    '@batchSize(1)',
    '@batchSize(5)',
  ],
  [
    'kinds',
    'an archive of the old kind',
    `${modules}/storage-account.bicep`,
    "kind: 'StorageV2'",
    "kind: 'Storage'",
  ],
  ['kinds', 'records in MongoDB', `${modules}/cosmos.bicep`, "kind: 'GlobalDocumentDB'", "kind: 'MongoDB'"],
];

const ofTheGateway: readonly FaultRow[] = [
  [
    'tokens-checked',
    'an app that takes tokens of version 1',
    `${modules}/compute.bicep`,
    "HDE_TOKEN_ISSUER: '${loginUrl}/v2.0'",
    "HDE_TOKEN_ISSUER: '${loginUrl}/'",
  ],
  [
    'tokens-checked',
    'an issuer of version 1 in the parameters',
    prod,
    "HDE_TOKEN_AUDIENCE: 'api://hde'",
    "HDE_TOKEN_AUDIENCE: 'api://hde'\n  HDE_TOKEN_ISSUER: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/'",
  ],
  [
    'tokens-checked',
    'a gateway that asks version 1',
    `${modules}/compute.bicep`,
    '${loginUrl}/v2.0/.well-known',
    '${loginUrl}/.well-known',
  ],
  [
    'tokens-checked',
    'tokens for any audience',
    policy,
    '<audiences>[[audiences]]</audiences>',
    '<!-- [[audiences]] -->',
  ],
  ['tokens-checked', 'tokens of any issuer', policy, '[[openid-configurations]]', ''],
  [
    'clients-counted',
    'one count of all clients',
    policy,
    '@((string)context.Variables["client"])',
    '@("everybody")',
  ],
  [
    'clients-counted',
    'clients that are known by their address alone',
    policy,
    '.AsJwt()?.Subject)',
    '.AsJwt()?.Audiences)',
  ],
  ['clients-counted', 'a count that has no key', policy, 'rate-limit-by-key', 'rate-limit'],
  [
    'gateway-network',
    'a gateway in no network',
    `${modules}/api-management.bicep`,
    "virtualNetworkType: 'External'",
    "virtualNetworkType: 'None'",
  ],
  [
    'no-bodies-logged',
    'a policy that writes a body down',
    policy,
    '<outbound>\n    <base />',
    '<outbound>\n    <base />\n    <trace source="api">@(context.Request.Body.As<string>(true))</trace>',
  ],
  [
    'no-bodies-logged',
    'a policy that puts a body into a header',
    policy,
    '<set-header name="Server" exists-action="delete" />',
    '<set-variable name="body" value="@(context.Response.Body.As<string>(true))" />',
  ],
  [
    'firewall-rules',
    'default rules of another decade',
    `${modules}/front-door.bicep`,
    "ruleSetVersion: '2.1'",
    "ruleSetVersion: '1.1'",
  ],
  [
    'firewall-rules',
    'old rules of bots',
    `${modules}/front-door.bicep`,
    "ruleSetVersion: '1.1'",
    "ruleSetVersion: '1.0'",
  ],
  [
    'policies',
    'findings of Defender that nobody is told',
    `${modules}/defender.bicep`,
    "emails: join(contactEmails, ';')",
    "emails: join(skip(contactEmails, 9), ';')",
  ],
  [
    'policies',
    'contacts of Defender that are off',
    `${modules}/defender.bicep`,
    'isEnabled: true',
    'isEnabled: false',
  ],
];

const ofDocuments: readonly FaultRow[] = [
  ['documents', 'records by another key', `${topology}/cosmos.json`, '"/partition"', '"/fhirId"'],
  [
    'documents',
    'a history that is not read in its order',
    `${topology}/cosmos.json`,
    '{ "path": "/lastUpdated", "order": "descending" }',
    '{ "path": "/lastUpdated", "order": "ascending" }',
  ],
  [
    'containers',
    'orders that the deployment has not',
    `${modules}/cosmos-database.bicep`,
    'compositeIndexes: container.compositeIndexes',
    'compositeIndexes: skip(container.compositeIndexes, 1)',
  ],
  [
    'bindings',
    'a schedule that may be left out',
    `${topology}/settings.json`,
    '"name": "HDE_WATCH_SCHEDULE",\n      "kind": "value",\n      "required": true',
    '"name": "HDE_WATCH_SCHEDULE",\n      "kind": "value",\n      "required": false',
  ],
];

export const orderFaults: readonly Fault[] = [...ofRegions, ...ofTheGateway, ...ofDocuments].map(faultOf);
