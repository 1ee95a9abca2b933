/** What the gateway demands of a request before it passes it on, and what it writes down of it. */
import { textOf } from '../../bicep/evaluate/values.js';
import { appSettingsOf, type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import type { Rule } from './rule.js';

/** The texts of the gateway's policies, without their comments. */
const policiesOf = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.ApiManagement/service/apis/policies').map((policy) =>
    textOf(property(policy, 'properties', 'value') ?? null).replaceAll(/<!--[^]*?-->/g, ''),
  );

/** Without an audience any token of the tenant is taken, without an issuer none or everybody's. */
function tokenChecks(infra: Infrastructure): readonly string[] {
  return policiesOf(infra).flatMap((policy) => {
    const checks = [...policy.matchAll(/<validate-jwt\b[^]*?<\/validate-jwt>/g)].map(([text]) => text);
    return checks.flatMap((check) => [
      ...(/<audience>[^<]+<\/audience>/.test(check) ? [] : ['the gateway takes tokens for any audience']),
      ...(/<openid-config url="https:[^"]+" \/>/.test(check)
        ? []
        : ['the gateway takes tokens of any issuer']),
    ]);
  });
}

/** Tokens of version 1 of Entra ID name the application otherwise (https://learn.microsoft.com/entra/identity-platform/access-tokens). */
const isOldEntra = (address: string): boolean =>
  /\bsts\.windows\.net\b/.test(address) ||
  (/\blogin\.microsoftonline\.com\b/.test(address) && !/\/v2\.0(?:\/|$)/.test(address));

function tokenVersions(infra: Infrastructure): readonly string[] {
  const ofApps = appSettingsOf(infra).flatMap(({ app, settings }) =>
    ['HDE_TOKEN_ISSUER', 'HDE_TOKEN_JWKS_URI', 'HDE_TOKEN_ISSUERS'].flatMap((name) =>
      isOldEntra(textOf(settings[name] ?? null)) ? [`${app}: ${name} is of version 1 of Entra ID`] : [],
    ),
  );
  const ofGateways = policiesOf(infra).flatMap((policy) =>
    [...policy.matchAll(/<openid-config url="([^"]*)"/g)]
      .map(([, url = '']) => url)
      .filter(isOldEntra)
      .map((url) => `the gateway asks version 1 of Entra ID: ${url}`),
  );
  return [...ofApps, ...ofGateways];
}

/** One count of all clients would let one of them use up what is for the others. */
const counts = (infra: Infrastructure): readonly string[] =>
  policiesOf(infra).flatMap((policy) => {
    const keyed = [...policy.matchAll(/<rate-limit-by-key\b[^>]*?counter-key='@\(([^']*)\)'/g)];
    const byToken = /<set-variable name="client" value='@\([^']*\bSubject\b[^']*' \/>/.test(policy);
    const isKeyed = keyed.length > 0 && keyed.every(([, key = '']) => key.includes('Variables["client"]'));
    return isKeyed && byToken ? [] : ['the gateway counts requests of all clients as those of one'];
  });

/** The app has no public way in: a gateway outside its network finds nothing. */
const integrated = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.ApiManagement/service')
    .filter(
      (gateway) =>
        property(gateway, 'properties', 'virtualNetworkType') !== 'External' ||
        textOf(property(gateway, 'properties', 'virtualNetworkConfiguration', 'subnetResourceId') ?? null) ===
          '',
    )
    .map((gateway) => `${nameOf(gateway)} is integrated in no network`);

/** Statements of a policy that write something down, and what a body is called in its expressions. */
const writing = /<(?:log-to-eventhub|trace|emit-metric|send-request|send-one-way-request)\b/;
const reading = /\bcontext\.(?:Request|Response)\.Body\b/;

/** Bodies and headers of requests hold patients. */
function noBodies(infra: Infrastructure): readonly string[] {
  const written = policiesOf(infra).flatMap((policy) => [
    ...(writing.test(policy) ? ['the policy of the gateway writes down, or sends on, what it sees'] : []),
    ...(reading.test(policy) ? ['the policy of the gateway reads bodies'] : []),
  ]);
  const logged = ofType(infra, 'Microsoft.ApiManagement/service/diagnostics').flatMap((diagnostic) =>
    ['frontend', 'backend'].flatMap((side) =>
      ['request', 'response'].flatMap((direction) => {
        const bytes = property(diagnostic, 'properties', side, direction, 'body', 'bytes');
        const headers = listOf(property(diagnostic, 'properties', side, direction, 'headers'));
        return [
          ...(bytes === 0 ? [] : [`${nameOf(diagnostic)} logs bodies of ${direction}s (${side})`]),
          ...(headers.length === 0 ? [] : [`${nameOf(diagnostic)} logs headers of ${direction}s (${side})`]),
        ];
      }),
    ),
  );
  return [...written, ...logged];
}

export const gatewayRules: readonly Rule[] = [
  {
    name: 'tokens-checked',
    says: 'the gateway takes tokens of named issuers for the exchange only, of Entra ID those of version 2',
    check: (infra) => [...tokenChecks(infra), ...tokenVersions(infra)],
  },
  { name: 'clients-counted', says: 'the gateway counts the requests of each client', check: counts },
  { name: 'gateway-network', says: 'the gateway is in the network of the app', check: integrated },
  { name: 'no-bodies-logged', says: 'the gateway logs neither bodies nor headers', check: noBodies },
];
