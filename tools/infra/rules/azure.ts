/** What compiles, and Azure refuses or leaves without effect. */
import { at, isProperties, textOf } from '../../bicep/evaluate/values.js';
import { appSettingsOf, type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import type { Rule } from './rule.js';

/** UK regions where Front Door has its end of a private link (https://learn.microsoft.com/azure/frontdoor/private-link). */
const linkLocations = new Set(['uksouth']);

const frontDoorLinks = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Cdn/profiles/originGroups/origins').flatMap((origin) => {
    const place = property(origin, 'properties', 'sharedPrivateLinkResource', 'privateLinkLocation');
    if (place === undefined) return [`${nameOf(origin)} is reached over the internet`];
    return linkLocations.has(textOf(place))
      ? []
      : [`${nameOf(origin)}: Front Door has no private link in ${textOf(place)}`];
  });

/** Places of availability tests in the United Kingdom (https://learn.microsoft.com/azure/azure-monitor/app/availability). */
const ukTests = new Set(['emea-ru-msa-edge', 'emea-se-sto-edge']);

/** The firewall refuses addresses of other countries, those of the tests too: the alert would never end. */
function availabilityTests(infra: Infrastructure): readonly string[] {
  const isFiltered = ofType(infra, 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies').length > 0;
  if (!isFiltered) return [];
  return ofType(infra, 'Microsoft.Insights/webtests').flatMap((test) =>
    listOf(property(test, 'properties', 'Locations'))
      .map((place) => textOf(at(place, 'Id') ?? null))
      .filter((place) => !ukTests.has(place))
      .map((place) => `${nameOf(test)} asks from ${place}, which the firewall refuses`),
  );
}

/** Zones of the gateway are chosen when it is made, and each needs a unit. */
function gatewayZones(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['features'], 'zoneRedundant') !== true) return [];
  // Every statement of it, the first included: `resources` has the last only.
  return infra.statements
    .filter(({ type }) => type.toLowerCase() === 'microsoft.apimanagement/service')
    .filter((gateway) => property(gateway, 'sku', 'name') === 'PremiumV2')
    .flatMap((gateway) => {
      const zones = listOf(property(gateway, 'zones')).length;
      const units = Number(property(gateway, 'sku', 'capacity') ?? 0);
      const isSpread = zones >= 2 && zones <= units;
      return isSpread ? [] : [`${nameOf(gateway)} (${gateway.file}): ${zones} zones with ${units} units`];
    });
}

/** Parameters that exclude each other: by the template they would be left out in silence, by Azure refused. */
const exclusions: readonly (readonly [
  says: string,
  features: readonly string[],
  path: string,
  value: string,
])[] = [
  ['serverless records cannot have a second region', ['secondRegion'], 'sizes.cosmosCapacity', 'serverless'],
  [
    'messages are copied to a second region by Premium only',
    ['secondRegion'],
    'sizes.serviceBusTier',
    'Standard',
  ],
  [
    'messages take keys of the trust by Premium only',
    ['customerManagedKeys'],
    'sizes.serviceBusTier',
    'Standard',
  ],
  ['ukwest has no zones', ['zoneRedundant'], 'location', 'ukwest'],
];

function combinations({ parameters }: Infrastructure): readonly string[] {
  const excluded = exclusions
    .filter(([, features]) => features.every((name) => at(parameters['features'], name) === true))
    .filter(([, , path, value]) => at(parameters, ...path.split('.')) === value)
    .map(([says]) => says);
  const isTwice =
    at(parameters['features'], 'secondRegion') === true &&
    parameters['location'] === parameters['secondLocation'];
  return [...excluded, ...(isTwice ? ['the second region is the first one'] : [])];
}

/** Longest names (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules). */
const longest: Readonly<Record<string, number>> = {
  'Microsoft.Storage/storageAccounts': 24,
  'Microsoft.KeyVault/vaults': 24,
  'Microsoft.DocumentDB/databaseAccounts': 44,
  'Microsoft.ServiceBus/namespaces': 50,
  'Microsoft.ApiManagement/service': 50,
  'Microsoft.Web/sites': 60,
  'Microsoft.OperationalInsights/workspaces': 63,
  'Microsoft.Cdn/profiles/afdEndpoints': 46,
};

const names = (infra: Infrastructure): readonly string[] =>
  Object.entries(longest).flatMap(([type, most]) =>
    ofType(infra, type)
      .filter(({ name }) => (name.split('/').at(-1) ?? '').length > most)
      .map((resource) => `${nameOf(resource)} is longer than ${most} characters`),
  );

/** What Flex Consumption refuses: its runtime and package stand in functionAppConfig. */
const refused =
  /^(FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_(RUN_FROM_PACKAGE|CONTENT\w+|NODE_DEFAULT_VERSION|VNET_ROUTE_ALL|USE_PLACEHOLDER\w*)|SCM_DO_BUILD_DURING_DEPLOYMENT|ENABLE_ORYX_BUILD)$/;

/** Groups of functions that scale together; blob and durable ones are none of ours. */
const groups = new Set(['http']);

function flexConsumption(infra: Infrastructure): readonly string[] {
  // Functions that answer HTTP scale as one group, not by their names.
  const functions = new Set(infra.functions.filter((name) => !infra.httpFunctions.includes(name)));
  const ready = ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const scale = property(site, 'properties', 'functionAppConfig', 'scaleAndConcurrency');
    const kept = listOf(at(scale, 'alwaysReady'));
    const count = kept.reduce<number>((sum, group) => sum + Number(at(group, 'instanceCount') ?? 0), 0);
    const most = Number(at(scale, 'maximumInstanceCount') ?? 0);
    return [
      ...kept
        .map((group) => textOf(at(group, 'name') ?? null))
        .filter((group) => !groups.has(group) && !functions.has(/^function:(.+)$/.exec(group)?.[1] ?? ''))
        .map((group) => `${nameOf(site)} keeps instances ready for ${group}, which there is not`),
      ...(count <= most ? [] : [`${nameOf(site)} keeps ${count} instances ready, and may have ${most}`]),
    ];
  });
  const settings = appSettingsOf(infra).flatMap((config) =>
    Object.keys(isProperties(config.settings) ? config.settings : {})
      .filter((name) => refused.test(name))
      .map((name) => `${config.app}: ${name} is set`),
  );
  return [...ready, ...settings];
}

export const azureRules: readonly Rule[] = [
  {
    name: 'front-door-links',
    says: 'Front Door reaches each gateway by a private link, from a region that has them',
    check: frontDoorLinks,
  },
  {
    name: 'availability-tests',
    says: 'the firewall lets in whoever asks whether the exchange can be reached',
    check: availabilityTests,
  },
  {
    name: 'gateway-zones',
    says: 'a gateway over zones has them from its first day, and a unit in each',
    check: gatewayZones,
  },
  { name: 'combinations', says: 'no part is asked for that another one excludes', check: combinations },
  { name: 'names', says: 'no name is longer than Azure takes', check: names },
  {
    name: 'flex-consumption',
    says: 'instances are kept for functions that are there, and no setting is set that the plan refuses',
    check: flexConsumption,
  },
];
