/** What the gateway and Front Door do with a request, and what they write down of it. */
import { at, textOf, type Value } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { demands, type Rule } from './rule.js';

/** The app decides by certificates that the gateway has seen: without asking, it sees none. */
const certificates = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.ApiManagement/service')
    .filter((gateway) => {
      const names = listOf(property(gateway, 'properties', 'hostnameConfigurations')).filter(
        (one) => at(one, 'type') === 'Proxy',
      );
      return names.length === 0 || names.some((one) => at(one, 'negotiateClientCertificate') !== true);
    })
    .map((gateway) => `${nameOf(gateway)} asks for no client certificate`);

const onlyHttps = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.ApiManagement/service/apis')
    .filter((api) => listOf(property(api, 'properties', 'protocols')).some((one) => one !== 'https'))
    .map((api) => `${nameOf(api)} takes plain HTTP`);

/** Rule sets of Microsoft that the firewall has, and the oldest version of each that is good enough. */
const ruleSets: readonly (readonly [type: string, major: number, minor: number])[] = [
  ['Microsoft_DefaultRuleSet', 2, 1],
  ['Microsoft_BotManagerRuleSet', 1, 1],
];

const outdated = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies').flatMap((firewall) => {
    const sets = listOf(property(firewall, 'properties', 'managedRules', 'managedRuleSets'));
    return ruleSets.flatMap(([type, major, minor]) =>
      sets
        .filter((set) => at(set, 'ruleSetType') === type)
        .map((set) => textOf(at(set, 'ruleSetVersion') ?? null))
        .filter((version) => {
          const [first = 0, second = 0] = version.split('.').map(Number);
          return !(first > major || (first === major && second >= minor));
        })
        .map((version) => `${nameOf(firewall)}: ${type} ${version} is older than ${major}.${minor}`),
    );
  });

/** Conditions of custom rules that block, by what they are about. */
function firewallRules(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies').flatMap((firewall) => {
    const blocking = listOf(property(firewall, 'properties', 'customRules', 'rules')).filter(
      (rule) => at(rule, 'action') === 'Block' && (at(rule, 'enabledState') ?? 'Enabled') === 'Enabled',
    );
    const countries = blocking.some((rule) =>
      listOf(at(rule, 'matchConditions')).some(
        (one) =>
          at(one, 'operator') === 'GeoMatch' &&
          at(one, 'negateCondition') === true &&
          listOf(at(one, 'matchValue')).length > 0,
      ),
    );
    const rates = blocking.some((rule) => at(rule, 'ruleType') === 'RateLimitRule');
    const bots = listOf(property(firewall, 'properties', 'managedRules', 'managedRuleSets')).some(
      (set) => at(set, 'ruleSetType') === 'Microsoft_BotManagerRuleSet',
    );
    const blind = listOf(property(firewall, 'properties', 'managedRules', 'managedRuleSets'))
      .flatMap((set) => listOf(at(set, 'exclusions')))
      .filter((one) => at(one, 'selectorMatchOperator') === 'EqualsAny' || at(one, 'selector') === '*');
    return [
      ...blind.map(() => `${nameOf(firewall)} looks away from everything of a kind`),
      ...(countries ? [] : [`${nameOf(firewall)} lets every country in`]),
      ...(rates ? [] : [`${nameOf(firewall)} counts no requests`]),
      ...(bots ? [] : [`${nameOf(firewall)} knows no bots`]),
      ...(property(firewall, 'properties', 'policySettings', 'requestBodyCheck') === 'Enabled'
        ? []
        : [`${nameOf(firewall)} looks into no body`]),
    ];
  });
}

/** Answers are records: a copy at the edge would outlive the right to see them. */
const uncached = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Cdn/profiles/afdEndpoints/routes')
    .filter((route) => (property(route, 'properties', 'cacheConfiguration') ?? null) !== null)
    .map((route) => `${nameOf(route)} keeps copies of answers`);

/** Names that lead nowhere, and an endpoint that is off. */
function unrouted(infra: Infrastructure): readonly string[] {
  const routed = ofType(infra, 'Microsoft.Cdn/profiles/afdEndpoints/routes')
    .flatMap((route) => listOf(property(route, 'properties', 'customDomains')))
    .map((domain) => textOf(at(domain, 'id') ?? null).toLowerCase());
  return [
    ...ofType(infra, 'Microsoft.Cdn/profiles/customDomains')
      .filter(({ id }) => !routed.includes(id.toLowerCase()))
      .map((domain) => `no route leads from ${nameOf(domain)}`),
    ...demands([
      {
        type: 'Microsoft.Cdn/profiles/afdEndpoints',
        path: ['properties', 'enabledState'],
        values: ['Enabled'],
      },
    ])(infra),
  ];
}

