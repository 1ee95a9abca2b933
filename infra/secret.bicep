// Writes one secret of the exchange. It goes through Azure Resource Manager, so that it works from anywhere although
// the vault itself is reached from inside only; and it belongs to no deployment that could take it away again.
//   az deployment group create --resource-group <group> --template-file infra/secret.bicep \
//     --parameters vaultName=<vault> setting=HDE_TOKEN_SIGNING_KEY value=@key.json

@description('Name of the vault.')
param vaultName string

@description('Setting that the secret is for, as infra/topology/settings.json names it.')
param setting string

@secure()
@description('The secret itself.')
param value string

// A new identity secret would make new patient keys for the same people.
var name = setting == 'HDE_IDENTITY_SECRET'
  ? fail('HDE_IDENTITY_SECRET is made once, by the first deployment, and never written again.')
  : toLower(replace(setting, '_', '-'))

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: name
  properties: { value: value, contentType: 'Setting ${setting}' }
}

@description('Version that was written.')
output version string = last(split(secret.properties.secretUriWithVersion, '/'))
