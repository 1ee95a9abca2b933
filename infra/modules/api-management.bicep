// The gateway: checks tokens and certificates, counts requests, and passes on what is left. It keeps no bodies.

import { privateLinkType, tagsType } from 'types.bicep'

@description('Region of the service.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the service.')
param name string

@description('Over the zones of the region: the Premium v2 tier.')
param zoneRedundant bool

@description('Units.')
param units int

@description('Who publishes, and who gets notices.')
param publisher { name: string, email: string }

@description('Subnet through which it reaches the function app.')
param outgoingSubnetId string

@description('Subnet where partners find it, and zones.')
param link privateLinkType

@description('Host name of the function app.')
param backendHostName string

@description('What the policy of the API needs to know.')
param policy policyType

@description('Workspace that gets the logs.')
param workspaceId string

@export()
@description('What the policy of the API needs to know.')
type policyType = {
  @description('OpenID configurations of the issuers whose tokens are taken.')
  openIdConfigurations: string[]
  @description('Audiences of those tokens.')
  audiences: string[]
  @description('Address of the exchange as clients see it: issuer of its own tokens.')
  publicUrl: string
  @description('Requests a minute of one client.')
  requestsPerMinute: int
  @description('Header that tells the app which certificate a client has shown.')
  certificateHeader: string
}

// As many zones as units: a zone without a unit is none.
var zones = zoneRedundant ? take(['1', '2', '3'], units) : null
var sku = { name: zoneRedundant ? 'PremiumV2' : 'StandardV2', capacity: units }

module first 'api-management-first.bicep' = {
  params: { location: location, tags: tags, name: name, sku: sku, zones: zones, publisher: publisher }
}

module endpoint 'private-endpoint.bicep' = {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    serviceId: first.outputs.id
    groupId: 'Gateway'
    link: link
    zones: ['privatelink.azure-api.net']
  }
}

resource service 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: sku
  identity: { type: 'SystemAssigned' }
  zones: zones
  properties: {
    publisherName: publisher.name
    publisherEmail: publisher.email
    publicNetworkAccess: 'Disabled'
    virtualNetworkType: 'External'
    virtualNetworkConfiguration: { subnetResourceId: outgoingSubnetId }
    hostnameConfigurations: [
      {
        type: 'Proxy'
        hostName: '${name}.azure-api.net'
        certificateSource: 'BuiltIn'
        defaultSslBinding: true
        // Asked for, not demanded: whose it has to be is decided by the app, for each client.
        negotiateClientCertificate: true
      }
    ]
    developerPortalStatus: 'Disabled'
  }
  dependsOn: [endpoint]
}

resource api 'Microsoft.ApiManagement/service/apis@2024-05-01' = {
  parent: service
  name: 'exchange'
  properties: {
    displayName: 'Healthcare Data Exchange'
    description: 'Messages, records and operations: docs/reference/openapi.json and /fhir/metadata describe them.'
    path: ''
    protocols: ['https']
    serviceUrl: 'https://${backendHostName}'
    // Clients are known by their tokens.
    subscriptionRequired: false
  }
}

// The app knows its routes; whatever it does not know it answers in the format that was asked for.
resource operations 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for method in ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']: {
    parent: api
    name: toLower(method)
    properties: { displayName: method, method: method, urlTemplate: '/*' }
  }
]

var openIdElements = map(policy.openIdConfigurations, url => '<openid-config url="${url}" />')
var audienceElements = map(policy.audiences, audience => '<audience>${audience}</audience>')
var policyValues = {
  '[[openid-configurations]]': join(openIdElements, '')
  '[[audiences]]': join(audienceElements, '')
  '[[public-url]]': policy.publicUrl
  '[[requests-per-minute]]': string(policy.requestsPerMinute)
  '[[certificate-header]]': policy.certificateHeader
}

resource apiPolicy 'Microsoft.ApiManagement/service/apis/policies@2024-05-01' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'xml'
    value: reduce(
      items(policyValues),
      loadTextContent('../policies/api.xml'),
      (text, entry) => replace(text, entry.key, entry.value)
    )
  }
}

// What is logged of a request: neither headers, nor bodies, nor the values of its query.
resource logsNothingOfRequests 'Microsoft.ApiManagement/service/diagnostics@2024-05-01' = {
  parent: service
  name: 'azuremonitor'
  properties: {
    loggerId: '${service.id}/loggers/azuremonitor'
    alwaysLog: 'allErrors'
    sampling: { samplingType: 'fixed', percentage: 100 }
    verbosity: 'error'
    logClientIp: true
    frontend: {
      request: { headers: [], body: { bytes: 0 }, dataMasking: { queryParams: [{ value: '*', mode: 'Hide' }] } }
      response: { headers: [], body: { bytes: 0 } }
    }
    backend: {
      request: { headers: [], body: { bytes: 0 }, dataMasking: { queryParams: [{ value: '*', mode: 'Hide' }] } }
      response: { headers: [], body: { bytes: 0 } }
    }
  }
}

// Into tables of their own: monitoring.bicep takes the addresses out of ApiManagementGatewayLogs.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: service
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'GatewayLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Resource id of the service.')
output id string = service.id

@description('Host name of the gateway.')
output hostName string = '${name}.azure-api.net'
