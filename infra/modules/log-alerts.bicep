// Alerts over the logs of one region: each region has them, so that the loss of one leaves the other watched.

import { environmentName, tagsType } from 'types.bicep'

@description('Region of the workspace.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Which deployment: part of the names.')
param environment environmentName

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('Workspace that is asked.')
param workspaceId string

@description('Resource id of the action group of those on call.')
param actionGroupId string

@description('Resource id of the action group of those who watch over privacy.')
param privacyGroupId string

@description('The workspace has the logs of the vault and of Cosmos DB, too; they are in one region only.')
param isOfDataServices bool

@description('Principals of the exchange: whoever else reads documents is an alert.')
param dataPrincipalIds string[]

var all logAlertType[] = loadJsonContent('../alerts/log-alerts.json').alerts
var logAlerts = filter(all, alert => isOfDataServices || (alert.?table ?? 'FunctionAppLogs') == 'FunctionAppLogs')

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
        actionGroups: alert.?audience == 'privacy' ? [actionGroupId, privacyGroupId] : [actionGroupId]
        customProperties: { runbook: '${runbooksUrl}/${alert.name}.md' }
      }
    }
  }
]

@description('Names of the alerts.')
output names string[] = map(logAlerts, alert => alert.name)
