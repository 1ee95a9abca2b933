/** Ways through the network: who may come to a subnet, and how names lead to private endpoints. */
import { at, textOf, type Value } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import type { Rule } from './rule.js';

const anybody = new Set(['*', 'Internet', '0.0.0.0/0', 'Any']);

/** Who a rule is for: one prefix, or several. */
const sourcesOf = (rule: Value): readonly string[] => [
  textOf(at(rule, 'sourceAddressPrefix') ?? null),
  ...listOf(at(rule, 'sourceAddressPrefixes')).map(textOf),
];

/** Each security group ends with a rule that denies, and lets nobody in from everywhere. */
function securityRules(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Network/networkSecurityGroups').flatMap((group) => {
    const inbound = listOf(property(group, 'properties', 'securityRules'))
      .map((rule): Value => at(rule, 'properties') ?? null)
      .filter((rule) => at(rule, 'direction') === 'Inbound');
    const priorityOf = (rule: Value): number => Number(at(rule, 'priority'));
    const denied = inbound.find(
      (rule) =>
        at(rule, 'access') === 'Deny' &&
        at(rule, 'sourceAddressPrefix') === '*' &&
        at(rule, 'destinationPortRange') === '*' &&
        at(rule, 'protocol') === '*',
    );
    const allowed = inbound.filter((rule) => at(rule, 'access') === 'Allow');
    const open = allowed.filter((rule) => sourcesOf(rule).some((source) => anybody.has(source)));
    const unreached = allowed.filter(
      (rule) => denied !== undefined && priorityOf(rule) >= priorityOf(denied),
    );
    return [
      ...(denied === undefined ? [`${nameOf(group)} denies nothing`] : []),
      ...open.map(() => `${nameOf(group)} lets anybody in`),
      ...unreached.map((rule) => `${nameOf(group)}: a rule of priority ${priorityOf(rule)} comes too late`),
    ];
  });
}

/** Delegations by what is in a subnet: Flex Consumption has another than the older plans. */
function subnetsInUse(infra: Infrastructure): readonly string[] {
  const subnets = ofType(infra, 'Microsoft.Network/virtualNetworks').flatMap((network) =>
    listOf(property(network, 'properties', 'subnets')).map((subnet, index) => ({
      // As an output of the network names it, before Azure has given it an id.
      id: `{${network.id}.properties.subnets.${index}.id}`.toLowerCase(),
      name: `subnet ${textOf(at(subnet, 'name') ?? null)} of ${nameOf(network)}`,
      delegation: at(subnet, 'properties', 'delegations', 0, 'properties', 'serviceName'),
      policies: at(subnet, 'properties', 'privateEndpointNetworkPolicies'),
      outgoing: at(subnet, 'properties', 'natGateway', 'id'),
    })),
  );
  const unruled = subnets
    .filter(({ policies }) => policies !== 'NetworkSecurityGroupEnabled' && policies !== 'Enabled')
    .map(({ name }) => `${name}: rules do not hold for its private endpoints`);
  const delegationOf = (id: Value | undefined) =>
    subnets.find((subnet) => subnet.id === textOf(id ?? null).toLowerCase())?.delegation;
  const misplaced = [
    ...ofType(infra, 'Microsoft.Web/sites').map((site) => ({
      resource: site,
      subnet: property(site, 'properties', 'virtualNetworkSubnetId'),
      delegation: 'Microsoft.App/environments',
    })),
    ...ofType(infra, 'Microsoft.ApiManagement/service').map((gateway) => ({
      resource: gateway,
      subnet: property(gateway, 'properties', 'virtualNetworkConfiguration', 'subnetResourceId'),
      delegation: 'Microsoft.Web/serverFarms',
    })),
    ...ofType(infra, 'Microsoft.Network/privateEndpoints').map((endpoint) => ({
      resource: endpoint,
      subnet: property(endpoint, 'properties', 'subnet', 'id'),
      delegation: undefined,
    })),
  ]
    .filter(({ subnet, delegation }) => delegationOf(subnet) !== delegation)
    .map(
      ({ resource, delegation }) =>
        `${nameOf(resource)} is in no subnet that is delegated to ${delegation ?? 'nobody'}`,
    );
  const hasFixedAddress = at(infra.parameters['features'], 'fixedEgressAddress') === true;
  const unnamed = subnets
    .filter(
      ({ delegation, outgoing }) => hasFixedAddress && delegation !== undefined && outgoing === undefined,
    )
    .map(({ name }) => `${name}: what goes out has no fixed address`);
  return [...unruled, ...misplaced, ...unnamed];
}

/** Zones by the part of a service (https://learn.microsoft.com/azure/private-link/private-endpoint-dns). */
const zonesOf: Readonly<Record<string, RegExp>> = {
  blob: /\/privatelink\.blob\./,
  blob_secondary: /\/privatelink\.blob\./,
  queue: /\/privatelink\.queue\./,
  table: /\/privatelink\.table\./,
  Sql: /\/privatelink\.documents\.azure\.com$/,
  vault: /\/privatelink\.vaultcore\.azure\.net$/,
  namespace: /\/privatelink\.servicebus\.windows\.net$/,
  sites: /\/privatelink\.azurewebsites\.net$/,
  Gateway: /\/privatelink\.azure-api\.net$/,
  azuremonitor: /\/privatelink\.monitor\.azure\.com$/,
};

