// The exchange once more, in the region that takes over: with a network, logs and a way in of its own, over the same
// data. It works all the time, so that nobody finds out on the day that it does not: messages of one source patient
// are in one session, whoever takes it, and what is done twice has no effect. docs/operations says what is switched.

import {
  appType
  contactsType
  dataType
  encryptionType
  featuresType
  gatewayType
  networkType
  sizesType
  tagsType
} from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Names of the resources.')
param names namesType

@description('Names of the accounts that hold the data.')
param dataNames namesType

@description('Parts that are there or not.')
param features featuresType

@description('How much of everything.')
param sizes sizesType

@description('Where the network of this region is.')
param network networkType

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

@description('Resource ids of the accounts that hold the data.')
param dataIds { keyVault: string, dataStorage: string, serviceBus: string, cosmos: string }

@description('Key of the trust; null for one of Microsoft.')
param encryption encryptionType?

module ground 'ground.bicep' = {
  params: {
    location: location
    tags: tags
    names: names
    features: features
    sizes: sizes
    network: network
    // UK West has none.
    zoneRedundant: false
  }
}

module vaultEndpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${names.network}-vault'
    location: location
    tags: tags
    serviceId: dataIds.keyVault
    groupId: 'vault'
    link: ground.outputs.link
    zones: ['privatelink.vaultcore.azure.net']
  }
}

module storageEndpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${names.network}-blob'
    location: location
    tags: tags
    serviceId: dataIds.dataStorage
    groupId: 'blob'
    link: ground.outputs.link
    zones: ['privatelink.blob.${az.environment().suffixes.storage}']
  }
}

// The copy of the archive in this region: it can be read, also when the first region is lost.
module storageCopyEndpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${names.network}-blob-copy'
    location: location
    tags: tags
    serviceId: dataIds.dataStorage
    groupId: 'blob_secondary'
    link: ground.outputs.link
    zones: ['privatelink.blob.${az.environment().suffixes.storage}']
  }
}

// Azure fails no account over that has an immutability policy, and the archive has one. What is accepted when the first
// region is lost goes here (docs/operations/failover.md); until then it is empty.
module reserve 'storage-data.bicep' = {
  params: {
    location: location
    tags: tags
    name: names.dataStorage
    zoneRedundant: false
    secondRegion: false
    immutableDays: sizes.immutableDays
    encryption: encryption
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    locked: features.locks
  }
}

module usesReserve 'blob-access.bicep' = {
  params: {
    accountName: names.dataStorage
    appIdentityName: names.appIdentity
    appPrincipalId: compute.outputs.principalId
  }
  dependsOn: [reserve]
}

module serviceBusEndpoint 'private-endpoint.bicep' = if (sizes.serviceBusTier == 'Premium') {
  params: {
    name: 'pe-${names.network}-namespace'
    location: location
    tags: tags
    serviceId: dataIds.serviceBus
    groupId: 'namespace'
    link: ground.outputs.link
    zones: ['privatelink.servicebus.windows.net']
  }
}

module cosmosEndpoint 'private-endpoint.bicep' = {
  params: {
    // By its account: an endpoint is never led to another one.
    name: 'pe-${names.network}-${dataNames.cosmos}'
    location: location
    tags: tags
    serviceId: dataIds.cosmos
    groupId: 'Sql'
    link: ground.outputs.link
    zones: ['privatelink.documents.azure.com']
  }
}

module compute 'compute.bicep' = {
  params: {
    location: location
    tags: tags
    names: names
    dataNames: dataNames
    features: features
    sizes: sizes
    zoneRedundant: false
    hasFrontDoor: false
    gateway: gateway
    contacts: contacts
    settings: settings
    optionalSecrets: optionalSecrets
    data: data
    encryption: encryption
    subnets: ground.outputs.subnets
    link: ground.outputs.link
    workspaceId: ground.outputs.workspaceId
    telemetryConnectionString: ground.outputs.connectionString
  }
  dependsOn: [vaultEndpoint, storageEndpoint, serviceBusEndpoint, cosmosEndpoint]
}

module frontDoorOrigin 'front-door-origin.bicep' = if (features.entrance == 'internet') {
  scope: resourceGroup(dataNames.resourceGroup)
  params: {
    frontDoorName: dataNames.frontDoor
    name: 'gateway-${location}'
    hostName: compute.outputs.hostName
    gatewayId: resourceId('Microsoft.ApiManagement/service', names.apiManagement)
    gatewayLocation: location
    priority: 2
  }
}

@description('The function app of this region.')
output app appType = compute.outputs.app

@description('Principal of the app of this region.')
output principalId string = compute.outputs.principalId

@description('Workspace that gets the logs of this region.')
output workspaceId string = ground.outputs.workspaceId

@description('Resource ids of what clients come in through in this region.')
output entranceIds { *: string } = compute.outputs.entranceIds

@description('Resource id of the account that takes messages when the first region is lost.')
output reserveId string = reserve.outputs.id
