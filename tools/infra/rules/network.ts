/** Who can reach what, and how. */
import type { PlannedResource } from '../../bicep/evaluate/plan.js';
import { at, textOf } from '../../bicep/evaluate/values.js';
import {
  appSettingsOf,
  type Infrastructure,
  listOf,
  nameOf,
  ofType,
  property,
  propertiesOf,
} from '../infrastructure.js';
import { type Demand, demands, type Rule } from './rule.js';

const holdsPatients = ({ parameters }: Infrastructure): boolean =>
  at(parameters['tags'], 'dataClassification') === 'patient';

/** The Standard tier of Service Bus has no private way in; it is for synthetic data only. */
const isPrivate = (resource: PlannedResource, infra: Infrastructure): boolean =>
  property(resource, 'sku', 'tier') !== 'Standard' || holdsPatients(infra);

/** An app that is its own entrance is for synthetic data only. */
const isBehindGateway = (_: PlannedResource, infra: Infrastructure): boolean =>
  at(infra.parameters['features'], 'entrance') !== 'direct' || holdsPatients(infra);

const hasPrivateTelemetry = (_: PlannedResource, infra: Infrastructure): boolean =>
  at(infra.parameters['features'], 'privateTelemetry') === true;

const off = ['properties', 'publicNetworkAccess'];

const closed: readonly Demand[] = [
  { type: 'Microsoft.Storage/storageAccounts', path: off, values: ['Disabled'] },
  {
    type: 'Microsoft.Storage/storageAccounts',
    path: ['properties', 'networkAcls', 'defaultAction'],
    values: ['Deny'],
  },
  {
    type: 'Microsoft.Storage/storageAccounts',
    path: ['properties', 'allowBlobPublicAccess'],
    values: [false],
  },
  {
    type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
    path: ['properties', 'publicAccess'],
    values: ['None'],
  },
  { type: 'Microsoft.DocumentDB/databaseAccounts', path: off, values: ['Disabled'] },
  { type: 'Microsoft.KeyVault/vaults', path: off, values: ['Disabled', 'disabled'] },
  {
    type: 'Microsoft.KeyVault/vaults',
    path: ['properties', 'networkAcls', 'defaultAction'],
    values: ['Deny'],
  },
  { type: 'Microsoft.ApiManagement/service', path: off, values: ['Disabled'] },
  {
    type: 'Microsoft.ServiceBus/namespaces/networkRuleSets',
    path: ['properties', 'defaultAction'],
    values: ['Deny'],
  },
  {
    type: 'Microsoft.OperationalInsights/workspaces',
    path: ['properties', 'publicNetworkAccessForIngestion'],
    values: ['Disabled'],
    when: hasPrivateTelemetry,
  },
  {
    type: 'Microsoft.Insights/components',
    path: ['properties', 'publicNetworkAccessForIngestion'],
    values: ['Disabled'],
    when: hasPrivateTelemetry,
  },
  { type: 'Microsoft.ServiceBus/namespaces', path: off, values: ['Disabled'], when: isPrivate },
  { type: 'Microsoft.Web/sites', path: off, values: ['Disabled'], when: isBehindGateway },
];

const tls: readonly Demand[] = [
  {
    type: 'Microsoft.Storage/storageAccounts',
    path: ['properties', 'minimumTlsVersion'],
    values: ['TLS1_2', 'TLS1_3'],
  },
  {
    type: 'Microsoft.Storage/storageAccounts',
    path: ['properties', 'supportsHttpsTrafficOnly'],
    values: [true],
  },
  {
    type: 'Microsoft.DocumentDB/databaseAccounts',
    path: ['properties', 'minimalTlsVersion'],
    values: ['Tls12'],
  },
  {
    type: 'Microsoft.ServiceBus/namespaces',
    path: ['properties', 'minimumTlsVersion'],
    values: ['1.2', '1.3'],
  },
  { type: 'Microsoft.Web/sites', path: ['properties', 'httpsOnly'], values: [true] },
  {
    type: 'Microsoft.Web/sites',
    path: ['properties', 'siteConfig', 'minTlsVersion'],
    values: ['1.2', '1.3'],
  },
  {
    type: 'Microsoft.Web/sites',
    path: ['properties', 'siteConfig', 'scmMinTlsVersion'],
    values: ['1.2', '1.3'],
  },
  {
    type: 'Microsoft.Cdn/profiles/customDomains',
    path: ['properties', 'tlsSettings', 'minimumTlsVersion'],
    values: ['TLS12', 'TLS13'],
  },
  {
    type: 'Microsoft.Cdn/profiles/afdEndpoints/routes',
    path: ['properties', 'forwardingProtocol'],
    values: ['HttpsOnly'],
  },
  {
    type: 'Microsoft.Cdn/profiles/originGroups/origins',
    path: ['properties', 'enforceCertificateNameCheck'],
    values: [true],
  },
  { type: 'Microsoft.Web/sites', path: ['properties', 'siteConfig', 'ftpsState'], values: ['Disabled'] },
  { type: 'Microsoft.ApiManagement/service/apis', path: ['properties', 'protocols', '0'], values: ['https'] },
];

