/** Counts what the templates of an environment deploy and what is paid for standing there. */
import { at, textOf } from '../../tools/bicep/evaluate/values.js';
import { BicepProject } from '../../tools/bicep/project.js';
import type { Environment } from '../../tools/infra/files.js';
import { infrastructureOf, listOf, ofType, property } from '../../tools/infra/infrastructure.js';
import { alertsOf } from '../../tools/infra/rules/watching.js';
import type { Standing } from './model.js';

export function standingOf(environment: Environment): Standing {
  const infra = infrastructureOf(BicepProject.onDisk(), environment);
  const features = infra.parameters['features'];
  const sizes = infra.parameters['sizes'];
  const [account] = ofType(infra, 'Microsoft.DocumentDB/databaseAccounts');
  const number = (...path: readonly string[]) => Number(textOf(at(sizes, ...path) ?? 0));
  const count = (type: string) => ofType(infra, type).length;
  return {
    isServerless: at(sizes, 'cosmosCapacity') === 'serverless',
    regions: account === undefined ? 1 : listOf(property(account, 'properties', 'locations')).length,
    busUnits: number('serviceBusUnits'),
    isPremiumBus: at(sizes, 'serviceBusTier') === 'Premium',
    isZoneRedundant: at(features, 'zoneRedundant') === true,
    alwaysReady:
      count('Microsoft.Web/sites') * (number('alwaysReady', 'http') + number('alwaysReady', 'worker')),
    instanceGb: number('instanceMemoryMB') / 1024,
    privateEndpoints: count('Microsoft.Network/privateEndpoints'),
    natGateways: count('Microsoft.Network/natGateways'),
    gatewayUnits: count('Microsoft.ApiManagement/service') * number('apiManagementUnits'),
    frontDoors: count('Microsoft.Cdn/profiles'),
    hsmKeys: count('Microsoft.KeyVault/vaults/keys'),
    alerts: alertsOf(infra).length,
    hasDefender: count('Microsoft.Security/pricings') > 0,
    logDays: number('logDays'),
  };
}
