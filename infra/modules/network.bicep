// The network: four subnets, each with its own rules; nothing comes in that is not named here.

import { subnetsType, tagsType } from 'types.bicep'

@description('Region of the network.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the virtual network; names of its parts follow from it.')
param name string

@description('Prefix of the names of network security groups.')
param securityGroupName string

@description('Addresses of the network in CIDR notation, /22 or larger; agree them with whoever runs the hub.')
param addressPrefix string

@description('Address ranges of operators and deployment runners: they reach the endpoints of data services and of the app.')
param operatorRanges string[]

@description('Outgoing traffic of the function app comes from one public address.')
param fixedEgressAddress bool

@description('Name of the NAT gateway.')
param natGatewayName string

@description('Name of the public address of the NAT gateway.')
param publicAddressName string

@description('The gateway and address spread over zones, where the region has them.')
param zoneRedundant bool

@description('Workspace that gets the logs.')
param workspaceId string

// Deny what the default rules allow between subnets and from other networks of the hub.
var denyAllInbound = {
  name: 'deny-all-inbound'
  properties: {
    priority: 4096
    direction: 'Inbound'
    access: 'Deny'
    protocol: '*'
    sourceAddressPrefix: '*'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '*'
  }
}

var functionsRange = cidrSubnet(addressPrefix, 24, 0)
var endpointsRange = cidrSubnet(addressPrefix, 24, 1)
var gatewayRange = cidrSubnet(addressPrefix, 24, 2)
var entranceRange = cidrSubnet(addressPrefix, 24, 3)

// Data and the app itself: only the app, the gateway before it, and operators. Whoever could reach the app past the
// gateway could say which certificate they had shown. HTTPS and AMQP; Cosmos DB is not used in direct mode.
var toEndpoints = {
  name: 'endpoints-from-exchange'
  properties: {
    priority: 100
    direction: 'Inbound'
    access: 'Allow'
    protocol: 'Tcp'
    sourceAddressPrefixes: concat([functionsRange, gatewayRange], operatorRanges)
    sourcePortRange: '*'
    destinationAddressPrefix: endpointsRange
    destinationPortRanges: ['443', '5671']
  }
}

// Partners on HSCN, through the hub.
var toEntrance = {
  name: 'entrance-from-network'
  properties: {
    priority: 100
    direction: 'Inbound'
    access: 'Allow'
    protocol: 'Tcp'
    sourceAddressPrefix: 'VirtualNetwork'
    sourcePortRange: '*'
    destinationAddressPrefix: entranceRange
    destinationPortRange: '443'
  }
}

var subnets = [
  {
    name: 'functions'
    range: functionsRange
    rules: [denyAllInbound]
    // Flex Consumption lives in this delegation, other plans in Microsoft.Web/serverFarms.
    delegation: 'Microsoft.App/environments'
    usesNat: true
  }
  {
    name: 'endpoints'
    range: endpointsRange
    rules: [toEndpoints, denyAllInbound]
    delegation: ''
    usesNat: false
  }
  {
    name: 'gateway'
    range: gatewayRange
    rules: [denyAllInbound]
    delegation: 'Microsoft.Web/serverFarms'
    usesNat: true
  }
  {
    name: 'entrance'
    range: entranceRange
    rules: [toEntrance, denyAllInbound]
    delegation: ''
    usesNat: false
  }
]

resource securityGroups 'Microsoft.Network/networkSecurityGroups@2025-05-01' = [
  for subnet in subnets: {
    name: '${securityGroupName}-${subnet.name}'
    location: location
    tags: tags
    properties: { securityRules: subnet.rules }
  }
]

resource publicAddress 'Microsoft.Network/publicIPAddresses@2025-05-01' = if (fixedEgressAddress) {
  name: publicAddressName
  location: location
  tags: tags
  sku: { name: 'Standard' }
  zones: zoneRedundant ? ['1', '2', '3'] : null
  properties: { publicIPAllocationMethod: 'Static' }
}

resource natGateway 'Microsoft.Network/natGateways@2025-05-01' = if (fixedEgressAddress) {
  name: natGatewayName
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: publicAddress.id }], idleTimeoutInMinutes: 4 }
}

// Subnets stand in the network itself: as resources of their own, a redeployment would take them away first.
resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      for (subnet, index) in subnets: {
        name: subnet.name
        properties: {
          addressPrefix: subnet.range
          networkSecurityGroup: { id: securityGroups[index].id }
          natGateway: fixedEgressAddress && subnet.usesNat ? { id: natGateway.id } : null
          delegations: empty(subnet.delegation)
            ? []
            : [{ name: 'delegation', properties: { serviceName: subnet.delegation } }]
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
          defaultOutboundAccess: !fixedEgressAddress
        }
      }
    ]
  }
}

resource networkLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: network
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource securityGroupLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for (subnet, index) in subnets: {
    scope: securityGroups[index]
    name: 'to-workspace'
    properties: { workspaceId: workspaceId, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
  }
]

resource publicAddressLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (fixedEgressAddress) {
  scope: publicAddress
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id of the virtual network.')
output networkId string = network.id

@description('Resource ids of the subnets.')
output subnets subnetsType = {
  functionsId: network.properties.subnets[0].id
  endpointsId: network.properties.subnets[1].id
  gatewayId: network.properties.subnets[2].id
  entranceId: network.properties.subnets[3].id
}
