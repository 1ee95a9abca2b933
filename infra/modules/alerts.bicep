// Who is told of what. Each alert has a page of its own that says what to do: docs/operations/runbooks/<alert>.md.

import { contactsType, environmentName, tagsType } from 'types.bicep'

@description('Region of rules over logs.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Which deployment: part of the names.')
param environment environmentName

@description('Name of the action group.')
param actionGroupName string

@description('Who is told.')
param contacts contactsType

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('Workspace that is asked.')
param workspaceId string

@description('Resource ids of what has metrics, by the names in alerts/metric-alerts.json.')
param resources { serviceBus: string, cosmos: string, dataStorage: string, keyVault: string }

@description('Principals that may read and write documents.')
param dataPrincipalIds string[]

var metricAlerts metricAlertType[] = loadJsonContent('../alerts/metric-alerts.json').alerts

@description('An alert over logs: of events, of a metric, or of a table.')
type metricAlertType = {
  name: string
  severity: 0 | 1 | 2 | 3 | 4
  description: string
  resource: 'serviceBus' | 'cosmos' | 'dataStorage' | 'keyVault'
  namespace: string
  metric: string
  aggregation: 'Average' | 'Count' | 'Maximum' | 'Minimum' | 'Total'
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  windowSize: string
  frequency: string
  dimension: string?
  values: string[]?
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take('hde-${environment}', 12)
    emailReceivers: [
      for (address, index) in contacts.onCall: {
        name: 'on-call-${index}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: contacts.?webhook == null
      ? []
      : [{ name: 'incidents', serviceUri: contacts.?webhook ?? '', useCommonAlertSchema: true }]
  }
}

resource privacyGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${actionGroupName}-privacy'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'hde-privacy'
    emailReceivers: [
      for (address, index) in contacts.privacy: {
        name: 'privacy-${index}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

module overLogs 'log-alerts.bicep' = {
  params: {
    location: location
    tags: tags
    environment: environment
    runbooksUrl: runbooksUrl
    workspaceId: workspaceId
    actionGroupId: actionGroup.id
    privacyGroupId: privacyGroup.id
    isOfDataServices: true
    dataPrincipalIds: dataPrincipalIds
  }
}

resource overMetrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in metricAlerts: {
    name: 'alert-hde-${environment}-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.description}. What to do: ${runbooksUrl}/${alert.name}.md'
      enabled: true
      severity: alert.severity
      scopes: [resources[alert.resource]]
      evaluationFrequency: alert.frequency
      windowSize: alert.windowSize
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: 'criterion'
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: alert.namespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: alert.operator
            threshold: alert.threshold
            dimensions: alert.?dimension == null
              ? []
              : [{ name: alert.?dimension ?? '', operator: 'Include', values: alert.?values ?? ['*'] }]
          }
        ]
      }
      actions: [
        { actionGroupId: actionGroup.id, webHookProperties: { runbook: '${runbooksUrl}/${alert.name}.md' } }
      ]
    }
  }
]

@description('Resource id of the action group.')
output actionGroupId string = actionGroup.id

@description('Resource id of the action group of those who watch over privacy.')
output privacyGroupId string = privacyGroup.id
