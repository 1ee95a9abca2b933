// What happens to the deployment itself: faults of Azure, changes of rights, and whether anybody can reach it.

import { environmentName, tagsType } from 'types.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Region of the web test.')
param location string

@description('Which deployment: part of the names.')
param environment environmentName

@description('Who is told.')
param actionGroupId string

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('Application Insights that runs the web test.')
param applicationInsightsId string

@description('The exchange can be reached from outside, and is asked from there.')
param isReachable bool

@description('Resource groups of the exchange, one a region.')
param resourceGroups string[]

@description('Address that is asked every five minutes.')
param healthUrl string

@description('Alerts of the activity log: what they are about.')
type activityAlertType = {
  name: string
  description: string
  conditions: { field: string?, equals: string?, anyOf: { field: string, equals: string }[]? }[]
}

var ofTheExchange = { anyOf: map(resourceGroups, name => { field: 'resourceGroup', equals: name }) }

var activityAlerts activityAlertType[] = [
  {
    name: 'azure-incident'
    description: 'Azure has an incident or planned work that concerns the subscription'
    conditions: [{ field: 'category', equals: 'ServiceHealth' }]
  }
  {
    name: 'resource-unhealthy'
    description: 'Azure says that a resource of the exchange is not healthy'
    conditions: [
      { field: 'category', equals: 'ResourceHealth' }
      ofTheExchange
    ]
  }
  {
    name: 'rights-changed'
    description: 'Somebody was given a role on the exchange'
    conditions: [
      { field: 'category', equals: 'Administrative' }
      ofTheExchange
      { field: 'operationName', equals: 'Microsoft.Authorization/roleAssignments/write' }
    ]
  }
  {
    name: 'lock-removed'
    description: 'Somebody took the lock of something that holds data away'
    conditions: [
      { field: 'category', equals: 'Administrative' }
      ofTheExchange
      { field: 'operationName', equals: 'Microsoft.Authorization/locks/delete' }
    ]
  }
]

resource overActivity 'Microsoft.Insights/activityLogAlerts@2020-10-01' = [
  for alert in activityAlerts: {
    name: 'alert-hde-${environment}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.description}. What to do: ${runbooksUrl}/${alert.name}.md'
      enabled: true
      scopes: [subscription().id]
      condition: { allOf: alert.conditions }
      actions: {
        actionGroups: [
          { actionGroupId: actionGroupId, webhookProperties: { runbook: '${runbooksUrl}/${alert.name}.md' } }
        ]
      }
    }
  }
]

resource asksHealth 'Microsoft.Insights/webtests@2022-06-15' = if (isReachable) {
  name: 'health-hde-${environment}'
  location: location
  // The link that Application Insights finds its web tests by.
  tags: { ...tags, 'hidden-link:${applicationInsightsId}': 'Resource' }
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-hde-${environment}'
    Name: 'Exchange (${environment}): health'
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    // UK South and UK West: the firewall lets nobody in from elsewhere (gateway.allowedCountries).
    Locations: [{ Id: 'emea-ru-msa-edge' }, { Id: 'emea-se-sto-edge' }]
    Request: { RequestUrl: healthUrl, HttpVerb: 'GET', FollowRedirects: false, ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 14 }
  }
}

resource unreachable 'Microsoft.Insights/metricAlerts@2018-03-01' = if (isReachable) {
  name: 'alert-hde-${environment}-exchange-unreachable'
  location: 'global'
  tags: tags
  properties: {
    description: 'The exchange does not answer from outside, or its certificate ends soon. What to do: ${runbooksUrl}/exchange-unreachable.md'
    enabled: true
    severity: 1
    scopes: [asksHealth.id, applicationInsightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: asksHealth.id
      componentId: applicationInsightsId
      failedLocationCount: 2
    }
    actions: [
      { actionGroupId: actionGroupId, webHookProperties: { runbook: '${runbooksUrl}/exchange-unreachable.md' } }
    ]
  }
}

@description('Names of the alerts over the activity log.')
output names string[] = map(activityAlerts, alert => alert.name)
