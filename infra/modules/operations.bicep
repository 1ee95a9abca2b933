// What operators have: alerts, and a page to look at.

import { contactsType, environmentName, tagsType } from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Which deployment.')
param environment environmentName

@description('Names of the resources.')
param names namesType

@description('Who is told.')
param contacts contactsType

@description('Where the runbooks are read, without a slash at the end.')
param runbooksUrl string

@description('The exchange can be reached from outside.')
param isReachable bool

@description('Host name that clients use.')
param hostName string

@description('Workspace that is asked.')
param workspaceId string

@description('Application Insights that runs the web test.')
param applicationInsightsId string

@description('Parts whose metrics are watched.')
param parts string[]

@description('Resource ids of those parts.')
param resources { *: string }

@description('Principals that may read and write documents.')
param dataPrincipalIds string[]

@description('Resource groups of the exchange, one a region.')
param resourceGroups string[]

module alerts 'alerts.bicep' = {
  params: {
    location: location
    tags: tags
    environment: environment
    actionGroupName: names.actionGroup
    contacts: contacts
    runbooksUrl: runbooksUrl
    workspaceId: workspaceId
    parts: parts
    resources: resources
    dataPrincipalIds: dataPrincipalIds
  }
}

module activityAlerts 'activity-alerts.bicep' = {
  params: {
    location: location
    tags: tags
    environment: environment
    actionGroupId: alerts.outputs.actionGroupId
    runbooksUrl: runbooksUrl
    applicationInsightsId: applicationInsightsId
    resourceGroups: resourceGroups
    isReachable: isReachable
    healthUrl: 'https://${hostName}/health/ready'
  }
}

module workbook 'workbook.bicep' = {
  params: { location: location, tags: tags, environment: environment, workspaceId: workspaceId }
}

@description('Resource id of the action group of those on call.')
output actionGroupId string = alerts.outputs.actionGroupId

@description('Resource id of the action group of those who watch over privacy.')
output privacyGroupId string = alerts.outputs.privacyGroupId