/** Routes of Front Door that take plain HTTP, and do not send it on to HTTPS. */
const plainRoutes = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Cdn/profiles/afdEndpoints/routes')
    .filter((route) => listOf(property(route, 'properties', 'supportedProtocols')).includes('Http'))
    .filter((route) => property(route, 'properties', 'httpsRedirect') !== 'Enabled')
    .map((route) => `${nameOf(route)} takes plain HTTP`);

/** Parts of services that need a private endpoint each. */
function privateTargets(infra: Infrastructure): readonly { readonly id: string; readonly group: string }[] {
  const all = (type: string, group: string, when: (resource: PlannedResource) => boolean = () => true) =>
    ofType(infra, type)
      .filter(when)
      .map(({ id }) => ({ id, group }));
  const outer = (id: string) => id.replace(/\/[^/]+\/default$/, '');
  return [
    ...all('Microsoft.Storage/storageAccounts', 'blob'),
    ...all('Microsoft.Storage/storageAccounts/queueServices', 'queue').map((one) => ({
      ...one,
      id: outer(one.id),
    })),
    ...all('Microsoft.Storage/storageAccounts/tableServices', 'table').map((one) => ({
      ...one,
      id: outer(one.id),
    })),
    ...all('Microsoft.DocumentDB/databaseAccounts', 'Sql'),
    ...all('Microsoft.KeyVault/vaults', 'vault'),
    ...all('Microsoft.ServiceBus/namespaces', 'namespace', (one) => isPrivate(one, infra)),
    ...all('Microsoft.Web/sites', 'sites', (one) => isBehindGateway(one, infra)),
  ];
}

