// What everything in a region stands on: logs, the network, and the private names of services.

import { featuresType, networkType, privateLinkType, sizesType, subnetsType, tagsType } from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Names of the resources.')
param names namesType

@description('Parts that are there or not.')
param features featuresType

@description('How much of everything.')
param sizes sizesType

@description('Where the network is.')
param network networkType

@description('The region has zones to spread over.')
param zoneRedundant bool

var hasGateway = features.entrance != 'direct'
var storageSuffix = az.environment().suffixes.storage

var telemetryZones = [
  'privatelink.monitor.azure.com'
  'privatelink.oms.opinsights.azure.com'
  'privatelink.ods.opinsights.azure.com'
  'privatelink.agentsvc.azure-automation.net'
]

// Only what there are endpoints for: a hub has to have every one.
var dnsZones = [
  'privatelink.blob.${storageSuffix}'
  'privatelink.queue.${storageSuffix}'
  'privatelink.table.${storageSuffix}'
  'privatelink.documents.azure.com'
  'privatelink.vaultcore.azure.net'
  ...(sizes.serviceBusTier == 'Premium' ? ['privatelink.servicebus.windows.net'] : [])
  ...(hasGateway ? ['privatelink.azurewebsites.net', 'privatelink.azure-api.net'] : [])
  ...(features.privateTelemetry ? telemetryZones : [])
]

module monitoring 'monitoring.bicep' = {
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

module virtualNetwork 'network.bicep' = {
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
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dns 'dns.bicep' = if (network.?hubZoneIds == null) {
  params: { tags: tags, zones: dnsZones, networkId: virtualNetwork.outputs.networkId }
}

// Not `??`: it would ask for the outputs of zones that were not made.
var zoneIds = network.?hubZoneIds == null ? dns!.outputs.zoneIds : (network.?hubZoneIds ?? {})
var privateLink = { subnetId: virtualNetwork.outputs.subnets.endpointsId, zoneIds: zoneIds }

module telemetryLink 'telemetry-link.bicep' = if (features.privateTelemetry) {
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

@description('What private endpoints need.')
output link privateLinkType = privateLink

@description('Resource ids of the subnets.')
output subnets subnetsType = virtualNetwork.outputs.subnets

@description('Resource id of the workspace.')
output workspaceId string = monitoring.outputs.workspaceId

@description('Resource id of Application Insights.')
output applicationInsightsId string = monitoring.outputs.applicationInsightsId

@description('Where telemetry goes.')
output connectionString string = monitoring.outputs.connectionString
