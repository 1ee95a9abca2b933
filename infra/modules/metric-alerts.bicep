// Alerts over metrics of the platform, for the parts that are there in a region.

import { environmentName, tagsType } from 'types.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Which deployment: part of the names.')
param environment environmentName

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('Resource id of the action group of those on call.')
param actionGroupId string

@description('Parts that are watched, as alerts/metric-alerts.json names them.')
param parts string[]

@description('Resource ids of those parts.')
param resources { *: string }

var all metricAlertType[] = loadJsonContent('../alerts/metric-alerts.json').alerts
var metricAlerts = filter(all, alert => contains(parts, alert.resource))

@description('An alert over a metric that Azure gives.')
type metricAlertType = {
  name: string
  severity: 0 | 1 | 2 | 3 | 4
  description: string
  resource: 'serviceBus' | 'cosmos' | 'dataStorage' | 'keyVault' | 'apiManagement' | 'frontDoor'
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
        { actionGroupId: actionGroupId, webHookProperties: { runbook: '${runbooksUrl}/${alert.name}.md' } }
      ]
    }
  }
]

@description('Names of the alerts.')
output names string[] = map(metricAlerts, alert => alert.name)
