// Private DNS zones of the services, seen from the network. A hub may have them already (parameter hub).

import { tagsType } from 'types.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Names of the zones.')
param zones string[]

@description('Network that sees them.')
param networkId string

resource privateZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zones: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zones: {
    parent: privateZones[index]
    name: 'exchange'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]

@description('Resource ids of the zones, by name.')
output zoneIds { *: string } = toObject(
  range(0, length(zones)),
  index => zones[index],
  index => resourceId('Microsoft.Network/privateDnsZones', zones[index])
)

@description('Resource ids of the links: whoever waits for them can resolve names.')
output linkIds string[] = [for (zone, index) in zones: links[index].id]
