/** A second fault, of another kind, for rules that one fault alone would not show to be general. */
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const prod = 'infra/main.prod.bicepparam';

const ofTheApp: readonly Fault[] = [
  {
    rule: 'blob-containers',
    what: 'a container that is left out',
    file: `${modules}/storage-data.bicep`,
    from: 'var containers = concat(appContainers, operatorContainers)',
    to: 'var containers = concat(skip(appContainers, 1), operatorContainers)',
  },
  {
    rule: 'blob-containers',
    what: 'no reserve of the archive for the day that the first region is lost',
    file: `${modules}/second-region.bicep`,
    from: "module reserve 'storage-data.bicep' = {",
    to: "module reserve 'storage-data.bicep' = if (features.entrance == 'direct') {",
  },
  {
    rule: 'bindings',
    what: 'a container of the change feed that the topology has not',
    file: 'infra/topology/cosmos.json',
    from: '"name": "leases"',
    to: '"name": "lease"',
  },
  {
    rule: 'connections',
    what: 'a connection without an address',
    file: `${modules}/compute.bicep`,
    from: 'HDE_STORAGE: { blobServiceUri: data.blobEndpoint }',
    to: 'HDE_STORAGE: {}',
  },
  {
    rule: 'runtime',
    what: 'another runtime than Node.js',
    file: `${modules}/function-app.bicep`,
    from: "runtime: { name: 'node'",
    to: "runtime: { name: 'dotnet-isolated'",
  },
  {
    rule: 'no-passwords',
    what: 'passwords of FTP behind a gateway',
    file: `${modules}/function-app.bicep`,
    from: "noFtpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {",
    to: "noFtpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = if (isPublic) {",
  },
  {
    rule: 'identity-of-the-app',
    what: 'an app that is somebody else as well',
    file: `${modules}/function-app.bicep`,
    from: "identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }",
    to: "identity: { type: 'SystemAssigned' }",
  },
  {
    rule: 'services',
    what: 'an exchange without records',
    file: 'infra/main.bicep',
    from: "module cosmos 'modules/cosmos.bicep' = {",
    to: "module cosmos 'modules/cosmos.bicep' = if (environment == 'none') {",
  },
];

const ofRegions: readonly Fault[] = [
  {
    rule: 'ways-to-data',
    what: 'a gateway that partners find over the internet only',
    file: `${modules}/api-management.bicep`,
    from: "groupId: 'Gateway'",
    to: "groupId: 'gateway-of-another-kind'",
  },
  {
    rule: 'locks',
    what: 'records that can be deleted',
    file: `${modules}/cosmos.bicep`,
    from: '= if (locked) {\n  scope: account',
    to: '= if (!locked) {\n  scope: account',
  },
  {
    rule: 'zones',
    what: 'a plan in one zone',
    file: `${modules}/function-app.bicep`,
    from: 'reserved: true, zoneRedundant: zoneRedundant',
    to: 'reserved: true, zoneRedundant: false',
  },
  {
    rule: 'second-region',
    what: 'messages that are in one region',
    file: 'infra/main.bicep',
    from: '    units: sizes.serviceBusUnits\n    secondLocation: features.secondRegion ? secondLocation : null',
    to: '    units: sizes.serviceBusUnits\n    secondLocation: null',
  },
  {
    rule: 'second-region',
    what: 'records that change over by hand only',
    file: `${modules}/cosmos.bicep`,
    from: 'enableAutomaticFailover: secondLocation != null',
    to: 'enableAutomaticFailover: false',
  },
  {
    rule: 'front-door-links',
    what: 'a gateway that Front Door reaches over the internet',
    file: `${modules}/front-door-origin.bicep`,
    from: 'sharedPrivateLinkResource: {',
    to: 'notShared: {',
  },
];

const ofWatching: readonly Fault[] = [
  {
    rule: 'diagnostics',
    what: 'a gateway whose logs go nowhere',
    file: `${modules}/api-management.bicep`,
    from: '  scope: service\n  name:',
    to: '  name:',
  },
  {
    rule: 'tags',
    what: 'a bill that nobody pays',
    file: prod,
    from: "  costCentre: 'unassigned'\n",
    to: '',
  },
  {
    rule: 'no-addresses-logged',
    what: 'all logs of the app',
    file: `${modules}/function-app.bicep`,
    from: "logs: [{ category: 'FunctionAppLogs', enabled: true }]",
    to: "logs: [{ categoryGroup: 'allLogs', enabled: true }]",
  },
  {
    rule: 'watched',
    what: 'a month without a budget',
    file: 'infra/main.bicep',
    from: "module budget 'modules/budget.bicep' = {",
    to: "module budget 'modules/budget.bicep' = if (environment == 'none') {",
  },
  {
    rule: 'log-retention',
    what: 'a workspace that forgets what the parameters ask it to keep',
    file: `${modules}/monitoring.bicep`,
    from: 'retentionInDays: logDays',
    to: 'retentionInDays: 90',
  },
  {
    rule: 'privacy-told',
    what: 'reads past the exchange that only those on call hear of',
    file: `${modules}/log-alerts.bicep`,
    from: "alert.?audience == 'privacy' ? [actionGroupId, privacyGroupId] : [actionGroupId]",
    to: "alert.?audience == 'privacy' && alert.severity > 1 ? [actionGroupId, privacyGroupId] : [actionGroupId]",
  },
  {
    rule: 'addresses-cleaned',
    what: 'addresses in the logs of the gateway',
    file: `${modules}/monitoring.bicep`,
    from: 'extend Url = "", BackendUrl = ""',
    to: 'extend Url = ""',
  },
  {
    rule: 'names',
    what: 'an endpoint with a name that is too long',
    file: `${modules}/naming.bicep`,
    from: "frontDoor: 'afd-hde-${environment}'",
    to: "frontDoor: 'afd-healthcare-data-exchange-of-an-acute-trust-${environment}'",
  },
];

export const useFaults: readonly Fault[] = [...ofTheApp, ...ofRegions, ...ofWatching];
