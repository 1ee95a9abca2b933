// The page that operators look at.

import { environmentName, tagsType } from 'types.bicep'

@description('Region of the workbook.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Which deployment: part of the title.')
param environment environmentName

@description('Workspace that it asks.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'exchange')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Healthcare Data Exchange (${environment})'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbooks/exchange.json')
    version: '1.0'
  }
}

@description('Resource id of the workbook.')
output id string = workbook.id
