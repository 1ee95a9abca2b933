// API Management as it has to be before it has a private endpoint: a new service cannot be made without a public
// address. It has no API yet; only the very first deployment makes it.

import { tagsType } from 'types.bicep'

@description('Region of the service.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the service.')
param name string

@description('Tier and units.')
param sku { name: 'StandardV2' | 'PremiumV2', capacity: int }

@description('Zones of the region to spread over; null for none. They cannot be changed later.')
param zones string[]?

@description('Who publishes, and who gets notices.')
param publisher { name: string, email: string }

@onlyIfNotExists()
resource service 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: sku
  identity: { type: 'SystemAssigned' }
  zones: zones
  properties: { publisherName: publisher.name, publisherEmail: publisher.email }
}

@description('Resource id of the service.')
output id string = service.id
