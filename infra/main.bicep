// The whole exchange in one subscription: a resource group and everything in it. docs/operations/deploy.md walks
// through it; infra/README.md draws it. What a deployment is made of follows from `features` and `sizes`.

targetScope = 'subscription'

import {
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

@secure()
@description('Secret of the keyed hashes of identifiers. Left out: made by chance at the first deployment, when nobody sees it. Given: one that was in use elsewhere, so that people keep their patient keys. Later deployments do not write it.')
@minLength(32)
param identitySecret string = '${newGuid()}${newGuid()}'

var names = namesOf(environment, location, uniqueString(subscription().id, environment, location))
var hasGateway = features.entrance != 'direct'
var isPremiumBus = sizes.serviceBusTier == 'Premium'
var certificateHeader = 'x-hde-client-certificate'

// Tokens of the tenant that the subscription is in, if the parameters do not name another issuer.
var loginUrl = '${az.environment().authentication.loginEndpoint}${tenant().tenantId}'
var entraSettings = {
  HDE_TOKEN_ISSUER: '${loginUrl}/v2.0'
  HDE_TOKEN_JWKS_URI: '${loginUrl}/discovery/v2.0/keys'
}
var storageSuffix = az.environment().suffixes.storage

// Zones by what is there: each costs something, and a hub has to have every one.
var telemetryZones = features.privateTelemetry
  ? [
      'privatelink.monitor.azure.com'
      'privatelink.oms.opinsights.azure.com'
      'privatelink.ods.opinsights.azure.com'
      'privatelink.agentsvc.azure-automation.net'
    ]
  : []
var dnsZones = [
  'privatelink.blob.${storageSuffix}'
  'privatelink.queue.${storageSuffix}'
  'privatelink.table.${storageSuffix}'
  'privatelink.documents.azure.com'
  'privatelink.vaultcore.azure.net'
  ...(isPremiumBus ? ['privatelink.servicebus.windows.net'] : [])
  ...(hasGateway ? ['privatelink.azurewebsites.net', 'privatelink.azure-api.net'] : [])
  ...telemetryZones
]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: { ...tags, 'azd-env-name': environment }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: names.workspace
    applicationInsightsName: names.applicationInsights
    logDays: sizes.logDays
    dailyLogGigabytes: sizes.dailyLogGigabytes
    privateTelemetry: features.privateTelemetry
  }
}

module virtualNetwork 'modules/network.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.network
    securityGroupName: names.securityGroup
    natGatewayName: names.natGateway
    publicAddressName: names.publicAddress
    addressPrefix: network.addressPrefix
    operatorRanges: network.operatorRanges
    fixedEgressAddress: features.fixedEgressAddress
    zoneRedundant: features.zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dns 'modules/dns.bicep' = if (network.?hubZoneIds == null) {
  scope: group
  params: { tags: tags, zones: dnsZones, networkId: virtualNetwork.outputs.networkId }
}

// Not `??`: it would ask for the outputs of zones that were not made.
var zoneIds = network.?hubZoneIds == null ? dns!.outputs.zoneIds : (network.?hubZoneIds ?? {})
var privateLink = { subnetId: virtualNetwork.outputs.endpointsSubnetId, zoneIds: zoneIds }

module identity 'modules/identity.bicep' = {
  scope: group
  params: { location: location, tags: tags, appName: names.appIdentity, keysName: names.keysIdentity }
}

module keyVault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.keyVault
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
    customerManagedKeys: features.customerManagedKeys
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.appPrincipalId
    keysIdentityName: names.keysIdentity
    keysIdentityId: identity.outputs.keysId
    keysIdentityPrincipalId: identity.outputs.keysPrincipalId
    identitySecret: identitySecret
    recovered: recoverKeyVault
    locked: features.locks
  }
}

module runtimeStorage 'modules/storage-runtime.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.runtimeStorage
    zoneRedundant: features.zoneRedundant
    encryption: keyVault.outputs.?encryption
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
    locked: features.locks
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.appPrincipalId
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
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
    locked: features.locks
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.appPrincipalId
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
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
    locked: features.locks
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.appPrincipalId
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
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
    locked: features.locks
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.appPrincipalId
  }
}

