import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { toHostOptions } from '../../../local/functions-host/host-json.js';
import { createSettings, loadSettings } from '../../../local/functions-host/settings.js';
import { parseTimeSpan } from '../../../local/functions-host/time-span.js';

describe('local settings', () => {
  let folder = '';
  const write = (name: string, content: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('Values go into the environment, where what is there already wins', () => {
    write('local.settings.json', { Values: { A: 'file', B: 'file', N: 1, T: true } });
    const environment: NodeJS.ProcessEnv = { B: 'environment' };
    loadSettings(folder, undefined, environment);
    expect(environment).toEqual({ A: 'file', B: 'environment', N: '1', T: 'true' });
  });

  test('another file can be named', () => {
    write('local.settings.json', { Values: { A: 'default' } });
    write('other.json', { Values: { A: 'other' } });
    expect(loadSettings(folder, join(folder, 'other.json'), {}).get('A')).toBe('other');
  });

  test('the default file may be absent, a named one may not', () => {
    expect(loadSettings(folder, undefined, {}).get('A')).toBeUndefined();
    expect(() => loadSettings(folder, join(folder, 'absent.json'), {})).toThrow(
      /absent\.json does not exist/,
    );
  });

  test('encrypted settings and values that are no text are refused', () => {
    write('local.settings.json', { IsEncrypted: true, Values: {} });
    expect(() => loadSettings(folder, undefined, {})).toThrow(/IsEncrypted is true/);
    write('local.settings.json', { Values: { A: { nested: 1 } } });
    expect(() => loadSettings(folder, undefined, {})).toThrow(/the value of 'A' must be a string/);
  });
});

describe('settings in bindings', () => {
  const settings = createSettings({ QUEUE: 'inbound', SECTION__KEY: 'deep' });

  test('%NAME% is replaced wherever it stands', () => {
    expect(settings.expand('%QUEUE%-x-%QUEUE%', 'f')).toBe('inbound-x-inbound');
    expect(settings.expand('%SECTION:KEY%', 'f')).toBe('deep');
    expect(settings.expand('100%', 'f')).toBe('100%');
  });

  test('a missing setting is named, with the place that needs it', () => {
    expect(() => settings.expand('%NOPE%', "Function 'f', queueName")).toThrow(
      "Function 'f', queueName: the app setting 'NOPE' is not defined",
    );
  });
});

describe('connections', () => {
  test('are found plain, with the AzureWebJobs prefix, and among connection strings', () => {
    expect(createSettings({ C: 'plain', AzureWebJobsC: 'prefixed' }).connectionString('C', 'f')).toBe(
      'plain',
    );
    expect(createSettings({ AzureWebJobsC: 'prefixed' }).connectionString('C', 'f')).toBe('prefixed');
    expect(createSettings({ ConnectionStrings__C: 'section' }).connectionString('C', 'f')).toBe('section');
  });

  test.each(['C__fullyQualifiedNamespace', 'C__accountEndpoint'])(
    '%s is refused: there is no managed identity',
    (name) => {
      expect(() => createSettings({ [name]: 'x' }).connectionString('C', "Function 'f'")).toThrow(
        `Function 'f': the connection 'C' is identity based (${name}). The local Functions host has no managed identity: set 'C' to a connection string`,
      );
    },
  );

  test('a missing one is named', () => {
    expect(() => createSettings({}).connectionString('C', "Function 'f'")).toThrow(
      "Function 'f': the connection setting 'C' is not defined",
    );
  });
});

describe('host.json', () => {
  test('an empty file gives the defaults of the real host', () => {
    expect(toHostOptions({})).toEqual({
      http: { routePrefix: 'api', maxOutstandingRequests: -1 },
      serviceBus: {
        maxConcurrentCalls: 16,
        maxConcurrentSessions: 8,
        maxMessageBatchSize: 1000,
        autoCompleteMessages: true,
        maxAutoLockRenewalDuration: 300_000,
        sessionIdleTimeout: 60_000,
      },
      logLevels: {},
    });
  });

  test('options are read', () => {
    const options = toHostOptions({
      logging: { logLevel: { default: 'Warning' } },
      extensions: {
        http: { routePrefix: '/' },
        serviceBus: {
          maxConcurrentSessions: 64,
          sessionIdleTimeout: '00:00:00.250',
          autoCompleteMessages: false,
        },
      },
    });
    expect(options.http.routePrefix).toBe('');
    expect(options.serviceBus).toMatchObject({
      maxConcurrentSessions: 64,
      sessionIdleTimeout: 250,
      autoCompleteMessages: false,
    });
    expect(options.logLevels).toEqual({ default: 'Warning' });
  });

  test.each([
    [
      { extensions: { serviceBus: { maxConcurrentCalls: 0 } } },
      /serviceBus\.maxConcurrentCalls must be a whole number/,
    ],
    [{ extensions: { serviceBus: { sessionIdleTimeout: '5s' } } }, /sessionIdleTimeout must be a time span/],
    [
      { extensions: { serviceBus: { autoCompleteMessages: 'yes' } } },
      /autoCompleteMessages must be true or false/,
    ],
    [{ extensions: { http: { routePrefix: 1 } } }, /extensions\.http\.routePrefix must be a string/],
    [{ extensions: [] }, /must be an object/],
  ])('%j is refused with the name of the property', (content, message) => {
    expect(() => toHostOptions(content)).toThrow(message);
  });
});

describe('time spans', () => {
  test.each([
    ['00:05:00', 300_000],
    ['1.02:03:04.5', 93_784_500],
    ['00:00:00.0010000', 1],
    ['00:30', 1_800_000],
    ['24:00:00', undefined],
    ['00:60:00', undefined],
    ['-00:00:01', undefined],
    ['5', undefined],
    ['0 */5 * * * *', undefined],
  ])('%s is %s', (text, expected) => {
    expect(parseTimeSpan(text)).toBe(expected);
  });
});
