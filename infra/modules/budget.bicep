// Whoever pays is told before the month is over. One budget for all resource groups: it is of the subscription.

targetScope = 'subscription'

@description('Name of the budget.')
param name string

@description('Most that a month may cost, in the currency of the subscription.')
param amount int

@description('Resource groups whose costs are counted.')
param resourceGroups string[]

@description('E-mail addresses of those who are told.')
param contactEmails string[]

@description('Action group that is told.')
param actionGroupId string

@description('First day of the month of the first deployment (yyyy-MM-dd). Azure does not let it change afterwards.')
@minLength(10)
@maxLength(10)
param startDate string

var notifications = [
  { key: 'half', threshold: 50, thresholdType: 'Actual' }
  { key: 'most', threshold: 80, thresholdType: 'Actual' }
  { key: 'all', threshold: 100, thresholdType: 'Actual' }
  { key: 'forecast', threshold: 110, thresholdType: 'Forecasted' }
]

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: startDate }
    filter: { dimensions: { name: 'ResourceGroupName', operator: 'In', values: resourceGroups } }
    notifications: toObject(notifications, notification => notification.key, notification => {
      enabled: true
      operator: 'GreaterThanOrEqualTo'
      threshold: notification.threshold
      thresholdType: notification.thresholdType
      contactEmails: contactEmails
      contactGroups: [actionGroupId]
    })
  }
}
