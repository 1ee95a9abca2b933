// Who the exchange is, towards everything that it uses. User-assigned: roles stand before the app starts.

import { tagsType } from 'types.bicep'

@description('Region of the identities.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the identity of the function app.')
param appName string

@description('Name of the identity with which services reach their encryption keys.')
param keysName string

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appName
  location: location
  tags: tags
}

// Apart from the app's: the app needs no key, and the services no data of others.
resource keys 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: keysName
  location: location
  tags: tags
}

@description('Resource id of the identity of the function app.')
output appId string = app.id

@description('Client id of the identity of the function app, for its settings.')
output appClientId string = app.properties.clientId

@description('Principal of the function app, for role assignments.')
output appPrincipalId string = app.properties.principalId

@description('Resource id of the identity of the encryption keys.')
output keysId string = keys.id

@description('Principal of the identity of the encryption keys, for role assignments.')
output keysPrincipalId string = keys.properties.principalId
