/** Ways past what is closed, and settings whose other value would compile, deploy, and harm. */
import { at, isProperties, textOf } from '../../bicep/evaluate/values.js';
import { appSettingsOf, type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { demands, type Demand, type Rule } from './rule.js';

const hasPrivateTelemetry: Demand['when'] = (_, infra) =>
  at(infra.parameters['features'], 'privateTelemetry') === true;

const demand = (
  type: string,
  path: string,
  values: Demand['values'],
  when?: NonNullable<Demand['when']>,
): Demand => ({ type, path: path.split('.'), values, ...(when === undefined ? {} : { when }) });

const storage = 'Microsoft.Storage/storageAccounts';
const cosmos = 'Microsoft.DocumentDB/databaseAccounts';
const bus = 'Microsoft.ServiceBus/namespaces';
const vault = 'Microsoft.KeyVault/vaults';

/** Copies to accounts of others, services of Azure that are trusted, and protocols beside the one in use. */
const sideDoors: readonly Demand[] = [
  demand(storage, 'properties.allowCrossTenantReplication', [false]),
  demand(storage, 'properties.allowedCopyScope', ['PrivateLink']),
  demand(storage, 'properties.networkAcls.bypass', ['None']),
  demand(storage, 'properties.isSftpEnabled', [false]),
  demand(cosmos, 'properties.networkAclBypass', ['None']),
  demand(`${bus}/networkRuleSets`, 'properties.trustedServiceAccessEnabled', [false]),
  demand(vault, 'properties.enabledForDeployment', [false]),
  demand(vault, 'properties.enabledForDiskEncryption', [false]),
  demand(vault, 'properties.enabledForTemplateDeployment', [false]),
  demand(
    'Microsoft.Insights/privateLinkScopes',
    'properties.accessModeSettings.ingestionAccessMode',
    ['PrivateOnly'],
    hasPrivateTelemetry,
  ),
];

/** What the store of records rests on: tags of one region decide, and a session reads what it wrote. */
const oneWriter: readonly Demand[] = [
  demand(cosmos, 'properties.enableMultipleWriteLocations', [false]),
  demand(cosmos, 'properties.consistencyPolicy.defaultConsistencyLevel', [
    ...['Session', 'BoundedStaleness', 'Strong'],
  ]),
  demand(bus, 'properties.geoDataReplication.maxReplicationLagDurationInSeconds', [0], (namespace) =>
    isProperties(property(namespace, 'properties', 'geoDataReplication')),
  ),
];

/** Telemetry is sent, and secrets are read, as the app: without saying so both are asked for as nobody. */
const asTheApp = (infra: Infrastructure): readonly string[] => [
  ...ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const users = property(site, 'identity', 'userAssignedIdentities');
    const [identity] = isProperties(users) ? Object.keys(users) : [];
    const reader = property(site, 'properties', 'keyVaultReferenceIdentity');
    return identity !== undefined && textOf(reader ?? null) === identity
      ? []
      : [`${nameOf(site)} reads its secrets as ${textOf(reader ?? null) || 'nobody'}`];
  }),
  ...appSettingsOf(infra).flatMap(({ app, settings }) => {
    const authentication = textOf(settings['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? null);
    const client = textOf(settings['AzureWebJobsStorage__clientId'] ?? null);
    return authentication === `ClientId=${client};Authorization=AAD`
      ? []
      : [`${app} sends telemetry that is not taken: ${authentication || 'as nobody'}`];
  }),
];

/** Telemetry that comes in over a private link only is lost where the link does not lead to it. */
function telemetryLinked(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['features'], 'privateTelemetry') !== true) return [];
  const linked = new Set(
    ofType(infra, 'Microsoft.Insights/privateLinkScopes/scopedResources').map((one) =>
      textOf(property(one, 'properties', 'linkedResourceId') ?? null).toLowerCase(),
    ),
  );
  return ['Microsoft.OperationalInsights/workspaces', 'Microsoft.Insights/components']
    .flatMap((type) => ofType(infra, type))
    .filter(({ id }) => !linked.has(id.toLowerCase()))
    .map((resource) => `${nameOf(resource)} is in no private link scope`);
}