const endpointsOf = (infra: Infrastructure) =>
  ofType(infra, 'Microsoft.Network/privateEndpoints').map((endpoint) => {
    const connection = property(endpoint, 'properties', 'privateLinkServiceConnections', 0, 'properties');
    return {
      endpoint,
      part: textOf(at(connection, 'groupIds', 0) ?? null),
      service: textOf(at(connection, 'privateLinkServiceId') ?? null).toLowerCase(),
      subnet: textOf(property(endpoint, 'properties', 'subnet', 'id') ?? null).toLowerCase(),
    };
  });

/** An address in the wrong zone is found by nobody: names then lead to the public address. */
function zoneNames(infra: Infrastructure): readonly string[] {
  const groups = ofType(infra, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
  return endpointsOf(infra).flatMap(({ endpoint, part }) => {
    const group = groups.find(({ id }) => id.toLowerCase().startsWith(`${endpoint.id.toLowerCase()}/`));
    const zones = listOf(group && property(group, 'properties', 'privateDnsZoneConfigs')).map((one) =>
      textOf(at(one, 'properties', 'privateDnsZoneId') ?? null),
    );
    const wanted = zonesOf[part];
    if (wanted === undefined) return [`${nameOf(endpoint)} is for ${part}, which no zone is known for`];
    return zones.some((zone) => wanted.test(zone)) ? [] : [`${nameOf(endpoint)} is in the wrong DNS zone`];
  });
}

/** A zone that a network does not see leads to public addresses; one that takes names of machines takes only those. */
function zonesSeen(infra: Infrastructure): readonly string[] {
  const links = ofType(infra, 'Microsoft.Network/privateDnsZones/virtualNetworkLinks');
  const networks = ofType(infra, 'Microsoft.Network/virtualNetworks');
  return ofType(infra, 'Microsoft.Network/privateDnsZones').flatMap((zone) => {
    const own = links.filter(({ id }) => id.toLowerCase().startsWith(`${zone.id.toLowerCase()}/`));
    const here = networks.filter(({ scope }) => scope.toLowerCase() === zone.scope.toLowerCase());
    const seen = here.some(({ id }) =>
      own.some(
        (link) =>
          textOf(property(link, 'properties', 'virtualNetwork', 'id') ?? null).toLowerCase() ===
            id.toLowerCase() && property(link, 'properties', 'registrationEnabled') === false,
      ),
    );
    return seen ? [] : [`no network of its region sees ${nameOf(zone)}`];
  });
}

/** Each region's network has a way of its own to the data: else the second one is cut off with the first. */
function waysToData(infra: Infrastructure): readonly string[] {
  const endpoints = endpointsOf(infra);
  const data = [
    ...ofType(infra, 'Microsoft.DocumentDB/databaseAccounts'),
    ...ofType(infra, 'Microsoft.KeyVault/vaults'),
    ...ofType(infra, 'Microsoft.ServiceBus/namespaces').filter(
      (namespace) => property(namespace, 'sku', 'tier') === 'Premium',
    ),
    ...ofType(infra, 'Microsoft.Storage/storageAccounts').filter(({ name }) => name.includes('data')),
  ];
  return ofType(infra, 'Microsoft.Network/virtualNetworks').flatMap((network) =>
    data
      .filter(
        ({ id }) =>
          !endpoints.some(
            ({ service, subnet }) =>
              service === id.toLowerCase() && subnet.startsWith(`{${network.id.toLowerCase()}.`),
          ),
      )
      .map((service) => `${nameOf(network)} has no private endpoint of ${nameOf(service)}`),
  );
}

/** The gateway is reached by partners over a private endpoint. */
function gatewayEndpoint(infra: Infrastructure): readonly string[] {
  const endpoints = endpointsOf(infra);
  return ofType(infra, 'Microsoft.ApiManagement/service')
    .filter(
      ({ id }) => !endpoints.some(({ part, service }) => part === 'Gateway' && service === id.toLowerCase()),
    )
    .map((gateway) => `${nameOf(gateway)} has no private endpoint`);
}

export const pathRules: readonly Rule[] = [
  {
    name: 'security-groups',
    says: 'each security group denies what it does not name, and lets in nobody from everywhere',
    check: securityRules,
  },
  {
    name: 'subnets-in-use',
    says: 'security rules hold for private endpoints too; app, gateway and endpoints are in subnets for them',
    check: subnetsInUse,
  },
  {
    name: 'dns-zones',
    says: 'the address of each private endpoint is in the zone of its service, which its network sees',
    check: (infra) => [...zoneNames(infra), ...zonesSeen(infra)],
  },
  {
    name: 'ways-to-data',
    says: 'the network of each region has a private endpoint of each data service',
    check: (infra) => [...waysToData(infra), ...gatewayEndpoint(infra)],
  },
];
