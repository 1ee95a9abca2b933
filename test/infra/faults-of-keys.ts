/** Faults in who may do what: keys, roles and secrets. */
import type { Fault } from './faults.js';

const modules = 'infra/modules';

export const keyFaults: readonly Fault[] = [
  {
    rule: 'keyless',
    what: 'keys of a storage account',
    file: `${modules}/storage-account.bicep`,
    from: 'allowSharedKeyAccess: false',
    to: 'allowSharedKeyAccess: true',
  },
  {
    rule: 'keyless',
    what: 'keys of Cosmos DB',
    file: `${modules}/cosmos.bicep`,
    from: 'disableLocalAuth: true',
    to: 'disableLocalAuth: false',
  },
  {
    rule: 'keyless',
    what: 'a property of Service Bus that is left out',
    file: `${modules}/service-bus.bicep`,
    from: 'disableLocalAuth: true',
    to: '',
  },
  {
    rule: 'no-keys',
    what: 'a template that asks for keys',
    file: `${modules}/service-bus.bicep`,
    from: 'output id string = namespace.id',
    to: 'output id string = listKeys(namespace.id, namespace.apiVersion).primaryConnectionString',
  },
  {
    rule: 'no-keys',
    what: 'a connection string in a setting',
    file: 'infra/main.prod.bicepparam',
    from: "HDE_TOKEN_AUDIENCE: 'api://hde'",
    to: "HDE_TOKEN_AUDIENCE: 'Endpoint=sb://a/;SharedAccessKey=b'",
  },
  {
    rule: 'least-privilege',
    what: 'a workload that is Owner',
    file: `${modules}/types.bicep`,
    from: '4633458b-17de-408a-b874-0445c86b69e6',
    to: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  },
  {
    rule: 'least-privilege',
    what: 'a workload that is Contributor',
    file: `${modules}/types.bicep`,
    from: '090c5cfd-751d-490a-894a-3ce6f1109419',
    to: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  },
  {
    rule: 'roles-of-the-app',
    what: 'an app that may read no secret',
    file: `${modules}/types.bicep`,
    from: '4633458b-17de-408a-b874-0445c86b69e6',
    to: '3913510d-42f4-4e42-8a64-420c390055eb',
  },
  {
    rule: 'roles-of-the-app',
    what: 'a container whose documents nobody may use',
    file: `${modules}/data-access.bicep`,
    from: '/colls/${container.name}',
    to: '/colls/other-${container.name}',
  },
  {
    rule: 'secrets-from-the-vault',
    what: 'a secret that is a value',
    file: `${modules}/app-settings.bicep`,
    from: '@Microsoft.KeyVault(SecretUri=',
    to: 'https://(',
  },
  {
    rule: 'identity-of-the-app',
    what: 'a package that is taken by a connection string',
    file: `${modules}/function-app.bicep`,
    from: "type: 'UserAssignedIdentity'",
    to: "type: 'StorageAccountConnectionString'",
  },
];
