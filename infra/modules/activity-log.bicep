// The activity log of the subscription in the workspace: who gave rights, and took locks away (docs/operations/runbooks).

targetScope = 'subscription'

import { environmentName } from 'types.bicep'

@description('Which deployment: part of the name.')
param environment environmentName

@description('Workspace that gets it.')
param workspaceId string

resource activity 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'hde-${environment}'
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in ['Administrative', 'Security', 'ServiceHealth', 'Alert', 'Policy', 'ResourceHealth']: {
        category: category
        enabled: true
      }
    ]
  }
}