/** A parameter file that is named otherwise overwrites another deployment; production is checked as one with patients. */
function ofItsEnvironment(infra: Infrastructure): readonly string[] {
  const { environment, parameters } = infra;
  const told = [
    ['environment', textOf(parameters['environment'] ?? null)],
    ['tags.environment', textOf(at(parameters['tags'], 'environment') ?? null)],
  ].filter(([, value]) => value !== environment);
  const classified = textOf(at(parameters['tags'], 'dataClassification') ?? null);
  return [
    ...told.map(([name, value]) => `${name ?? ''} is ${value ?? ''}`),
    ...(environment === 'prod'
      ? [...infra.parameterText.matchAll(/environments\/(?!prod\/)(\w+)\//g)].map(
          ([, other = '']) => `feeds or access policy of ${other}`,
        )
      : []),
    ...(environment === 'prod' && classified !== 'patient'
      ? [`production is checked as if it held ${classified} data`]
      : []),
    ...(environment === 'prod' && Number(at(parameters['sizes'], 'dailyLogGigabytes') ?? 0) !== -1
      ? ['logs stop when a day has many: whoever attacks could silence them']
      : []),
  ];
}

/** What every deployment would make anew: another identity secret, and with it other patient keys for all people. */
const once = [/vaults\/secrets@/, /^infra\/modules\/[\w-]+-first\.bicep$/];

function madeOnce({ templates, parameterText }: Infrastructure): readonly string[] {
  const again = [...templates].flatMap(([file, text]) =>
    [...text.matchAll(/(@onlyIfNotExists\(\)\n)?resource (\w+) '([^']+)' = /g)]
      .filter(
        ([, guard, , type = '']) =>
          guard === undefined && once.some((one) => one.test(type) || one.test(file)),
      )
      .map(([, , symbol = '']) => `${file}: ${symbol} is written by every deployment`),
  );
  const written = /^param identitySecret\b/m.test(parameterText)
    ? ['the identity secret stands in the parameter file']
    : [];
  return [...again, ...written];
}

/** Ranges of addresses of the two regions: networks that overlap cannot both be joined to a hub. */
function addressSpaces(infra: Infrastructure): readonly string[] {
  const ranges = ofType(infra, 'Microsoft.Network/virtualNetworks').flatMap((network) =>
    listOf(property(network, 'properties', 'addressSpace', 'addressPrefixes')).map((prefix) => ({
      name: nameOf(network),
      ...rangeOf(textOf(prefix)),
    })),
  );
  return ranges.flatMap((one, index) =>
    ranges
      .slice(index + 1)
      .filter((other) => one.start < other.end && other.start < one.end)
      .map((other) => `${one.name} and ${other.name} have addresses in common`),
  );
}

function rangeOf(cidr: string): { readonly start: number; readonly end: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const start = Math.floor(value / size) * size;
  return { start, end: start + size };
}

export const doorRules: readonly Rule[] = [
  {
    name: 'side-doors',
    says: 'no copy to others, no trusted service and no second protocol leads past what is closed',
    check: demands(sideDoors),
  },
  {
    name: 'one-writer',
    says: 'records have one writer and are read as written; an accepted message is in both regions',
    check: demands(oneWriter),
  },
  { name: 'as-the-app', says: 'secrets are read and telemetry is sent as the app', check: asTheApp },
  {
    name: 'telemetry-linked',
    says: 'where telemetry takes a private link, the link leads to it',
    check: telemetryLinked,
  },
  {
    name: 'environment',
    says: 'a parameter file is of its environment; production holds patients, and its logs never stop',
    check: ofItsEnvironment,
  },
  {
    name: 'made-once',
    says: 'the identity secret, and what is made before its final form, is written by the first deployment only',
    check: madeOnce,
  },
  {
    name: 'address-spaces',
    says: 'networks of the regions have no addresses in common',
    check: addressSpaces,
  },
];
