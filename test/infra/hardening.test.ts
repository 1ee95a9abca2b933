/** What is deployed takes no keys, no passwords and no unencrypted connections; what deploys it has no secrets. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const moduleText = (name: string) => readFileSync(`infra/modules/${name}.bicep`, 'utf8');

describe('a service that holds data', () => {
  test.each([
    ['cosmos', ['disableLocalAuth: true', "publicNetworkAccess: 'Disabled'", "minimalTlsVersion: 'Tls12'"]],
    ['service-bus', ['disableLocalAuth: true', "minimumTlsVersion: '1.2'"]],
    [
      'storage-account',
      [
        ...['allowSharedKeyAccess: false', 'allowBlobPublicAccess: false', "publicNetworkAccess: 'Disabled'"],
        ...["minimumTlsVersion: 'TLS1_2'", 'isVersioningEnabled: true'],
      ],
    ],
    ['key-vault', ['enablePurgeProtection: true', "publicNetworkAccess: 'Disabled'"]],
    ['monitoring', ['disableLocalAuth: true']],
  ])('takes no keys and only encrypted connections: %s', (name, settings) => {
    for (const setting of settings) expect(moduleText(name)).toContain(setting);
  });

  test('keeps what was received, and the exported trail, as they were written', () => {
    const text = moduleText('storage-data');
    expect(text).toContain("var immutableContainers = ['raw-messages', 'audit-exports']");
    expect(text).toContain('immutabilityPeriodSinceCreationInDays: immutableDays');
  });
});

test('the app is reached over TLS alone, and deployed without a password', () => {
  const text = moduleText('function-app');
  for (const setting of ['httpsOnly: true', "minTlsVersion: '1.2'", "ftpsState: 'Disabled'"])
    expect(text).toContain(setting);
  expect(text.match(/basicPublishingCredentialsPolicies@/g)).toHaveLength(2);
});

test('the gateway writes the header of the client certificate itself, and limits each client', () => {
  const policy = readFileSync('infra/policies/api.xml', 'utf8');
  const header = policy.indexOf('<set-header name="[[certificate-header]]" exists-action="delete" />');
  expect(header).toBeGreaterThan(0);
  expect(policy.indexOf('context.Request.Certificate.RawData')).toBeGreaterThan(header);
  for (const part of ['<rate-limit-by-key', '<validate-jwt', 'name="X-Powered-By" exists-action="delete"'])
    expect(policy).toContain(part);
});

describe('a workflow', () => {
  const names = readdirSync('.github/workflows');

  test.each(names.map((name) => [name]))(
    '%s may read the code and nothing else, unless a job says so',
    (name) => {
      const text = readFileSync(`.github/workflows/${name}`, 'utf8');
      expect(/^permissions:\n((?: {2}.*\n)+)/m.exec(text)?.[1]).toBe('  contents: read\n');
      // Azure trusts the workflow by its identity for a moment: no password of a deployment exists.
      expect(text).not.toMatch(
        /client-secret|secrets\.(?!GITHUB_TOKEN)\w*(SECRET|PASSWORD|KEY|CREDENTIALS)/i,
      );
      expect(text).not.toContain('pull_request_target');
    },
  );
});
