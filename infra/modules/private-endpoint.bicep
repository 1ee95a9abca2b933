// A private endpoint of a service, with its address in the private DNS zones.

import { privateLinkType, tagsType } from 'types.bicep'

@description('Name of the endpoint.')
param name string

@description('Region of the network.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('The service that gets the endpoint: its resource id.')
param serviceId string

@description('Which part of the service, such as blob, vault or Sql.')
param groupId string

@description('Subnet and zones.')
param link privateLinkType

@description('Names of the private DNS zones that get the address.')
param zones string[]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: link.subnetId }
    customNetworkInterfaceName: 'nic-${name}'
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: { privateLinkServiceId: serviceId, groupIds: [groupId] }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      for zone in zones: {
        name: replace(zone, '.', '-')
        properties: { privateDnsZoneId: link.zoneIds[zone] }
      }
    ]
  }
}
