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

@description('Parts whose metrics are watched, as alerts/metric-alerts.json names them.')
param parts string[]

@description('Resource ids of those parts.')
param resources { *: string }

@description('Principals that may read and write documents.')
param dataPrincipalIds string[]

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

module overMetrics 'metric-alerts.bicep' = {
  params: {
    tags: tags
    environment: environment
    runbooksUrl: runbooksUrl
    actionGroupId: actionGroup.id
    parts: parts
    resources: resources
  }
}

@description('Resource id of the action group.')
output actionGroupId string = actionGroup.id

@description('Resource id of the action group of those who watch over privacy.')
output privacyGroupId string = privacyGroup.id
