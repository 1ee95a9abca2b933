// What senders sent, byte for byte, and exported audit trails: kept unchanged for as long as the schedule says.

import { retentionSchedule, storageTopology } from 'topology-types.bicep'
import { encryptionType, privateLinkType, tagsType } from 'types.bicep'

@description('Region of the account.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the account.')
param name string

@description('Copies over zones.')
param zoneRedundant bool

@description('A copy in the second region that can be read.')
param secondRegion bool

@description('Days in which nobody can change or delete what is immutable; 0 for no such policy.')
param immutableDays int

@description('Key of the trust; null for one of Microsoft.')
param encryption encryptionType?

@description('Subnet and zones.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('The account cannot be deleted.')
param locked bool

var topology storageTopology = loadJsonContent('../topology/storage.json')
var retention retentionSchedule = loadJsonContent('../retention.json')

var appContainers = map(topology.containers, container => container.name)

// Where operators keep what the audit commands of the command line export; the app has no access.
var operatorContainers = ['audit-exports']
var containers = concat(appContainers, operatorContainers)
var immutableContainers = ['raw-messages', 'audit-exports']

module account 'storage-account.bicep' = {
  params: {
    location: location
    tags: tags
    name: name
    sku: secondRegion
      ? (zoneRedundant ? 'Standard_RAGZRS' : 'Standard_RAGRS')
      : (zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS')
    softDeleteDays: 30
    services: ['blob']
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

resource blobContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for container in containers: {
    parent: existingAccount::blobs
    name: container
    properties: {
      publicAccess: 'None'
      immutableStorageWithVersioning: {
        enabled: immutableDays > 0 && contains(immutableContainers, container)
      }
    }
    dependsOn: [account]
  }
]

// Of versions, not of the container: the app may take away an unfinished upload, which then is an old version.
resource unchanged 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = [
  for (container, index) in containers: if (immutableDays > 0 && contains(immutableContainers, container)) {
    parent: blobContainers[index]
    name: 'default'
    properties: { immutabilityPeriodSinceCreationInDays: immutableDays }
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: existingAccount
  name: 'default'
  properties: {
    policy: {
      rules: [
        for (entry, index) in retention.schedule: {
          name: 'rule-${index}-${entry.container}'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${entry.container}/${entry.prefix}'] }
            actions: {
              baseBlob: {
                tierToCool: entry.?coolAfterDays == null
                  ? null
                  : { daysAfterModificationGreaterThan: entry.?coolAfterDays }
                tierToCold: entry.?coldAfterDays == null
                  ? null
                  : { daysAfterModificationGreaterThan: entry.?coldAfterDays }
                delete: { daysAfterModificationGreaterThan: entry.deleteAfterDays }
              }
              version: { delete: { daysAfterCreationGreaterThan: entry.deleteAfterDays } }
            }
          }
        }
      ]
    }
  }
  dependsOn: [account]
}

@description('Address of the blobs.')
output blobEndpoint string = account.outputs.blobEndpoint

@description('Resource id of the account.')
output id string = account.outputs.id
