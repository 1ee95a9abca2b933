// What the Functions host keeps for itself: locks of timers, diagnostic events, and the package of the app.
// Apart from the data: whoever may change the app's package has no business with raw messages.

import { encryptionType, privateLinkType, roleIds, tagsType } from 'types.bicep'

@description('Region of the account.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the account.')
param name string

@description('Copies over zones.')
param zoneRedundant bool

@description('Key of the trust; null for one of Microsoft.')
param encryption encryptionType?

@description('Subnet and zones.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('The account cannot be deleted.')
param locked bool

@description('Name of the identity of the function app. Names of role assignments follow from it, so that what-if can tell them.')
param appIdentityName string

@description('Principal of the function app.')
param appPrincipalId string

module account 'storage-account.bicep' = {
  params: {
    location: location
    tags: tags
    name: name
    sku: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
    softDeleteDays: 30
    services: ['blob', 'queue', 'table']
    encryption: encryption
    link: link
    workspaceId: workspaceId
    locked: locked
  }
}

resource existingAccount 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: name
  resource blobs 'blobServices' existing = {
    name: 'default'
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = {
  parent: existingAccount::blobs
  name: 'app-packages'
  properties: { publicAccess: 'None' }
  dependsOn: [account]
}

// What the host asks for with an identity: blobs (locks, and the package), queues and tables (diagnostic events).
var hostRoles = [
  roleIds.storageBlobDataOwner
  roleIds.storageQueueDataContributor
  roleIds.storageTableDataContributor
]

resource hostUses 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for roleId in hostRoles: {
    scope: existingAccount
    name: guid(existingAccount.id, appIdentityName, roleId)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    }
    dependsOn: [account]
  }
]

@description('Addresses of the account, by service, as AzureWebJobsStorage__<name>ServiceUri wants them.')
output endpoints { blob: string, queue: string, table: string } = {
  blob: account.outputs.blobEndpoint
  queue: account.outputs.queueEndpoint
  table: account.outputs.tableEndpoint
}

@description('Address of the container that the app is deployed to.')
output packagesUri string = '${account.outputs.blobEndpoint}${packages.name}'
