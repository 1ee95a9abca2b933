/** Functions that answer from the deployment itself: its scope, its cloud, its ids. */
import { isProperties, Later, textOf, type Properties, type Value } from './values.js';

/** Where a template is deployed: a subscription, or a resource group of it. */
export interface Scope {
  readonly subscription: string;
  readonly resourceGroup: string | undefined;
  readonly location: string;
}

const tenantId = '00000000-0000-0000-0000-00000000dddd';

export const scopeId = ({ subscription, resourceGroup }: Scope): string =>
  `/subscriptions/${subscription}${resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`}`;

/** `a/b/c` and names `x/y` make `a/b/x/c/y`. */
export function typedPath(type: string, names: readonly string[]): string {
  const [provider = '', ...types] = type.split('/');
  return [provider, ...types.flatMap((part, index) => [part, names[index] ?? ''])].join('/');
}

const cloud: Properties = {
  name: 'AzureCloud',
  resourceManager: 'https://management.azure.com/',
  suffixes: {
    storage: 'core.windows.net',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    acrLoginServer: '.azurecr.io',
  },
  authentication: {
    loginEndpoint: 'https://login.microsoftonline.com/',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
  },
};

const groupOf = (scope: Scope, name: Value | undefined): Properties => {
  const group = name === undefined ? (scope.resourceGroup ?? '') : textOf(name);
  return { id: scopeId({ ...scope, resourceGroup: group }), name: group, location: scope.location, tags: {} };
};

/** Ids before the type name a scope: `resourceId('group', 'type', 'name')`. */
function resourceId(scope: Scope, args: readonly Value[]): string {
  const texts = args.map(textOf);
  const type = texts.findIndex((part) => part.includes('/') && !part.startsWith('/'));
  const [group, subscription] = texts.slice(0, type).reverse();
  const base = scopeId({
    ...scope,
    resourceGroup: group ?? scope.resourceGroup,
    subscription: subscription ?? scope.subscription,
  });
  return `${base}/providers/${typedPath(texts[type] ?? '', texts.slice(type + 1))}`;
}

function listed(scope: Scope, name: string, args: readonly Value[]): Value | undefined {
  const [first, ...others] = args.map(textOf);
  switch (name) {
    case 'resourceId':
      return resourceId(scope, args);
    case 'subscriptionResourceId':
      return resourceId({ ...scope, resourceGroup: undefined }, args);
    case 'tenantResourceId':
      return `/providers/${typedPath(first ?? '', others)}`;
    case 'extensionResourceId':
      return `${first ?? ''}/providers/${typedPath(others[0] ?? '', others.slice(1))}`;
    default:
      return undefined;
  }
}

/** The value of such a function; undefined for a name that is none of them. */
export function deploymentFunction(scope: Scope, name: string, args: readonly Value[]): Value | undefined {
  switch (name) {
    case 'subscription':
      return {
        id: `/subscriptions/${scope.subscription}`,
        subscriptionId: scope.subscription,
        tenantId,
        displayName: 'subscription',
      };
    case 'resourceGroup':
      return groupOf(scope, args.at(-1));
    case 'tenant':
      return { tenantId };
    case 'environment':
      return cloud;
    case 'deployment':
      return { name: 'main', location: scope.location };
    case 'deployer':
      return { tenantId, objectId: new Later('deployer().objectId') };
    case 'reference':
    case 'getSecret':
      return new Later(`${name}(${args.map(textOf).join(', ')})`);
    default:
      // listKeys, listAccountSas and so on: secrets that only Azure gives, which the rules of infra look for.
      return name.startsWith('list') ? new Later(`${name}(...)`) : listed(scope, name, args);
  }
}

/** The scope that `scope:` of a module names: a resource group, or the same one. */
export function scopeOf(value: Value | undefined, outer: Scope): Scope {
  if (!isProperties(value)) return outer;
  const name = value['name'];
  const isGroup = typeof value['id'] === 'string' && value['id'].toLowerCase().includes('/resourcegroups/');
  return isGroup && typeof name === 'string' ? { ...outer, resourceGroup: name } : outer;
}
