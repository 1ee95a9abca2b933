// The workspace as it has to be before what cleans its tables can name it. Only the very first deployment makes it:
// a later one would take the cleaning away for as long as it runs.

import { tagsType } from 'types.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the workspace.')
param name string

@onlyIfNotExists()
resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, features: { disableLocalAuth: true } }
}

@description('Resource id of the workspace.')
output id string = workspace.id
