// What the app may do with data: every right it has, in one place. Nothing on whole accounts where a queue, a topic or
// a container will do; no right to keys, to settings of accounts, or to delete anything of the audit trail.

import { cosmosTopology, serviceBusTopology } from 'topology-types.bicep'
import { roleIds } from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Names of the accounts.')
param names namesType

@description('Name of the identity of the app. Names of role assignments follow from it, so that what-if can tell them.')
param appIdentityName string

@description('Principal of the app.')
param appPrincipalId string

var busTopology serviceBusTopology = loadJsonContent('../topology/service-bus.json')
var documentTopology cosmosTopology = loadJsonContent('../topology/cosmos.json')

// The audit trail is only added to: ends of chains are replaced, blocks created, nothing deleted.
var appendOnly = ['audit']

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: names.keyVault
}

resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appIdentityName, roleIds.keyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsUser)
  }
}

module usesBlobs 'blob-access.bicep' = {
  params: { accountName: names.dataStorage, appIdentityName: appIdentityName, appPrincipalId: appPrincipalId }
}

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: names.serviceBus
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = [
  for queue in busTopology.queues: {
    parent: namespace
    name: queue.name
  }
]

resource topics 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = [
  for topic in busTopology.topics: {
    parent: namespace
    name: topic.name
  }
]

// Owner of the queue's data, nothing more: the scale controller counts what waits, which a receiver may not.
resource worksOnQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (queue, index) in busTopology.queues: {
    scope: queues[index]
    name: guid(namespace.id, queue.name, appIdentityName, roleIds.serviceBusDataOwner)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.serviceBusDataOwner)
    }
  }
]

resource publishesToTopics 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (topic, index) in busTopology.topics: {
    scope: topics[index]
    name: guid(namespace.id, topic.name, appIdentityName, roleIds.serviceBusDataSender)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.serviceBusDataSender)
    }
  }
]

resource documents 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' existing = {
  name: names.cosmos
}

var dataActions = 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers'
var appendActions = [
  '${dataActions}/executeQuery'
  '${dataActions}/readChangeFeed'
  '${dataActions}/items/read'
  '${dataActions}/items/create'
  '${dataActions}/items/replace'
]

// Roles of the data plane: those of Azure Resource Manager give no access to documents.
resource metadataReader 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' = {
  parent: documents
  name: guid(documents.id, 'metadata-reader')
  properties: {
    roleName: 'Exchange: where containers are'
    type: 'CustomRole'
    assignableScopes: [documents.id]
    permissions: [{ dataActions: ['Microsoft.DocumentDB/databaseAccounts/readMetadata'] }]
  }
}

resource appender 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' = {
  parent: documents
  name: guid(documents.id, 'appender')
  properties: {
    roleName: 'Exchange: reads and adds, deletes nothing'
    type: 'CustomRole'
    assignableScopes: [documents.id]
    permissions: [{ dataActions: appendActions }]
  }
}

resource writer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' = {
  parent: documents
  name: guid(documents.id, 'writer')
  properties: {
    roleName: 'Exchange: reads and writes'
    type: 'CustomRole'
    assignableScopes: [documents.id]
    permissions: [
      { dataActions: concat(appendActions, ['${dataActions}/items/upsert', '${dataActions}/items/delete']) }
    ]
  }
}

resource findsContainers 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: documents
  name: guid(documents.id, appIdentityName, 'metadata-reader')
  properties: { principalId: appPrincipalId, roleDefinitionId: metadataReader.id, scope: documents.id }
}

// One after the other: the account takes one change of its roles at a time.
@batchSize(1)
resource usesContainers 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = [
  for container in documentTopology.containers: {
    parent: documents
    name: guid(documents.id, appIdentityName, container.name)
    properties: {
      principalId: appPrincipalId
      roleDefinitionId: contains(appendOnly, container.name) ? appender.id : writer.id
      scope: '${documents.id}/dbs/${documentTopology.database}/colls/${container.name}'
    }
    dependsOn: [findsContainers]
  }
]

@description('Resource ids of the assignments in Cosmos DB: whoever waits for them has all its rights.')
output documentRightIds string[] = [for (container, index) in documentTopology.containers: usesContainers[index].id]
