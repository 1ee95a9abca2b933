// Names of all resources in one place: <kind>-hde-<environment>-<region>[-<unique>].

import { environmentName, ukRegion } from 'types.bicep'

@export()
@description('Names of the resources of a deployment.')
type namesType = {
  resourceGroup: string
  network: string
  securityGroup: string
  natGateway: string
  publicAddress: string
  appIdentity: string
  keysIdentity: string
  keyVault: string
  workspace: string
  applicationInsights: string
  telemetryScope: string
  runtimeStorage: string
  dataStorage: string
  serviceBus: string
  cosmos: string
  plan: string
  functionApp: string
  apiManagement: string
  frontDoor: string
  firewallPolicy: string
  actionGroup: string
  budget: string
}

var regionCodes = { uksouth: 'uks', ukwest: 'ukw' }

@export()
@description('Names of the resources of a deployment. `unique` goes into names that the world shares.')
func namesOf(environment environmentName, region ukRegion, unique string) namesType => {
  resourceGroup: 'rg-hde-${environment}-${regionCodes[region]}'
  network: 'vnet-hde-${environment}-${regionCodes[region]}'
  securityGroup: 'nsg-hde-${environment}-${regionCodes[region]}'
  natGateway: 'ng-hde-${environment}-${regionCodes[region]}'
  publicAddress: 'pip-hde-${environment}-${regionCodes[region]}'
  appIdentity: 'id-hde-${environment}-${regionCodes[region]}-app'
  keysIdentity: 'id-hde-${environment}-${regionCodes[region]}-keys'
  keyVault: 'kv-hde-${environment}-${take(unique, 8)}'
  workspace: 'log-hde-${environment}-${regionCodes[region]}'
  applicationInsights: 'appi-hde-${environment}-${regionCodes[region]}'
  telemetryScope: 'ampls-hde-${environment}-${regionCodes[region]}'
  runtimeStorage: 'sthde${environment}run${take(unique, 8)}'
  dataStorage: 'sthde${environment}data${take(unique, 8)}'
  serviceBus: 'sbns-hde-${environment}-${take(unique, 8)}'
  cosmos: 'cosmos-hde-${environment}-${take(unique, 8)}'
  plan: 'plan-hde-${environment}-${regionCodes[region]}'
  functionApp: 'func-hde-${environment}-${take(unique, 8)}'
  apiManagement: 'apim-hde-${environment}-${take(unique, 8)}'
  frontDoor: 'afd-hde-${environment}'
  firewallPolicy: 'wafhde${environment}'
  actionGroup: 'ag-hde-${environment}'
  budget: 'budget-hde-${environment}'
}
