// A gateway that Front Door sends clients to: the one with the lowest number that answers.

@description('Name of the Front Door profile.')
param frontDoorName string

@description('Name of the origin.')
param name string

@description('Host name of the gateway.')
param hostName string

@description('Resource id of the gateway.')
param gatewayId string

@description('Region of the gateway.')
param gatewayLocation string

@description('1 before 2.')
@minValue(1)
@maxValue(5)
param priority int

// Where Front Door can have its end of a private link (https://learn.microsoft.com/azure/frontdoor/private-link):
// not in ukwest. docs/operations/failover.md says what that means when uksouth is lost.
var linkLocations = { uksouth: 'uksouth', ukwest: 'uksouth' }

resource profile 'Microsoft.Cdn/profiles@2025-06-01' existing = {
  name: frontDoorName
  resource originGroup 'originGroups' existing = {
    name: 'gateway'
  }
}

resource origin 'Microsoft.Cdn/profiles/originGroups/origins@2025-06-01' = {
  parent: profile::originGroup
  name: name
  properties: {
    hostName: hostName
    originHostHeader: hostName
    httpsPort: 443
    priority: priority
    weight: 1000
    enforceCertificateNameCheck: true
    // Approve the connection at API Management once: docs/operations/deploy.md.
    sharedPrivateLinkResource: {
      privateLink: { id: gatewayId }
      groupId: 'Gateway'
      privateLinkLocation: linkLocations[gatewayLocation]
      requestMessage: 'Front Door of the exchange'
    }
  }
}

@description('Name of the origin: whoever waits for it can route to it.')
output name string = origin.name
