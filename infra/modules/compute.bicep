// The exchange in a region: who it is, what it may do, its settings, the app, and the way in.

import {
  appType
  contactsType
  dataType
  encryptionType
  featuresType
  gatewayType
  privateLinkType
  sizesType
  subnetsType
  tagsType
} from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Names of the resources.')
param names namesType

@description('Names of the accounts that hold the data; in the same region or not.')
param dataNames namesType

@description('Parts that are there or not.')
param features featuresType

@description('How much of everything.')
param sizes sizesType

@description('The region has zones to spread over.')
param zoneRedundant bool

@description('Clients on the internet have a way in of this region.')
param hasFrontDoor bool

@description('What the gateway demands.')
param gateway gatewayType

@description('Who is told.')
param contacts contactsType

@description('Values of the settings of the app, by name.')
param settings { *: string }

@description('Names of optional settings whose secret is in the vault.')
param optionalSecrets string[]

@description('Where the data is.')
param data dataType

@description('Key of the trust; null for one of Microsoft.')
param encryption encryptionType?

@description('Resource ids of the subnets.')
param subnets subnetsType

@description('What private endpoints need.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('Where telemetry goes.')
param telemetryConnectionString string

var hasGateway = features.entrance != 'direct'
var certificateHeader = 'x-hde-client-certificate'

// Tokens of the tenant that the subscription is in, if the settings do not name another issuer.
var loginUrl = '${az.environment().authentication.loginEndpoint}${tenant().tenantId}'
var entraSettings = {
  HDE_TOKEN_ISSUER: '${loginUrl}/v2.0'
  HDE_TOKEN_JWKS_URI: '${loginUrl}/discovery/v2.0/keys'
}

module identity 'identity.bicep' = {
  params: { location: location, tags: tags, name: names.appIdentity }
}

module dataAccess 'data-access.bicep' = {
  scope: resourceGroup(dataNames.resourceGroup)
  params: {
    names: dataNames
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.principalId
  }
}

module runtimeStorage 'storage-runtime.bicep' = {
  params: {
    location: location
    tags: tags
    name: names.runtimeStorage
    zoneRedundant: zoneRedundant
    encryption: encryption
    link: link
    workspaceId: workspaceId
    locked: features.locks
    appIdentityName: names.appIdentity
    appPrincipalId: identity.outputs.principalId
  }
}

module appSettings 'app-settings.bicep' = {
  params: {
    clientId: identity.outputs.clientId
    vaultUri: data.vaultUri
    values: { ...entraSettings, ...settings }
    optionalSecrets: optionalSecrets
    connections: {
      HDE_COSMOS: { accountEndpoint: data.cosmosEndpoint }
      HDE_SERVICEBUS: { fullyQualifiedNamespace: data.serviceBusHostName }
      HDE_STORAGE: { blobServiceUri: data.blobEndpoint }
    }
    platform: {
      AzureWebJobsStorage__blobServiceUri: runtimeStorage.outputs.endpoints.blob
      AzureWebJobsStorage__queueServiceUri: runtimeStorage.outputs.endpoints.queue
      AzureWebJobsStorage__tableServiceUri: runtimeStorage.outputs.endpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.outputs.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
      // Only where a gateway takes it out of what clients send: else anybody could claim a certificate.
      ...(hasGateway ? { HDE_CLIENT_CERTIFICATE_HEADER: certificateHeader } : {})
    }
  }
}

module functionApp 'function-app.bicep' = {
  params: {
    location: location
    tags: tags
    name: names.functionApp
    planName: names.plan
    zoneRedundant: zoneRedundant
    maximumInstances: sizes.maximumInstances
    instanceMemoryMB: sizes.instanceMemoryMB
    alwaysReady: sizes.alwaysReady
    isPublic: !hasGateway
    identityId: identity.outputs.id
    identityName: names.appIdentity
    principalId: identity.outputs.principalId
    subnetId: subnets.functionsId
    packagesUri: runtimeStorage.outputs.packagesUri
    settings: appSettings.outputs.settings
    applicationInsightsName: names.applicationInsights
    workspaceId: workspaceId
  }
  dependsOn: [dataAccess]
}

module entrance 'entrance.bicep' = if (hasGateway) {
  params: {
    location: location
    tags: tags
    names: names
    isOnInternet: hasFrontDoor
    zoneRedundant: zoneRedundant
    units: sizes.apiManagementUnits
    contacts: contacts
    gateway: gateway
    openIdConfigurations: ['${loginUrl}/v2.0/.well-known/openid-configuration', ...gateway.openIdConfigurations]
    audiences: [settings.HDE_TOKEN_AUDIENCE]
    publicUrl: settings.?HDE_PUBLIC_URL ?? ''
    certificateHeader: certificateHeader
    appId: functionApp.outputs.id
    appHostName: functionApp.outputs.hostName
    outgoingSubnetId: subnets.gatewayId
    entranceSubnetId: subnets.entranceId
    link: link
    workspaceId: workspaceId
  }
}

@description('The function app, for deployments of the package.')
output app appType = {
  resourceGroup: resourceGroup().name
  name: functionApp.outputs.name
  hostName: functionApp.outputs.hostName
}

@description('Principal of the app.')
output principalId string = identity.outputs.principalId

@description('Host name that clients use.')
output hostName string = hasGateway ? entrance!.outputs.hostName : functionApp.outputs.hostName

@description('Resource ids of what clients come in through; nothing where the app is reached directly.')
output entranceIds { *: string } = hasGateway ? entrance!.outputs.ids : {}