function privateEndpoints(infra: Infrastructure): readonly string[] {
  const endpoints = ofType(infra, 'Microsoft.Network/privateEndpoints');
  const zoned = new Set(
    ofType(infra, 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups')
      .filter((group) => listOf(property(group, 'properties', 'privateDnsZoneConfigs')).length > 0)
      .map(({ name }) => name.split('/')[0]),
  );
  return privateTargets(infra).flatMap(({ id, group }) => {
    const endpoint = endpoints.find((one) =>
      listOf(property(one, 'properties', 'privateLinkServiceConnections')).some(
        (connection) =>
          textOf(at(connection, 'properties', 'privateLinkServiceId') ?? null).toLowerCase() ===
            id.toLowerCase() && listOf(at(connection, 'properties', 'groupIds')).includes(group),
      ),
    );
    if (endpoint === undefined) return [`${id} has no private endpoint for ${group}`];
    return zoned.has(endpoint.name) ? [] : [`${nameOf(endpoint)} has no DNS zone`];
  });
}

const regions = new Set(['uksouth', 'ukwest', 'global']);

/** Places where data is, and where it is copied to. */
function ukOnly(infra: Infrastructure): readonly string[] {
  return infra.resources.flatMap((resource) => {
    const copies = [
      ...listOf(property(resource, 'properties', 'locations')),
      ...listOf(property(resource, 'properties', 'geoDataReplication', 'locations')),
      ...listOf(property(resource, 'properties', 'additionalLocations')),
    ].map((copy) => propertiesOf(copy)['locationName'] ?? propertiesOf(copy)['location']);
    const places = [property(resource, 'location'), ...copies].filter((place) => place !== undefined);
    const abroad = places.filter((place) => typeof place === 'string' && !regions.has(place.toLowerCase()));
    return abroad.map((place) => `${nameOf(resource)} is in ${textOf(place)}`);
  });
}

/** Subnets that take traffic have a security group; the app's leaves by the network. */
function subnets(infra: Infrastructure): readonly string[] {
  const guarded = ofType(infra, 'Microsoft.Network/virtualNetworks').flatMap((network) =>
    listOf(property(network, 'properties', 'subnets')).flatMap((subnet) =>
      at(subnet, 'properties', 'networkSecurityGroup', 'id') === undefined
        ? [`subnet ${textOf(at(subnet, 'name') ?? null)} has no security group`]
        : [],
    ),
  );
  const loose = ofType(infra, 'Microsoft.Web/sites').filter(
    (site) => property(site, 'properties', 'virtualNetworkSubnetId') === undefined,
  );
  return [...guarded, ...loose.map((site) => `${nameOf(site)} is in no subnet`)];
}

/** From the internet only through a firewall that refuses, and then a gateway that asks for a token. */
function entrance(infra: Infrastructure): readonly string[] {
  const kind = textOf(at(infra.parameters['features'], 'entrance') ?? null);
  const faults: string[] = [];
  if (kind === 'direct' && holdsPatients(infra)) faults.push('patients, and the app is its own entrance');
  if (kind !== 'direct') faults.push(...gateway(infra));
  else faults.push(...claimedCertificates(infra));
  if (kind === 'internet') {
    const firewalls = ofType(infra, 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies');
    if (firewalls.length === 0) faults.push('there is no web application firewall');
    faults.push(
      ...demands([
        {
          type: 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies',
          path: ['properties', 'policySettings', 'mode'],
          values: ['Prevention'],
        },
        {
          type: 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies',
          path: ['properties', 'policySettings', 'enabledState'],
          values: ['Enabled'],
        },
      ])(infra),
    );
    faults.push(...firewallRules(infra), ...unguarded(infra));
  }
  return faults;
}

/** A firewall without Microsoft's default rules stops countries and rates, and no attack. */
const firewallRules = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies')
    .filter(
      (firewall) =>
        !listOf(property(firewall, 'properties', 'managedRules', 'managedRuleSets')).some(
          (set) =>
            at(set, 'ruleSetType') === 'Microsoft_DefaultRuleSet' && at(set, 'ruleSetAction') === 'Block',
        ),
    )
    .map((firewall) => `${nameOf(firewall)} has no default rules that block`);

/** Names of Front Door, its own and those of the trust, that no firewall stands before. */
function unguarded(infra: Infrastructure): readonly string[] {
  const guarded = new Set(
    ofType(infra, 'Microsoft.Cdn/profiles/securityPolicies')
      .flatMap((policy) => listOf(property(policy, 'properties', 'parameters', 'associations')))
      .flatMap((association) => listOf(at(association, 'domains')))
      .map((domain) => textOf(at(domain, 'id') ?? null).toLowerCase()),
  );
  return [
    ...ofType(infra, 'Microsoft.Cdn/profiles/afdEndpoints'),
    ...ofType(infra, 'Microsoft.Cdn/profiles/customDomains'),
  ]
    .filter(({ id }) => !guarded.has(id.toLowerCase()))
    .map((domain) => `no firewall guards ${nameOf(domain)}`);
}

/** Who could say which certificate they had shown, without a gateway that takes their words away. */
const claimedCertificates = (infra: Infrastructure): readonly string[] =>
  appSettingsOf(infra)
    .filter(({ settings }) => settings['HDE_CLIENT_CERTIFICATE_HEADER'] !== undefined)
    .map(({ app }) => `${app} believes a header that clients can send themselves`);

function gateway(infra: Infrastructure): readonly string[] {
  const policies = ofType(infra, 'Microsoft.ApiManagement/service/apis/policies').map((policy) =>
    textOf(property(policy, 'properties', 'value') ?? null),
  );
  const asked = ['<validate-jwt', '<rate-limit-by-key'];
  const missing = asked.filter((element) => !policies.some((policy) => policy.includes(element)));
  const none = policies.length === 0 ? ['the gateway has no policy'] : [];
  const unlike = appSettingsOf(infra).flatMap(({ app, settings }) => {
    const header = textOf(settings['HDE_CLIENT_CERTIFICATE_HEADER'] ?? null);
    const audience = textOf(settings['HDE_TOKEN_AUDIENCE'] ?? null);
    const deletes = `<set-header name="${header}" exists-action="delete"`;
    return [
      // A client that sends the header itself would be whoever it says.
      ...(policies.every((policy) => policy.includes(deletes))
        ? []
        : [`the gateway leaves ${header} of ${app} alone`]),
      ...(policies.every((policy) => policy.includes(`<audience>${audience}</audience>`))
        ? []
        : [`the gateway takes tokens for others than ${app}`]),
    ];
  });
  return [...none, ...missing.map((element) => `the gateway has no ${element}>`), ...unlike];
}

export const networkRules: readonly Rule[] = [
  {
    name: 'public-access-off',
    says: 'data services are not reached from public networks',
    check: demands(closed),
  },
  {
    name: 'tls',
    says: 'everything speaks TLS 1.2 or later, and nothing else',
    check: (infra) => [...demands(tls)(infra), ...plainRoutes(infra)],
  },
  {
    name: 'private-endpoints',
    says: 'each data service has a private endpoint with a DNS zone',
    check: privateEndpoints,
  },
  { name: 'uk-regions', says: 'everything, and every copy, is in the United Kingdom', check: ukOnly },
  { name: 'subnets', says: 'each subnet has a security group, and the app is in one', check: subnets },
  {
    name: 'entrance',
    says: 'patients are reached through a gateway, from the internet through a firewall too',
    check: entrance,
  },
];
