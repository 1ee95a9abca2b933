// Secrets that no identity can replace, and encryption keys. Access by roles only; nothing can be purged.

import { encryptionType, privateLinkType, roleIds, tagsType } from 'types.bicep'

@description('Region of the vault.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the vault.')
param name string

@description('Subnet and zones.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

@description('Keys of the trust (HSM) for storage, Cosmos DB and Service Bus.')
param customerManagedKeys bool

@description('Name of the identity that encrypts.')
param keysIdentityName string

@description('Resource id of the identity that encrypts.')
param keysIdentityId string

@description('Principal of the identity that encrypts.')
param keysIdentityPrincipalId string

@secure()
@description('Secret of the keyed hashes of identifiers. Taken by the first deployment only: patient keys follow from it.')
param identitySecret string

@description('The vault of a deployment that was deleted is taken up again, with its secrets: its name is kept for 90 days.')
param recovered bool

@description('The vault cannot be deleted.')
param locked bool

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    createMode: recovered ? 'recover' : 'default'
    sku: { family: 'A', name: customerManagedKeys ? 'premium' : 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: 'Disabled'
    // Services that encrypt with a key of this vault come over the backbone.
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}

@onlyIfNotExists()
resource identitySecretOnce 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'hde-identity-secret'
  properties: { value: identitySecret, contentType: 'Keyed hashes of identifiers; never changed' }
}

resource encryptionKey 'Microsoft.KeyVault/vaults/keys@2026-02-01' = if (customerManagedKeys) {
  parent: vault
  name: 'hde-data'
  properties: {
    kty: 'RSA-HSM'
    keySize: 3072
    keyOps: ['wrapKey', 'unwrapKey']
    attributes: { enabled: true, exportable: false }
    rotationPolicy: {
      attributes: { expiryTime: 'P2Y' }
      lifetimeActions: [
        { trigger: { timeAfterCreate: 'P1Y' }, action: { type: 'rotate' } }
        { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'notify' } }
      ]
    }
  }
}

resource encrypts 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (customerManagedKeys) {
  scope: vault
  name: guid(vault.id, keysIdentityName, roleIds.keyVaultCryptoServiceEncryptionUser)
  properties: {
    principalId: keysIdentityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.keyVaultCryptoServiceEncryptionUser
    )
  }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    serviceId: vault.id
    groupId: 'vault'
    link: link
    zones: ['privatelink.vaultcore.azure.net']
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  scope: vault
  name: 'do-not-delete'
  properties: { level: 'CanNotDelete', notes: 'Without its secret no patient key can be made again.' }
}

@description('Address of the vault.')
output uri string = vault.properties.vaultUri

@description('Resource id of the vault.')
output id string = vault.id

@description('What services need to encrypt with the key of the trust; null without one.')
output encryption encryptionType? = customerManagedKeys
  ? {
      keyUri: '${vault.properties.vaultUri}keys/hde-data'
      vaultUri: vault.properties.vaultUri
      keyName: 'hde-data'
      identityId: keysIdentityId
    }
  : null
