// Telemetry reaches Azure Monitor over a private link.

import { privateLinkType, tagsType } from 'types.bicep'

@description('Region of the endpoint.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the private link scope.')
param name string

@description('Resource id of the workspace.')
param workspaceId string

@description('Resource id of Application Insights.')
param applicationInsightsId string

@description('Subnet and zones.')
param link privateLinkType

@description('Names of the private DNS zones of Azure Monitor.')
param zones string[]

resource telemetryScope 'Microsoft.Insights/privateLinkScopes@2021-07-01-preview' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    // Ingestion stays inside; questions of staff come from anywhere, with their identity.
    accessModeSettings: { ingestionAccessMode: 'PrivateOnly', queryAccessMode: 'Open' }
  }
}

resource scopedWorkspace 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-07-01-preview' = {
  parent: telemetryScope
  name: 'workspace'
  properties: { linkedResourceId: workspaceId }
}

resource scopedInsights 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-07-01-preview' = {
  parent: telemetryScope
  name: 'application-insights'
  properties: { linkedResourceId: applicationInsightsId }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    serviceId: telemetryScope.id
    groupId: 'azuremonitor'
    link: link
    zones: zones
  }
  dependsOn: [scopedWorkspace, scopedInsights]
}
