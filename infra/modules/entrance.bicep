// The way in: API Management before the function app, and Front Door before that for clients on the internet.

import { contactsType, gatewayType, privateLinkType, tagsType } from 'types.bicep'
import { namesType } from 'naming.bicep'

@description('Region of everything here.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Names of the resources.')
param names namesType

@description('Clients come from the internet, too.')
param isOnInternet bool

@description('Over the zones of the region.')
param zoneRedundant bool

@description('Units of API Management.')
param units int

@description('Who publishes, and who gets notices.')
param contacts contactsType

@description('What is demanded of clients.')
param gateway gatewayType

@description('OpenID configurations of all issuers.')
param openIdConfigurations string[]

@description('Audiences of tokens.')
param audiences string[]

@description('Address of the exchange as clients see it: issuer of its own tokens.')
param publicUrl string

@description('Header that tells the app which certificate a client has shown.')
param certificateHeader string

@description('Resource id of the function app.')
param appId string

@description('Host name of the function app.')
param appHostName string

@description('Subnet through which API Management reaches the function app.')
param outgoingSubnetId string

@description('Subnet where partners inside the network find API Management.')
param entranceSubnetId string

@description('Subnet and zones of the endpoint of the function app.')
param link privateLinkType

@description('Workspace that gets the logs.')
param workspaceId string

module appEndpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${names.functionApp}'
    location: location
    tags: tags
    serviceId: appId
    groupId: 'sites'
    link: link
    zones: ['privatelink.azurewebsites.net']
  }
}

module apiManagement 'api-management.bicep' = {
  params: {
    location: location
    tags: tags
    name: names.apiManagement
    zoneRedundant: zoneRedundant
    units: units
    publisher: { name: contacts.publisher, email: contacts.publisherEmail }
    outgoingSubnetId: outgoingSubnetId
    link: { subnetId: entranceSubnetId, zoneIds: link.zoneIds }
    backendHostName: appHostName
    policy: {
      openIdConfigurations: openIdConfigurations
      audiences: audiences
      publicUrl: publicUrl
      requestsPerMinute: gateway.requestsPerMinute
      certificateHeader: certificateHeader
    }
    workspaceId: workspaceId
  }
}

module frontDoor 'front-door.bicep' = if (isOnInternet) {
  params: {
    tags: tags
    name: names.frontDoor
    firewallPolicyName: names.firewallPolicy
    originHostName: apiManagement.outputs.hostName
    originId: apiManagement.outputs.id
    originLocation: location
    hostName: gateway.?hostName
    allowedCountries: gateway.allowedCountries
    requestsPerAddress: gateway.requestsPerAddress
    workspaceId: workspaceId
  }
}

@description('Host name that clients use.')
output hostName string = isOnInternet ? frontDoor!.outputs.hostName : apiManagement.outputs.hostName

@description('Resource ids of what clients come in through, by the names in alerts/metric-alerts.json.')
output ids { *: string } = {
  apiManagement: apiManagement.outputs.id
  ...(isOnInternet ? { frontDoor: frontDoor!.outputs.id } : {})
}