module appSettings 'modules/app-settings.bicep' = {
  scope: group
  params: {
    clientId: identity.outputs.appClientId
    vaultUri: keyVault.outputs.uri
    values: { ...entraSettings, ...settings }
    optionalSecrets: optionalSecrets
    connections: {
      HDE_COSMOS: { accountEndpoint: cosmos.outputs.endpoint }
      HDE_SERVICEBUS: { fullyQualifiedNamespace: serviceBus.outputs.fullyQualifiedNamespace }
      HDE_STORAGE: { blobServiceUri: dataStorage.outputs.blobEndpoint }
    }
    platform: {
      AzureWebJobsStorage__blobServiceUri: runtimeStorage.outputs.endpoints.blob
      AzureWebJobsStorage__queueServiceUri: runtimeStorage.outputs.endpoints.queue
      AzureWebJobsStorage__tableServiceUri: runtimeStorage.outputs.endpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.outputs.appClientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.appClientId};Authorization=AAD'
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true'
      // Only where a gateway takes it out of what clients send: else anybody could claim a certificate.
      ...(hasGateway ? { HDE_CLIENT_CERTIFICATE_HEADER: certificateHeader } : {})
    }
  }
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.functionApp
    planName: names.plan
    zoneRedundant: features.zoneRedundant
    maximumInstances: sizes.maximumInstances
    instanceMemoryMB: sizes.instanceMemoryMB
    alwaysReady: sizes.alwaysReady
    isPublic: !hasGateway
    identityId: identity.outputs.appId
    identityName: names.appIdentity
    principalId: identity.outputs.appPrincipalId
    subnetId: virtualNetwork.outputs.functionsSubnetId
    packagesUri: runtimeStorage.outputs.packagesUri
    settings: appSettings.outputs.settings
    applicationInsightsName: names.applicationInsights
    workspaceId: monitoring.outputs.workspaceId
  }
}

module entrance 'modules/entrance.bicep' = if (hasGateway) {
  scope: group
  params: {
    location: location
    tags: tags
    names: names
    isOnInternet: features.entrance == 'internet'
    zoneRedundant: features.zoneRedundant
    units: sizes.apiManagementUnits
    contacts: contacts
    gateway: gateway
    openIdConfigurations: ['${loginUrl}/v2.0/.well-known/openid-configuration', ...gateway.openIdConfigurations]
    audiences: [settings.HDE_TOKEN_AUDIENCE]
    publicUrl: settings.?HDE_PUBLIC_URL ?? ''
    certificateHeader: certificateHeader
    appId: functionApp.outputs.id
    appHostName: functionApp.outputs.hostName
    outgoingSubnetId: virtualNetwork.outputs.gatewaySubnetId
    entranceSubnetId: virtualNetwork.outputs.entranceSubnetId
    link: privateLink
    workspaceId: monitoring.outputs.workspaceId
  }
}

module telemetryLink 'modules/telemetry-link.bicep' = if (features.privateTelemetry) {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.telemetryScope
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    link: privateLink
    zones: [...telemetryZones, 'privatelink.blob.${storageSuffix}']
  }
}

var hostName = hasGateway ? entrance!.outputs.hostName : functionApp.outputs.hostName

module operations 'modules/operations.bicep' = {
  scope: group
  params: {
    location: location
    secondLocation: secondLocation
    tags: tags
    environment: environment
    names: names
    contacts: contacts
    runbooksUrl: runbooksUrl
    monthlyBudget: sizes.monthlyBudget
    budgetStart: budgetStart
    hasPolicies: features.policies
    isReachable: features.entrance != 'private'
    hostName: hostName
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    resources: {
      serviceBus: serviceBus.outputs.id
      cosmos: cosmos.outputs.id
      dataStorage: dataStorage.outputs.id
      keyVault: keyVault.outputs.id
    }
    dataPrincipalIds: [identity.outputs.appPrincipalId]
  }
}

module defender 'modules/defender.bicep' = if (features.defender) {
  params: { contactEmails: contacts.onCall }
}

@description('Resource group of the exchange.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Function app, for deployments of the app.')
output AZURE_FUNCTION_APP_NAME string = functionApp.outputs.name

@description('Vault, for infra/secret.bicep.')
output AZURE_KEY_VAULT_NAME string = names.keyVault

@description('Where clients find the exchange.')
output HDE_URL string = 'https://${hostName}'
