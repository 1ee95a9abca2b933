/** Faults in rights, in the network and at the front that look like a matter of taste. */
import { faultOf, type FaultRow } from './faults-of-doors.js';
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const prod = 'infra/main.prod.bicepparam';

const ofRights: readonly FaultRow[] = [
  [
    'narrow-roles',
    'the data of a whole namespace',
    `${modules}/data-access.bicep`,
    'scope: queues[index]',
    'scope: namespace',
  ],
  [
    'narrow-roles',
    'all blobs of an account',
    `${modules}/blob-access.bicep`,
    'scope: blobContainers[index]',
    'scope: account',
  ],
  [
    'narrow-roles',
    'an app that writes secrets',
    `${modules}/types.bicep`,
    '4633458b-17de-408a-b874-0445c86b69e6',
    'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  ],
  [
    'roles-of-every-app',
    'a first region that cannot read what the second one took',
    'infra/main.bicep',
    "module usesReserve 'modules/blob-access.bicep' = if (features.secondRegion)",
    "module usesReserve 'modules/blob-access.bicep' = if (features.secondRegion && environment == 'dev')",
  ],
  [
    'roles-of-every-app',
    'a second region that cannot write its own reserve',
    `${modules}/second-region.bicep`,
    "module usesReserve 'blob-access.bicep' = {",
    "module usesReserve 'blob-access.bicep' = if (features.entrance == 'direct') {",
  ],
  [
    'encryption',
    'a key that nobody may encrypt with',
    `${modules}/key-vault.bicep`,
    "roleAssignments@2022-04-01' = if (customerManagedKeys)",
    "roleAssignments@2022-04-01' = if (!customerManagedKeys)",
  ],
  ['encryption', 'a key outside the HSM', `${modules}/key-vault.bicep`, "kty: 'RSA-HSM'", "kty: 'RSA'"],
  [
    'encryption',
    'a key that leaves the vault',
    `${modules}/key-vault.bicep`,
    'exportable: false',
    'exportable: true',
  ],
  [
    'encryption',
    'a key that only warns of its age',
    `${modules}/key-vault.bicep`,
    "type: 'rotate'",
    "type: 'notify'",
  ],
  [
    'encryption',
    'a vault that shuts out who encrypts',
    `${modules}/key-vault.bicep`,
    "bypass: 'AzureServices'",
    "bypass: 'None'",
  ],
];

const ofPaths: readonly FaultRow[] = [
  [
    'security-groups',
    'operators from anywhere',
    prod,
    "'10.80.8.0/22'\n  operatorRanges: []",
    "'10.80.8.0/22'\n  operatorRanges: ['0.0.0.0/0']",
  ],
  [
    'security-groups',
    'a refusal before all others',
    `${modules}/network.bicep`,
    'priority: 4096',
    'priority: 100',
  ],
  [
    'subnets-in-use',
    'endpoints among the functions',
    `${modules}/ground.bicep`,
    'subnetId: virtualNetwork.outputs.subnets.endpointsId',
    'subnetId: virtualNetwork.outputs.subnets.functionsId',
  ],
  [
    'subnets-in-use',
    'a gateway that goes out where partners come in',
    `${modules}/compute.bicep`,
    'outgoingSubnetId: subnets.gatewayId',
    'outgoingSubnetId: subnets.entranceId',
  ],
  [
    'dns-zones',
    'zones that no network sees',
    `${modules}/dns.bicep`,
    'virtualNetwork: { id: networkId }',
    "virtualNetwork: { id: '${networkId}-of-another' }",
  ],
  [
    'dns-zones',
    'zones that take names of machines',
    `${modules}/dns.bicep`,
    'registrationEnabled: false',
    'registrationEnabled: true',
  ],
];

const ofFront: readonly FaultRow[] = [
  [
    'client-certificates',
    'a gateway that asks for no certificate',
    `${modules}/api-management.bicep`,
    'negotiateClientCertificate: true',
    'negotiateClientCertificate: false',
  ],
  [
    'client-certificates',
    'HTTP beside HTTPS',
    `${modules}/api-management.bicep`,
    "protocols: ['https']",
    "protocols: ['https', 'http']",
  ],
  [
    'firewall-rules',
    'the United Kingdom shut out, all others let in',
    `${modules}/front-door.bicep`,
    'negateCondition: true',
    'negateCondition: false',
  ],
  [
    'firewall-rules',
    'floods that are written down only',
    `${modules}/front-door.bicep`,
    "ruleType: 'RateLimitRule'\n          action: 'Block'",
    "ruleType: 'RateLimitRule'\n          action: 'Log'",
  ],
  [
    'firewall-rules',
    'bodies that nobody looks into',
    `${modules}/front-door.bicep`,
    "requestBodyCheck: 'Enabled'",
    "requestBodyCheck: 'Disabled'",
  ],
  [
    'firewall-rules',
    'bots',
    `${modules}/front-door.bicep`,
    'Microsoft_BotManagerRuleSet',
    'Microsoft_HTTPDDoSRuleSet',
  ],
  [
    'no-copies',
    'records that stay at the edge',
    `${modules}/front-door.bicep`,
    '    // No cache: answers are records.\n',
    "    cacheConfiguration: { queryStringCachingBehavior: 'UseQueryString' }\n",
  ],
  [
    'queries-hidden',
    'a firewall that writes addresses down',
    `${modules}/front-door.bicep`,
    "      logScrubbing: {\n        state: 'Enabled'",
    "      logScrubbing: {\n        state: 'Disabled'",
  ],
  [
    'queries-hidden',
    'a Front Door that writes addresses down',
    `${modules}/front-door.bicep`,
    "        { matchVariable: 'RequestUri', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }\n",
    '',
  ],
  [
    'queries-hidden',
    'a gateway that masks by name',
    `${modules}/api-management.bicep`,
    "value: '*', mode: 'Hide'",
    "value: 'identifier', mode: 'Hide'",
  ],
  [
    'probes',
    'a probe in the clear',
    `${modules}/front-door.bicep`,
    "probeProtocol: 'Https'",
    "probeProtocol: 'Http'",
  ],
  [
    'health-asked',
    'a test that is off',
    `${modules}/activity-alerts.bicep`,
    'Enabled: true\n    Frequency',
    'Enabled: false\n    Frequency',
  ],
  [
    'health-asked',
    'two of one place, which never fail',
    `${modules}/activity-alerts.bicep`,
    "Locations: [{ Id: 'emea-ru-msa-edge' }, { Id: 'emea-se-sto-edge' }]",
    "Locations: [{ Id: 'emea-ru-msa-edge' }]",
  ],
  [
    'health-asked',
    'a page that always answers',
    `${modules}/operations.bicep`,
    '/health/ready',
    '/health/live',
  ],
  [
    'health-asked',
    'an alert of no test',
    `${modules}/activity-alerts.bicep`,
    'webTestId: asksHealth.id',
    'webTestId: applicationInsightsId',
  ],
  [
    'availability-tests',
    'a test from the United States',
    `${modules}/activity-alerts.bicep`,
    "'emea-ru-msa-edge'",
    "'us-va-ash-azr'",
  ],
  [
    'availability-tests',
    'a test from France beside those of the country',
    `${modules}/activity-alerts.bicep`,
    "{ Id: 'emea-se-sto-edge' }]",
    "{ Id: 'emea-se-sto-edge' }, { Id: 'emea-fr-pra-edge' }]",
  ],
];

export const frontFaults: readonly Fault[] = [...ofRights, ...ofPaths, ...ofFront].map(faultOf);
