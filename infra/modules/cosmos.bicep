// The account of the record store: by identity only, over private links only, backed up continuously.

import { encryptionType, privateLinkType, tagsType } from 'types.bicep'

@description('Region that is written to.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the account.')
param name string

@description('Paid by request, or by throughput that scales.')
param capacity 'serverless' | 'autoscale'

@description('Most request units a second of containers named here, and `shared` of all others together; with autoscale only.')
param maxThroughput { shared: int, *: int }

@description('Copies over the zones of the region.')
param zoneRedundant bool

@description('Region that takes over; null for none.')
param secondLocation string?

@description('Key of the trust; null for one of Microsoft.')
param encryption encryptionType?

@description('Subnet and zones.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('The account cannot be deleted.')
param locked bool

var isServerless = capacity == 'serverless'
var locations = concat(
  [{ locationName: location, failoverPriority: 0, isZoneRedundant: zoneRedundant }],
  // The second region has no zones.
  secondLocation == null ? [] : [{ locationName: secondLocation!, failoverPriority: 1, isZoneRedundant: false }]
)

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  identity: encryption == null
    ? { type: 'None' }
    : { type: 'UserAssigned', userAssignedIdentities: { '${encryption!.identityId}': {} } }
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: locations
    capabilities: isServerless ? [{ name: 'EnableServerless' }] : []
    enableAutomaticFailover: secondLocation != null
    // Writes are decided by tags in one region: two writers would have to be reconciled afterwards.
    enableMultipleWriteLocations: false
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Disabled'
    networkAclBypass: 'None'
    ipRules: []
    isVirtualNetworkFilterEnabled: false
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous30Days' } }
    enableBurstCapacity: !isServerless
    keyVaultKeyUri: encryption.?keyUri
    defaultIdentity: encryption == null ? 'FirstPartyIdentity' : 'UserAssignedIdentity=${encryption!.identityId}'
  }
}

module database 'cosmos-database.bicep' = {
  params: {
    accountName: account.name
    isServerless: isServerless
    maxThroughput: maxThroughput
  }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    serviceId: account.id
    groupId: 'Sql'
    link: link
    zones: ['privatelink.documents.azure.com']
  }
}

// Not every category: those of the data plane's full text hold queries with their values.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      { category: 'ControlPlaneRequests', enabled: true }
      { category: 'DataPlaneRequests', enabled: true }
      { category: 'PartitionKeyStatistics', enabled: true }
    ]
    metrics: [{ category: 'Requests', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: account
  name: 'do-not-delete'
  properties: { level: 'CanNotDelete', notes: 'Holds the records.' }
}

@description('Address of the account.')
output endpoint string = account.properties.documentEndpoint

@description('Resource id of the account.')
output id string = account.id
