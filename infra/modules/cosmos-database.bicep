// The database, its containers as infra/topology/cosmos.json names them, and who may do what in each.

import { cosmosTopology } from 'topology-types.bicep'

@description('Name of the account.')
param accountName string

@description('Without throughput of its own.')
param isServerless bool

@description('Most request units a second of containers named here, and `shared` of all others together.')
param maxThroughput { shared: int, *: int }

@description('Name of the identity of the function app. Names of role assignments follow from it, so that what-if can tell them.')
param appIdentityName string

@description('Principal of the function app.')
param appPrincipalId string

var topology cosmosTopology = loadJsonContent('../topology/cosmos.json')

// The audit trail is only added to: ends of chains are replaced, blocks created, nothing deleted.
var appendOnly = ['audit']

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' existing = {
  name: accountName
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: topology.database
  properties: {
    resource: { id: topology.database }
    options: isServerless ? {} : { autoscaleSettings: { maxThroughput: maxThroughput.shared } }
  }
}

resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in topology.containers: {
    parent: database
    name: container.name
    properties: {
      resource: {
        id: container.name
        partitionKey: { kind: 'Hash', version: 2, paths: [container.partitionKey] }
        defaultTtl: container.defaultTtlSeconds
        indexingPolicy: {
          indexingMode: 'consistent'
          automatic: true
          includedPaths: map(container.includedPaths, path => { path: path })
          excludedPaths: map(container.excludedPaths, path => { path: path })
          compositeIndexes: container.compositeIndexes
        }
      }
      options: isServerless || !contains(maxThroughput, container.name)
        ? {}
        : { autoscaleSettings: { maxThroughput: maxThroughput[container.name] } }
    }
  }
]

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
  parent: account
  name: guid(account.id, 'metadata-reader')
  properties: {
    roleName: 'Exchange: where containers are'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [{ dataActions: ['Microsoft.DocumentDB/databaseAccounts/readMetadata'] }]
  }
}

resource appender 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' = {
  parent: account
  name: guid(account.id, 'appender')
  properties: {
    roleName: 'Exchange: reads and adds, deletes nothing'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [{ dataActions: appendActions }]
  }
}

resource writer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' = {
  parent: account
  name: guid(account.id, 'writer')
  properties: {
    roleName: 'Exchange: reads and writes'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [
      { dataActions: concat(appendActions, ['${dataActions}/items/upsert', '${dataActions}/items/delete']) }
    ]
  }
}

resource appFinds 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, appIdentityName, 'metadata-reader')
  properties: { principalId: appPrincipalId, roleDefinitionId: metadataReader.id, scope: account.id }
}

// One after the other: the account takes one change of its roles at a time.
@batchSize(1)
resource appUses 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = [
  for container in topology.containers: {
    parent: account
    name: guid(account.id, appIdentityName, container.name)
    properties: {
      principalId: appPrincipalId
      roleDefinitionId: contains(appendOnly, container.name) ? appender.id : writer.id
      scope: '${account.id}/dbs/${topology.database}/colls/${container.name}'
    }
    dependsOn: [containers, appFinds]
  }
]

@description('Names of the containers.')
output containerNames string[] = [for container in topology.containers: container.name]
