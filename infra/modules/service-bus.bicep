// The queue of accepted messages and the topic of events, as infra/topology/service-bus.json names them.

import { encryptionType, privateLinkType, tagsType } from 'types.bicep'

@description('Region of the namespace.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the namespace.')
param name string

@description('Tier. Only Premium has private endpoints, zones and a second region.')
param tier 'Standard' | 'Premium'

@description('Messaging units; Premium only.')
param units int

@description('Region of a second copy of entities and messages; null for none.')
param secondLocation string?

@description('Key of the trust; null for one of Microsoft. Premium only.')
param encryption encryptionType?

@description('Subnet and zones.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('Topics take nothing for now.')
param topicsClosed bool

@description('The namespace cannot be deleted.')
param locked bool

var isPremium = tier == 'Premium'

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: tier, tier: tier, capacity: isPremium ? units : null }
  identity: encryption == null
    ? { type: 'None' }
    : { type: 'UserAssigned', userAssignedIdentities: { '${encryption!.identityId}': {} } }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPremium ? 'Disabled' : 'Enabled'
    premiumMessagingPartitions: isPremium ? 1 : null
    geoDataReplication: secondLocation == null || !isPremium
      ? null
      : {
          // The primary waits for the copy: an accepted message is in both regions.
          maxReplicationLagDurationInSeconds: 0
          locations: [
            { locationName: location, roleType: 'Primary' }
            { locationName: secondLocation!, roleType: 'Secondary' }
          ]
        }
    encryption: encryption == null || !isPremium
      ? null
      : {
          keySource: 'Microsoft.KeyVault'
          requireInfrastructureEncryption: true
          keyVaultProperties: [
            {
              keyName: encryption!.keyName
              keyVaultUri: encryption!.vaultUri
              identity: { userAssignedIdentity: encryption!.identityId }
            }
          ]
        }
  }
}

resource networkRules 'Microsoft.ServiceBus/namespaces/networkRuleSets@2026-01-01' = if (isPremium) {
  parent: namespace
  name: 'default'
  properties: {
    publicNetworkAccess: 'Disabled'
    defaultAction: 'Deny'
    trustedServiceAccessEnabled: false
  }
}

module entities 'service-bus-entities.bicep' = {
  params: { namespaceName: namespace.name, topicsClosed: topicsClosed }
}

module endpoint 'private-endpoint.bicep' = if (isPremium) {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    serviceId: namespace.id
    groupId: 'namespace'
    link: link
    zones: ['privatelink.servicebus.windows.net']
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: namespace
  name: 'do-not-delete'
  properties: { level: 'CanNotDelete', notes: 'Holds messages that were accepted.' }
}

@description('Host name of the namespace, as clients connect to it.')
output fullyQualifiedNamespace string = replace(
  replace(namespace.properties.serviceBusEndpoint, 'https://', ''),
  ':443/',
  ''
)

@description('Resource id of the namespace.')
output id string = namespace.id