const probes = demands([
  {
    type: 'Microsoft.Cdn/profiles/originGroups',
    path: ['properties', 'healthProbeSettings', 'probeProtocol'],
    values: ['Https'],
  },
]);

/** Addresses hold NHS numbers and what was searched: their rules of scrubbing, by the service that has them. */
const scrubbed: readonly (readonly [string, readonly string[]])[] = [
  ['Microsoft.Cdn/profiles', ['properties', 'logScrubbing']],
  [
    'Microsoft.Network/FrontDoorWebApplicationFirewallPolicies',
    ['properties', 'policySettings', 'logScrubbing'],
  ],
];

const isScrubbed = (settings: Value | undefined, variable: string): boolean =>
  at(settings, 'state') === 'Enabled' &&
  listOf(at(settings, 'scrubbingRules')).some(
    (rule) => at(rule, 'matchVariable') === variable && at(rule, 'state') === 'Enabled',
  );

function queriesHidden(infra: Infrastructure): readonly string[] {
  const atTheEdge = scrubbed.flatMap(([type, path]) =>
    ofType(infra, type).flatMap((resource) =>
      ['RequestUri', 'QueryStringArgNames']
        .filter((variable) => !isScrubbed(property(resource, ...path), variable))
        .map((variable) => `${nameOf(resource)} writes down ${variable}`),
    ),
  );
  const atTheGateway = ofType(infra, 'Microsoft.ApiManagement/service/diagnostics').flatMap((diagnostic) =>
    ['frontend', 'backend']
      .filter((side) => {
        const masks = property(diagnostic, 'properties', side, 'request', 'dataMasking', 'queryParams');
        return !listOf(masks).some((mask) => at(mask, 'value') === '*' && at(mask, 'mode') === 'Hide');
      })
      .map((side) => `${nameOf(diagnostic)} writes down values of queries (${side})`),
  );
  return [...atTheEdge, ...atTheGateway];
}

/** What the availability test asks, and that the alert over it can come at all. */
function tests(infra: Infrastructure): readonly string[] {
  const all = ofType(infra, 'Microsoft.Insights/webtests');
  const alerts = ofType(infra, 'Microsoft.Insights/metricAlerts').map((alert) =>
    property(alert, 'properties', 'criteria'),
  );
  return all.flatMap((test) => {
    const url = textOf(property(test, 'properties', 'Request', 'RequestUrl') ?? null);
    const places = listOf(property(test, 'properties', 'Locations')).length;
    const alert = alerts.find((one) => textOf(at(one, 'webTestId') ?? null) === test.id);
    const failed = Number(at(alert, 'failedLocationCount') ?? 0);
    return [
      ...(property(test, 'properties', 'Enabled') === true ? [] : [`${nameOf(test)} is off`]),
      ...(/^https:\/\/.+\/health\/ready$/.test(url) ? [] : [`${nameOf(test)} asks for ${url}`]),
      ...(alert !== undefined && failed >= 1 && failed <= places
        ? []
        : [`no alert comes of ${nameOf(test)}: ${failed} of ${places} places`]),
    ];
  });
}

export const frontRules: readonly Rule[] = [
  {
    name: 'client-certificates',
    says: 'the gateway asks clients for their certificates, over HTTPS only',
    check: (infra) => [...certificates(infra), ...onlyHttps(infra)],
  },
  {
    name: 'firewall-rules',
    says: 'the firewall looks into bodies, and stops other countries, floods and bots',
    check: (infra) => [...firewallRules(infra), ...outdated(infra)],
  },
  {
    name: 'edge',
    says: 'the edge leads every name of the exchange on, keeps no answers, and asks for health over HTTPS',
    check: (infra) => [...uncached(infra), ...unrouted(infra), ...probes(infra)],
  },
  {
    name: 'queries-hidden',
    says: 'neither Front Door nor the gateway writes down addresses or values of queries',
    check: queriesHidden,
  },
  {
    name: 'health-asked',
    says: 'the health of the exchange is asked from outside, and an alert comes of it',
    check: tests,
  },
];
