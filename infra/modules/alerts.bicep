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

var logAlerts logAlertType[] = loadJsonContent('../alerts/log-alerts.json').alerts
var metricAlerts metricAlertType[] = loadJsonContent('../alerts/metric-alerts.json').alerts

@description('An alert over logs: of events, of a metric, or of a table.')
type logAlertType = {
  name: string
  severity: 0 | 1 | 2 | 3 | 4
  description: string
  @description('Who is told beside those on call; absent: nobody.')
  audience: 'privacy'?
  @description('Event names of src, any of them.')
  events: string[]?
  @description('Metric of infra/topology/metrics.json, as it is in AppMetrics.')
  metric: string?
  @description('Table, for what the platform logs.')
  table: string?
  @description('What follows in the query. Rows that are left are counted.')
  query: string
  @description('Column by which alerts are told apart.')
  dimension: string?
  windowSize: string
  frequency: string
  @description('More rows than this are an alert.')
  threshold: int
}

@description('An alert over a metric of the platform.')
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

// The logs of the functions, not their telemetry, which is sampled: an alert that was left out would never come.
func rowsOf(alert logAlertType) string =>
  alert.?events != null
    ? eventsQuery(alert.?events ?? [])
    : alert.?metric != null ? 'AppMetrics | where Name == "${alert.?metric ?? ''}"' : alert.?table ?? ''

func eventsQuery(events string[]) string =>
  'FunctionAppLogs | where Message has "event" | extend entry = parse_json(Message) | where tostring(entry.event) in (${listed(events)})'

func listed(texts string[]) string => join(map(texts, text => '"${text}"'), ', ')

resource overLogs 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
    name: 'alert-hde-${environment}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Exchange (${environment}): ${alert.name}'
      description: '${alert.description}. What to do: ${runbooksUrl}/${alert.name}.md'
      enabled: true
      severity: alert.severity
      scopes: [workspaceId]
      evaluationFrequency: alert.frequency
      windowSize: alert.windowSize
      // A table is there only after its first row.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: '${rowsOf(alert)} ${replace(alert.query, '[[appPrincipals]]', listed(dataPrincipalIds))}'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: alert.?dimension == null
              ? []
              : [{ name: alert.?dimension ?? '', operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: {
        actionGroups: alert.?audience == 'privacy' ? [actionGroup.id, privacyGroup.id] : [actionGroup.id]
        customProperties: { runbook: '${runbooksUrl}/${alert.name}.md' }
      }
    }
  }
]

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
