// The whole exchange in one subscription: a resource group and everything in it. docs/operations/deploy.md walks
// through it; infra/README.md draws it. What a deployment is made of follows from `features` and `sizes`.

targetScope = 'subscription'

import {
  appType
  contactsType
  environmentName
  featuresType
  gatewayType
  networkType
  sizesType
  tagsType
  ukRegion
} from 'modules/types.bicep'
import { namesOf } from 'modules/naming.bicep'

@description('Which deployment this is.')
param environment environmentName

@description('Region of everything.')
param location ukRegion = 'uksouth'

@description('Region of copies, with features.secondRegion.')
param secondLocation ukRegion = 'ukwest'

@description('Labels of every resource.')
param tags tagsType

@description('Parts that are there or not.')
param features featuresType

@description('How much of everything.')
param sizes sizesType

@description('Where the network is.')
param network networkType

@description('Where the network of the second region is, with features.secondRegion.')
param secondNetwork networkType = network

@description('What the gateway demands. Without a gateway (entrance direct) nothing reads it.')
param gateway gatewayType

@description('Who is told.')
param contacts contactsType

@description('Values of the settings of the app (infra/topology/settings.json), by name; none of them secret.')
param settings { *: string }

@description('Names of optional settings whose secret is in the vault; infra/secret.bicep writes it there.')
param optionalSecrets string[] = []

@description('First day of the month of the first deployment (yyyy-MM-dd), for the budget. Azure does not let it change.')
param budgetStart string

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('Takes up the vault of a deployment of the same name that was deleted in the last 90 days.')
param recoverKeyVault bool = false

@description('Account of the records, once they were restored into another one (docs/operations/backup.md); it stays in the parameter file.')
@maxLength(44)
param restoredCosmosAccount string?

@description('Topics take no events until the next deployment without it: for the one that makes a new subscription (docs/operations/onboarding.md). What is to be published waits, and nothing is lost.')
param topicsClosed bool = false

@secure()
@description('Secret of the keyed hashes of identifiers. Left out: made by chance at the first deployment, when nobody sees it. Given: one that was in use elsewhere, so that people keep their patient keys. Later deployments do not write it.')
@minLength(32)
param identitySecret string = '${newGuid()}${newGuid()}'

var ownNames = namesOf(environment, location, uniqueString(subscription().id, environment, location))
var names = { ...ownNames, cosmos: restoredCosmosAccount ?? ownNames.cosmos }
var secondNames = namesOf(environment, secondLocation, uniqueString(subscription().id, environment, secondLocation))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: { ...tags, 'azd-env-name': environment }
}

module ground 'modules/ground.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    names: names
    features: features
    sizes: sizes
    network: network
    zoneRedundant: features.zoneRedundant
  }
}

// Apart from the app's identity: the app needs no key, and whoever encrypts no data.
module keysIdentity 'modules/identity.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: names.keysIdentity }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.keyVault
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    customerManagedKeys: features.customerManagedKeys
    keysIdentityName: names.keysIdentity
    keysIdentityId: keysIdentity.outputs.id
    keysIdentityPrincipalId: keysIdentity.outputs.principalId
    identitySecret: identitySecret
    recovered: recoverKeyVault
    locked: features.locks
  }
}

module dataStorage 'modules/storage-data.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.dataStorage
    zoneRedundant: features.zoneRedundant
    secondRegion: features.secondRegion
    immutableDays: sizes.immutableDays
    encryption: keyVault.outputs.?encryption
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    locked: features.locks
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.serviceBus
    tier: sizes.serviceBusTier
    units: sizes.serviceBusUnits
    secondLocation: features.secondRegion ? secondLocation : null
    encryption: keyVault.outputs.?encryption
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    topicsClosed: topicsClosed
    locked: features.locks
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.cosmos
    capacity: sizes.cosmosCapacity
    maxThroughput: sizes.cosmosMaxThroughput
    zoneRedundant: features.zoneRedundant
    secondLocation: features.secondRegion ? secondLocation : null
    encryption: keyVault.outputs.?encryption
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    locked: features.locks
  }
}

var data = {
  vaultUri: keyVault.outputs.uri
  cosmosEndpoint: cosmos.outputs.endpoint
  serviceBusHostName: serviceBus.outputs.fullyQualifiedNamespace
  blobEndpoint: dataStorage.outputs.blobEndpoint
}
var dataIds = {
  keyVault: keyVault.outputs.id
  dataStorage: dataStorage.outputs.id
  serviceBus: serviceBus.outputs.id
  cosmos: cosmos.outputs.id
}

// Whose metrics are watched: known before anything is there, so that what-if can tell which alerts there will be.
var partsOfEntrance = { direct: [], private: ['apiManagement'], internet: ['apiManagement', 'frontDoor'] }

