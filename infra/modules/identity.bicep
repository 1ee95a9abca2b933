// Somebody that services know without a key. User-assigned: roles stand before whoever uses it starts.

import { tagsType } from 'types.bicep'

@description('Region of the identity.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the identity.')
param name string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Client id, for settings.')
output clientId string = identity.properties.clientId

@description('Principal, for role assignments.')
output principalId string = identity.properties.principalId
