// The entrance from the internet: a web application firewall that blocks, and a private way to API Management.

import { tagsType } from 'types.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Name of the profile.')
param name string

@description('Name of the firewall policy.')
param firewallPolicyName string

@description('Host name of the gateway behind.')
param originHostName string

@description('Resource id of the gateway behind.')
param originId string

@description('Region of the gateway behind.')
param originLocation string

@description('Host name of the exchange, such as exchange.example.nhs.uk; null for the one that Front Door gives.')
param hostName string?

@description('Countries whose addresses may come in (ISO 3166).')
param allowedCountries string[]

@description('Requests in five minutes of one address.')
param requestsPerAddress int

@description('Workspace that gets the logs.')
param workspaceId string

resource firewall 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies@2025-03-01' = {
  name: firewallPolicyName
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    policySettings: {
      enabledState: 'Enabled'
      mode: 'Prevention'
      requestBodyCheck: 'Enabled'
      customBlockResponseStatusCode: 403
      // What the firewall writes down of a request that it stopped must not name a patient.
      logScrubbing: {
        state: 'Enabled'
        scrubbingRules: [
          for variable in [
            'RequestUri'
            'QueryStringArgNames'
            'RequestHeaderNames'
            'RequestCookieNames'
            'RequestBodyPostArgNames'
            'RequestBodyJsonArgNames'
          ]: { matchVariable: variable, selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        ]
      }
    }
    customRules: {
      rules: [
        {
          name: 'OtherCountries'
          priority: 10
          ruleType: 'MatchRule'
          action: 'Block'
          matchConditions: [
            { matchVariable: 'SocketAddr', operator: 'GeoMatch', negateCondition: true, matchValue: allowedCountries }
          ]
        }
        {
          name: 'TooManyOfOneAddress'
          priority: 20
          ruleType: 'RateLimitRule'
          action: 'Block'
          rateLimitDurationInMinutes: 5
          rateLimitThreshold: requestsPerAddress
          matchConditions: [
            { matchVariable: 'SocketAddr', operator: 'IPMatch', matchValue: ['0.0.0.0/0', '::/0'] }
          ]
        }
      ]
    }
    managedRules: {
      managedRuleSets: [
        {
          ruleSetType: 'Microsoft_DefaultRuleSet'
          ruleSetVersion: '2.1'
          ruleSetAction: 'Block'
          // The narrative of a resource is HTML, and looks like an attack with it.
          exclusions: [
            { matchVariable: 'RequestBodyJsonArgNames', selectorMatchOperator: 'EndsWith', selector: 'text.div' }
          ]
        }
        { ruleSetType: 'Microsoft_BotManagerRuleSet', ruleSetVersion: '1.1' }
      ]
    }
  }
}

resource profile 'Microsoft.Cdn/profiles@2025-06-01' = {
  name: name
  location: 'global'
  tags: tags
  sku: { name: 'Premium_AzureFrontDoor' }
  properties: {
    originResponseTimeoutSeconds: 240
    logScrubbing: {
      state: 'Enabled'
      scrubbingRules: [
        { matchVariable: 'RequestUri', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
        { matchVariable: 'QueryStringArgNames', selectorMatchOperator: 'EqualsAny', state: 'Enabled' }
      ]
    }
  }
}

resource endpoint 'Microsoft.Cdn/profiles/afdEndpoints@2025-06-01' = {
  parent: profile
  name: name
  location: 'global'
  tags: tags
  properties: { enabledState: 'Enabled' }
}

resource originGroup 'Microsoft.Cdn/profiles/originGroups@2025-06-01' = {
  parent: profile
  name: 'gateway'
  properties: {
    loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3, additionalLatencyInMilliseconds: 50 }
    healthProbeSettings: {
      probePath: '/health/live'
      probeProtocol: 'Https'
      probeRequestType: 'HEAD'
      probeIntervalInSeconds: 100
    }
  }
}

module origin 'front-door-origin.bicep' = {
  params: {
    frontDoorName: profile.name
    name: 'gateway-${originLocation}'
    hostName: originHostName
    gatewayId: originId
    gatewayLocation: originLocation
    priority: 1
  }
  dependsOn: [originGroup]
}

resource customDomain 'Microsoft.Cdn/profiles/customDomains@2025-06-01' = if (hostName != null) {
  parent: profile
  name: replace(hostName ?? 'none', '.', '-')
  properties: {
    hostName: hostName ?? ''
    tlsSettings: { certificateType: 'ManagedCertificate', minimumTlsVersion: 'TLS12' }
  }
}

resource route 'Microsoft.Cdn/profiles/afdEndpoints/routes@2025-06-01' = {
  parent: endpoint
  name: 'everything'
  properties: {
    originGroup: { id: originGroup.id }
    customDomains: hostName == null ? [] : [{ id: customDomain.id }]
    patternsToMatch: ['/*']
    supportedProtocols: ['Https']
    httpsRedirect: 'Disabled'
    forwardingProtocol: 'HttpsOnly'
    linkToDefaultDomain: hostName == null ? 'Enabled' : 'Disabled'
    // No cache: answers are records.
  }
  dependsOn: [origin]
}

resource protection 'Microsoft.Cdn/profiles/securityPolicies@2025-06-01' = {
  parent: profile
  name: 'firewall'
  properties: {
    parameters: {
      type: 'WebApplicationFirewall'
      wafPolicy: { id: firewall.id }
      associations: [
        {
          domains: concat([{ id: endpoint.id }], hostName == null ? [] : [{ id: customDomain.id }])
          patternsToMatch: ['/*']
        }
      ]
    }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: profile
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Host name that clients use.')
output hostName string = hostName ?? endpoint.properties.hostName

@description('Resource id of the profile.')
output id string = profile.id