module compute 'modules/compute.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    names: names
    dataNames: names
    features: features
    sizes: sizes
    zoneRedundant: features.zoneRedundant
    hasFrontDoor: features.entrance == 'internet'
    gateway: gateway
    contacts: contacts
    settings: settings
    optionalSecrets: optionalSecrets
    data: data
    encryption: keyVault.outputs.?encryption
    subnets: ground.outputs.subnets
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    telemetryConnectionString: ground.outputs.connectionString
  }
}

// In its own group: what there is in a region can be seen, and is lost with it at most.
resource secondGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = if (features.secondRegion) {
  name: secondNames.resourceGroup
  location: secondLocation
  tags: tags
}

module secondRegion 'modules/second-region.bicep' = if (features.secondRegion) {
  scope: secondGroup
  params: {
    location: secondLocation
    tags: tags
    names: secondNames
    dataNames: names
    features: features
    sizes: sizes
    network: secondNetwork
    gateway: gateway
    contacts: contacts
    settings: settings
    optionalSecrets: optionalSecrets
    data: data
    dataIds: dataIds
    encryption: keyVault.outputs.?encryption
  }
  // Front Door has its first origin from there; and Cosmos DB takes one change of its roles at a time.
  dependsOn: [compute]
}

// When the first region is back, its app reads and writes where the second one did meanwhile.
module reserveEndpoint 'modules/private-endpoint.bicep' = if (features.secondRegion) {
  scope: group
  params: {
    name: 'pe-${names.network}-reserve'
    location: location
    tags: tags
    serviceId: secondRegion!.outputs.reserveId
    groupId: 'blob'
    link: ground.outputs.link
    zones: ['privatelink.blob.${az.environment().suffixes.storage}']
  }
}

module usesReserve 'modules/blob-access.bicep' = if (features.secondRegion) {
  scope: secondGroup
  params: {
    accountName: secondNames.dataStorage
    appIdentityName: names.appIdentity
    appPrincipalId: compute.outputs.principalId
  }
  dependsOn: [secondRegion]
}

var resourceGroups = features.secondRegion ? [group.name, secondGroup.name] : [group.name]

module operations 'modules/operations.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    environment: environment
    names: names
    contacts: contacts
    runbooksUrl: runbooksUrl
    isReachable: features.entrance != 'private'
    hostName: compute.outputs.hostName
    workspaceId: ground.outputs.workspaceId
    applicationInsightsId: ground.outputs.applicationInsightsId
    parts: [...objectKeys(dataIds), ...partsOfEntrance[features.entrance]]
    resources: { ...dataIds, ...compute.outputs.entranceIds }
    dataPrincipalIds: features.secondRegion
      ? [compute.outputs.principalId, secondRegion!.outputs.principalId]
      : [compute.outputs.principalId]
    resourceGroups: resourceGroups
  }
}

module budget 'modules/budget.bicep' = {
  params: {
    name: names.budget
    amount: sizes.monthlyBudget
    resourceGroups: resourceGroups
    contactEmails: contacts.onCall
    actionGroupId: operations.outputs.actionGroupId
    startDate: budgetStart
  }
}

module secondAlerts 'modules/log-alerts.bicep' = if (features.secondRegion) {
  scope: secondGroup
  params: {
    location: secondLocation
    tags: tags
    environment: environment
    runbooksUrl: runbooksUrl
    workspaceId: secondRegion!.outputs.workspaceId
    actionGroupId: operations.outputs.actionGroupId
    privacyGroupId: operations.outputs.privacyGroupId
    isOfDataServices: false
    dataPrincipalIds: []
  }
}

module secondGatewayAlerts 'modules/metric-alerts.bicep' = if (features.secondRegion && features.entrance != 'direct') {
  scope: secondGroup
  params: {
    tags: tags
    environment: environment
    runbooksUrl: runbooksUrl
    actionGroupId: operations.outputs.actionGroupId
    parts: ['apiManagement']
    resources: secondRegion!.outputs.entranceIds
  }
}

module activityLog 'modules/activity-log.bicep' = {
  params: { environment: environment, workspaceId: ground.outputs.workspaceId }
}

module policies 'modules/policies.bicep' = if (features.policies) {
  scope: group
  params: { location: location, allowedRegions: [location, secondLocation] }
}

module secondPolicies 'modules/policies.bicep' = if (features.policies && features.secondRegion) {
  scope: secondGroup
  params: { location: secondLocation, allowedRegions: [location, secondLocation] }
}

module defender 'modules/defender.bicep' = if (features.defender) {
  params: { contactEmails: contacts.onCall }
}

@description('Resource group of the exchange.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Function app of the first region.')
output AZURE_FUNCTION_APP_NAME string = compute.outputs.app.name

@description('Function apps of all regions: each takes the package.')
output HDE_APPS appType[] = features.secondRegion
  ? [compute.outputs.app, secondRegion!.outputs.app]
  : [compute.outputs.app]

@description('Vault, for infra/secret.bicep.')
output AZURE_KEY_VAULT_NAME string = names.keyVault

@description('Where clients find the exchange.')
output HDE_URL string = 'https://${compute.outputs.hostName}'
