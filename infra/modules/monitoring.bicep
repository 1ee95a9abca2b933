// Logs and telemetry, by identity only, and without the addresses of requests: they can name patients.

import { tagsType } from 'types.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of Application Insights.')
param applicationInsightsName string

@description('Days that logs are kept.')
param logDays int

@description('Gigabytes a day after which ingestion stops; -1 for no limit.')
param dailyLogGigabytes int

@description('Telemetry comes in over a private link only.')
param privateTelemetry bool

module first 'workspace-first.bicep' = {
  params: { location: location, tags: tags, name: workspaceName }
}

var destination = 'workspace'

// Addresses hold NHS numbers (compatibility routes) and search values; what is needed of them is in the route's name.
var cleaned = {
  'Microsoft-Table-AppRequests': 'source | extend Url = ""'
  'Microsoft-Table-AppDependencies': 'source | extend Data = ""'
  'Microsoft-Table-ApiManagementGatewayLogs': 'source | extend Url = "", BackendUrl = ""'
}

resource cleaning 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'dcr-${workspaceName}'
  location: location
  tags: tags
  kind: 'WorkspaceTransforms'
  properties: {
    description: 'Takes the addresses of requests out of telemetry before it is stored.'
    destinations: { logAnalytics: [{ name: destination, workspaceResourceId: first.outputs.id }] }
    dataFlows: [
      for flow in items(cleaned): { streams: [flow.key], destinations: [destination], transformKql: flow.value }
    ]
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logDays
    workspaceCapping: { dailyQuotaGb: dailyLogGigabytes }
    defaultDataCollectionRuleResourceId: cleaning.id
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
    publicNetworkAccessForIngestion: privateTelemetry ? 'Disabled' : 'Enabled'
    // Staff ask from the portal, as themselves.
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource workspaceLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: workspace
  name: 'to-workspace'
  properties: {
    workspaceId: workspace.id
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    DisableIpMasking: false
    publicNetworkAccessForIngestion: privateTelemetry ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Resource id of Application Insights.')
output applicationInsightsId string = applicationInsights.id

@description('Name of Application Insights.')
output applicationInsightsName string = applicationInsights.name

@description('Where telemetry goes. Not a secret: without local authentication nobody can send with it alone.')
output connectionString string = applicationInsights.properties.ConnectionString
