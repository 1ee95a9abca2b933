// What the app may do with the blobs of an account: read and write in the containers of infra/topology/storage.json.

import { storageTopology } from 'topology-types.bicep'
import { roleIds } from 'types.bicep'

@description('Name of the account.')
param accountName string

@description('Name of the identity of the app. Names of role assignments follow from it, so that what-if can tell them.')
param appIdentityName string

@description('Principal of the app.')
param appPrincipalId string

var blobTopology storageTopology = loadJsonContent('../topology/storage.json')

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' existing = {
  parent: account
  name: 'default'
}

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' existing = [
  for container in blobTopology.containers: {
    parent: blobs
    name: container.name
  }
]

resource usesBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (container, index) in blobTopology.containers: {
    scope: blobContainers[index]
    name: guid(account.id, container.name, appIdentityName, roleIds.storageBlobDataContributor)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roleIds.storageBlobDataContributor
      )
    }
  }
]
