import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import topology from '../../infra/topology/settings.json' with { type: 'json' };
import { readConfig } from '../../src/platform/config.js';
import { sampleFeed } from '../support/feeds.js';

const sample = (
  JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as { Values: Record<string, string> }
).Values;

test('the sample settings are complete and describe the sample feed', () => {
  const config = readConfig(sample);
  expect([...config.feeds.values()]).toEqual([sampleFeed]);
  expect(config.reconcileAfterSeconds).toBe(60);
});

test('the sample settings hold every setting of the topology but those that a start makes', () => {
  const inSample = Object.keys(sample).filter((name) => name.startsWith('HDE_'));
  const made = ['HDE_PUBLIC_URL', 'HDE_TOKEN_SIGNING_KEY'];
  const named = topology.settings
    .map(({ name }) => name)
    .filter((name) => name.startsWith('HDE_') && !made.includes(name));
  expect(inSample.sort()).toEqual(named.sort());
});

describe('a setting that is missing or wrong', () => {
  const required = topology.settings.filter(
    ({ required: isRequired, name }) => isRequired && !name.endsWith('_SCHEDULE'),
  );

  test.each(required.map(({ name }) => [name]))('%s is named when it is missing', (name) => {
    expect(() => readConfig({ ...sample, [name]: undefined })).toThrow(name);
  });

  // The sample is a local one: its connection strings are allowed by a setting that Azure never has.
  const optional = topology.settings.filter(
    ({ required: isRequired, name }) => !isRequired && name !== 'HDE_ALLOW_KEYS',
  );

  test.each(optional.map(({ name }) => [name]))('%s may be left out, as the topology says', (name) => {
    expect(() => readConfig({ ...sample, [name]: undefined })).not.toThrow();
  });

  test('is named without its value', () => {
    const read = () => readConfig({ ...sample, HDE_IDENTITY_SECRET: 'too-short-secret' });
    expect(read).toThrow('HDE_IDENTITY_SECRET');
    expect(read).not.toThrow('too-short-secret');
  });

  test('is named where anybody between could change the keys of the issuer', () => {
    const read = () => readConfig({ ...sample, HDE_TOKEN_JWKS_URI: 'http://login.example/keys' });
    expect(read).toThrow('HDE_TOKEN_JWKS_URI: is not https');
  });

  test.each([
    ['not JSON', '{', 'is not JSON'],
    ['no feed', '[]', 'HDE_FEEDS'],
    ['two feeds of one name', JSON.stringify([sampleFeed, sampleFeed]), 'rzz-tie occurs twice'],
    [
      'two feeds of one source domain',
      JSON.stringify([sampleFeed, { ...sampleFeed, id: 'another' }]),
      'rzz tie occurs twice',
    ],
    ['a wrong time zone', JSON.stringify([{ ...sampleFeed, timeZone: 'Mars' }]), '0.timeZone'],
    ['an unknown property', JSON.stringify([{ ...sampleFeed, typo: 1 }]), 'typo'],
  ])('says what is wrong with feeds that are %s', (_, value, expected) => {
    expect(() => readConfig({ ...sample, HDE_FEEDS: value })).toThrow(expected);
  });
});

test('in Azure the connections are addresses and a managed identity', () => {
  const { HDE_COSMOS, HDE_SERVICEBUS, HDE_STORAGE, HDE_ALLOW_KEYS, AzureWebJobsStorage, ...others } = sample;
  const config = readConfig({
    ...others,
    HDE_COSMOS__accountEndpoint: 'https://hde.documents.azure.com:443/',
    HDE_COSMOS__clientId: 'id',
    HDE_SERVICEBUS__fullyQualifiedNamespace: 'hde.servicebus.windows.net',
    HDE_STORAGE__blobServiceUri: 'https://hde.blob.core.windows.net/',
  });
  expect(config.cosmos).toEqual({
    kind: 'identity',
    accountEndpoint: 'https://hde.documents.azure.com:443/',
    clientId: 'id',
  });
  expect(config.serviceBus).toEqual({
    kind: 'identity',
    fullyQualifiedNamespace: 'hde.servicebus.windows.net',
  });
  expect(config.storage).toEqual({ kind: 'identity', blobServiceUri: 'https://hde.blob.core.windows.net/' });
});

describe('a secret', () => {
  const { HDE_ALLOW_KEYS, ...inAzure } = sample;
  const faultsOf = (environment: Readonly<Record<string, string | undefined>>): string => {
    try {
      readConfig(environment);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each(['HDE_COSMOS', 'HDE_SERVICEBUS', 'HDE_STORAGE', 'AzureWebJobsStorage'])(
    'is no key of a connection string: %s is named without its value',
    (name) => {
      const faults = faultsOf(inAzure);
      expect(faults).toContain(`${name}: is a connection string`);
      for (const value of [...sample[name]!.split(';'), 'C2y6yDjf5', 'SAS_KEY_VALUE', 'Eby8vdM02'])
        if (value !== '') expect(faults).not.toContain(value);
    },
  );

  test.each([
    ...['AzureWebJobsHDE_SERVICEBUS', 'SERVICEBUSCONNSTR_HDE_SERVICEBUS', 'CUSTOMCONNSTR_HDE_COSMOS'],
    ...['ConnectionStrings__HDE_COSMOS', 'hde_servicebus'],
  ])('is no key by another name that the host knows: %s', (name) => {
    const { HDE_COSMOS, HDE_SERVICEBUS, HDE_STORAGE, AzureWebJobsStorage, ...keyless } = inAzure;
    expect(faultsOf({ ...keyless, [name]: 'Endpoint=sb://x/;SharedAccessKey=guess' })).toContain(
      `${name}: is a connection string`,
    );
  });

  test('is no key in Azure, even where somebody allows it', () => {
    expect(faultsOf({ ...sample, WEBSITE_SITE_NAME: 'hde' })).toContain('HDE_ALLOW_KEYS');
  });

  test.each(['HDE_IDENTITY_SECRET', 'HDE_TOKEN_AUDIENCE'])(
    'that Key Vault did not give is named, not its place: %s',
    (name) => {
      const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/identity/0123456789)';
      const faults = faultsOf({ ...sample, [name]: reference });
      expect(faults).toContain(`${name}: the reference to Key Vault was not resolved`);
      expect(faults).not.toContain('vault.example');
    },
  );
});
