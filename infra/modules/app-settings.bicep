// All settings of the function app, from infra/topology/settings.json: a setting that is new there is set here.

import { settingsTopology } from 'topology-types.bicep'

@description('Client id of the identity of the app.')
param clientId string

@description('What identity-based connections need beside the identity, by setting: for example { HDE_COSMOS: { accountEndpoint: "..." } }.')
param connections { *: { *: string } }

@description('Values by setting, from the parameter file; every required one must be there.')
param values { *: string }

@description('Optional settings whose secret is in the vault (infra/secret.bicep writes it); those that are required are always taken from there.')
param optionalSecrets string[]

@description('Address of the vault.')
param vaultUri string

@description('Settings of the platform, such as those of the Functions host. They come before all others.')
param platform { *: string }

var topology settingsTopology = loadJsonContent('../topology/settings.json')
var own = filter(topology.settings, setting => !contains(platform, setting.name))

// HDE_COSMOS becomes HDE_COSMOS__accountEndpoint, HDE_COSMOS__credential and HDE_COSMOS__clientId: the Functions host
// and the app's own clients read the same three.
var connectionRows = flatten(map(
  filter(own, setting => setting.kind == 'connection'),
  setting =>
    map(
      items({ ...connections[setting.name], credential: 'managedidentity', clientId: clientId }),
      part => { name: '${setting.name}__${part.key}', value: part.value }
    )
))

var secretRows = map(
  filter(own, setting => setting.kind == 'secret' && (setting.required || contains(optionalSecrets, setting.name))),
  setting => {
    name: setting.name
    value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(setting.name, '_', '-'))}/)'
  }
)

var known = map(topology.settings, setting => setting.name)
var unknown = filter(concat(objectKeys(values), optionalSecrets), name => !contains(known, name))

// values[...] of a required setting that is missing fails the deployment, and names it.
var valueRows = map(
  filter(own, setting => setting.kind == 'value' && (setting.required || contains(values, setting.name))),
  setting => { name: setting.name, value: values[setting.name] }
)

@description('All settings, by name.')
output settings { *: string } = empty(unknown)
  ? { ...toObject(concat(connectionRows, secretRows, valueRows), row => row.name, row => row.value), ...platform }
  : fail('Not in infra/topology/settings.json: ${join(unknown, ', ')}')
