/** Secrets come by identity, or from Key Vault: settings that hold one themselves are refused. */

type Environment = Readonly<Record<string, string | undefined>>;

/** Connections that have a managed identity in Azure, and the setting of its address. */
const connections = {
  HDE_COSMOS: 'HDE_COSMOS__accountEndpoint',
  HDE_SERVICEBUS: 'HDE_SERVICEBUS__fullyQualifiedNamespace',
  HDE_STORAGE: 'HDE_STORAGE__blobServiceUri',
  AzureWebJobsStorage: 'AzureWebJobsStorage__accountName',
} as const;

/**
 * By which other names the host of Azure Functions finds a connection, without regard to case: triggers would use the key
 * although we do not.
 */
const spellings =
  /^(?:AzureWebJobs|ConnectionStrings(?:__|:)|(?:CUSTOM|SERVICEBUS|SQL|SQLAZURE|DOCDB)CONNSTR_)/i;

function connectionOf(name: string): keyof typeof connections | undefined {
  const known = Object.keys(connections) as (keyof typeof connections)[];
  const isName = (each: string) => (connection: string) => connection.toLowerCase() === each.toLowerCase();
  return known.find(isName(name)) ?? known.find(isName(name.replace(spellings, '')));
}

/** What the platform leaves in place of a secret that it could not fetch (App Service, Key Vault references). */
const unresolved = /^\s*@Microsoft\.(KeyVault|AppConfiguration)\(/i;

/**
 * What is wrong with the secrets of an environment, without any of their values. Connection strings hold keys that open
 * everything and never expire: the local stack alone has such, and says so by `HDE_ALLOW_KEYS`.
 */
export function faultsOfSecrets(environment: Environment): string[] {
  const faults = Object.entries(environment)
    .filter(([name, value]) => name.startsWith('HDE_') && unresolved.test(value ?? ''))
    .map(([name]) => `${name}: the reference to Key Vault was not resolved`);
  const allowsKeys = environment['HDE_ALLOW_KEYS'] === 'true';
  // App Service sets this one wherever it runs an app.
  if (allowsKeys && (environment['WEBSITE_SITE_NAME'] ?? '') !== '')
    return [...faults, 'HDE_ALLOW_KEYS: is for the local stack, never for Azure'];
  if (allowsKeys) return faults;
  const keyed = Object.entries(environment).flatMap(([name, value = '']) => {
    const connection = value === '' ? undefined : connectionOf(name);
    return connection === undefined
      ? []
      : `${name}: is a connection string, which holds a key: set ${connections[connection]} in Azure`;
  });
  return [...faults, ...keyed];
}
