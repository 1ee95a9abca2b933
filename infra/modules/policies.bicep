// What Azure Policy watches over in the resource group: the controls of UK OFFICIAL and UK NHS, and the regions.

import { ukRegion } from 'types.bicep'

@description('Region of the identity of the assignments.')
param location string

@description('Regions that resources may be in.')
param allowedRegions ukRegion[]

// Built-in definitions have the same ids in every tenant.
var ukOfficialAndUkNhs = '3937f550-eedd-4639-9c5e-294358be442e'
var allowedLocations = 'e56962a6-4747-49cd-b67b-bf8b01975c4c'

// It audits. Its identity has no role, so that it can change nothing.
resource ukControls 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'uk-official-and-uk-nhs'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    displayName: 'Exchange: UK OFFICIAL and UK NHS'
    description: 'Shows in the compliance view which controls hold for the exchange.'
    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policySetDefinitions', ukOfficialAndUkNhs)
    enforcementMode: 'Default'
  }
}

resource regions 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: 'uk-regions'
  properties: {
    displayName: 'Exchange: regions in the United Kingdom'
    description: 'Patient data stays in the United Kingdom.'
    policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', allowedLocations)
    enforcementMode: 'Default'
    parameters: { listOfAllowedLocations: { value: allowedRegions } }
    nonComplianceMessages: [{ message: 'Resources of the exchange are in uksouth or ukwest.' }]
  }
}
