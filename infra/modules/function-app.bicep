// The exchange itself: one function app on Flex Consumption, with an identity instead of keys.

import { roleIds, tagsType } from 'types.bicep'

@description('Region of the app.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the app.')
param name string

@description('Name of its plan.')
param planName string

@description('Instances over the zones of the region.')
param zoneRedundant bool

@description('Most instances.')
param maximumInstances int

@description('Memory of an instance, in MB.')
param instanceMemoryMB 512 | 2048 | 4096

@description('Instances that are always ready for HTTP, and for the worker.')
param alwaysReady { http: int, worker: int }

@description('Clients come from outside the network; else a gateway inside is before it.')
param isPublic bool

@description('Resource id of the identity of the app.')
param identityId string

@description('Name of the identity of the app. Names of role assignments follow from it, so that what-if can tell them.')
param identityName string

@description('Principal of the identity.')
param principalId string

@description('Subnet for what the app calls.')
param subnetId string

@description('Container of the app package.')
param packagesUri string

@description('All settings of the app (app-settings.bicep).')
param settings { *: string }

@description('Name of Application Insights.')
param applicationInsightsName string

@description('Workspace that gets the logs.')
param workspaceId string

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: { ...tags, 'azd-service-name': 'api' }
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    virtualNetworkSubnetId: subnetId
    keyVaultReferenceIdentity: identityId
    clientAffinityEnabled: false
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      runtime: { name: 'node', version: '22' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packagesUri
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        // The worker has instances of its own: a wave of messages leaves readers alone, and the other way round.
        alwaysReady: filter(
          [
            { name: 'http', instanceCount: alwaysReady.http }
            { name: 'function:normalise', instanceCount: alwaysReady.worker }
          ],
          group => group.instanceCount > 0
        )
        triggers: { http: { perInstanceConcurrency: 32 } }
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: settings
}

resource noFtpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noDeploymentPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource sendsTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: applicationInsights
  name: guid(applicationInsights.id, identityName, roleIds.monitoringMetricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.monitoringMetricsPublisher
    )
  }
}

// The app's own log lines only: the categories of HTTP requests hold addresses.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id of the app.')
output id string = app.id

@description('Name of the app.')
output name string = app.name

@description('Host name of the app.')
output hostName string = app.properties.defaultHostName
