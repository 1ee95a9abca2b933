// The database, and its containers as infra/topology/cosmos.json names them.

import { cosmosTopology } from 'topology-types.bicep'

@description('Name of the account.')
param accountName string

@description('Without throughput of its own.')
param isServerless bool

@description('Most request units a second of containers named here, and `shared` of all others together.')
param maxThroughput { shared: int, *: int }

var topology cosmosTopology = loadJsonContent('../topology/cosmos.json')

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

@description('Names of the containers.')
output containerNames string[] = [for container in topology.containers: container.name]
