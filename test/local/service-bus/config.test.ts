import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import topology from '../../../infra/topology/service-bus.json' with { type: 'json' };
import { configFromTopology } from '../../../local/service-bus/config-from-topology.js';
import { parseDuration } from '../../../local/service-bus/config/duration.js';
import { parseJsonc } from '../../../local/service-bus/config/jsonc.js';
import { ConfigError, parseConfigText, readConfig } from '../../../local/service-bus/config/read-config.js';

const config = (queues: object[], topics: object[] = []) => ({
  UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: queues, Topics: topics }] },
});

function problemsOf(value: unknown): readonly string[] {
  try {
    readConfig(value);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('durations', () => {
  test.each([
    ['PT5S', 5_000],
    ['PT1M', 60_000],
    ['PT1H30M', 5_400_000],
    ['P14D', 1_209_600_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['P1Y', 31_536_000_000],
    ['PT0S', 0],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(['', 'P', 'PT', 'P1DT', '5S', 'PT5', 'P1H', 'PT-5S', 'pt5s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('JSON with comments', () => {
  test('allows line and block comments, trailing commas and a byte order mark', () => {
    const text = '\uFEFF{ // one\n "a": [1, 2,], /* two\n */ "b": "x", }';
    expect(parseJsonc(text)).toEqual({ a: [1, 2], b: 'x' });
  });

  test('leaves strings alone, whatever is in them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const wrapped = { value, text, tricky: 'a // b /* c */ ,] \\" ,}' };
        expect(parseJsonc(JSON.stringify(wrapped))).toEqual(JSON.parse(JSON.stringify(wrapped)));
      }),
    );
  });
});

describe('reading a configuration', () => {
  test('resolves defaults and durations', () => {
    const { namespace, warnings } = readConfig(
      config([{ Name: 'q' }], [{ Name: 't', Subscriptions: [{ Name: 's' }] }]),
    );
    const receiving = {
      lockDuration: 60_000,
      maxDeliveryCount: 10,
      timeToLive: Infinity,
      deadLetterOnExpiration: false,
      requiresSession: false,
    };
    expect(namespace).toEqual({
      queues: [{ name: 'q', ...receiving, duplicateWindow: 0 }],
      topics: [
        {
          name: 't',
          timeToLive: Infinity,
          duplicateWindow: 0,
          subscriptions: [
            { name: 's', ...receiving, rules: [{ name: '$Default', filter: { kind: 'true' } }] },
          ],
        },
      ],
    });
    expect(warnings).toEqual([]);
  });

  test('names the entry at fault by path and by name', () => {
    expect(
      problemsOf(config([{ Name: 'ok' }, { Name: 'bad', Properties: { MaxDeliveryCount: 'ten' } }])),
    ).toEqual([
      expect.stringMatching(
        /^UserConfig\.Namespaces\[0\] 'sbemulatorns'\.Queues\[1\] 'bad'\.Properties\.MaxDeliveryCount: /,
      ),
    ]);
    expect(problemsOf(config([{ Name: 'q', Properties: { LockDurations: 'PT1M' } }]))).toEqual([
      expect.stringMatching(/Queues\[0\] 'q'\.Properties: .*LockDurations/),
    ]);
    expect(problemsOf({})).toEqual([expect.stringMatching(/^UserConfig: /)]);
    expect(problemsOf([])).toEqual([expect.stringMatching(/^the file: /)]);
  });

  test('reports every fault at once', () => {
    const rule = { Name: 'r', Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: 'a = ' } } };
    expect(
      problemsOf(
        config(
          [{ Name: 'q', Properties: { LockDuration: '1 minute' } }, { Name: 'Q' }],
          [{ Name: 't', Subscriptions: [{ Name: 's', Rules: [rule] }] }],
        ),
      ),
    ).toEqual([
      "queue 'q': LockDuration: '1 minute' is no ISO 8601 duration greater than zero",
      expect.stringContaining("subscription 't/s', rule 'r': expected a property name at position 5"),
      "the namespace has two entries named 'Q'",
    ]);
  });

  test.each([
    [
      'a missing target',
      [{ Name: 'a', Properties: { ForwardTo: 'b' } }],
      "'a' forwards to 'b', which is no queue",
    ],
    ['itself', [{ Name: 'a', Properties: { ForwardTo: 'A' } }], "'a' forwards to itself"],
    [
      'a circle through dead letters',
      [
        { Name: 'a', Properties: { ForwardTo: 'b' } },
        { Name: 'b', Properties: { ForwardDeadLetteredMessagesTo: 'a' } },
      ],
      "'b' forwards to itself, directly or through others",
    ],
  ])('refuses forwarding to %s', (_what, queues, problem) => {
    expect(problemsOf(config(queues))).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  test('warns of what Microsoft’s emulator would refuse', () => {
    const queue = {
      Name: 'q',
      Properties: { DefaultMessageTimeToLive: 'P14D', LockDuration: 'PT1S', MaxDeliveryCount: 50 },
    };
    expect(readConfig(config([queue], [{ Name: 't' }])).warnings).toEqual([
      "queue 'q': DefaultMessageTimeToLive is at most PT1H in Microsoft's emulator",
      "queue 'q': LockDuration is PT5S to PT5M in Microsoft's emulator",
      "queue 'q': MaxDeliveryCount is 1 to 10 in Microsoft's emulator",
      "topic 't': there are 1 to 50 subscriptions in Microsoft's emulator",
    ]);
  });

  test('says where a text is no JSON', () => {
    expect(() => parseConfigText('{ "UserConfig": ')).toThrow(/is not valid:\n {2}the file is not JSON/);
    const text = `// a comment\n${JSON.stringify(config([{ Name: 'q' }]))}`;
    expect(readConfig(parseConfigText(text)).namespace.queues[0]?.name).toBe('q');
  });
});

describe('the topology', () => {
  test('is written in the format of the emulator, and read back as it was meant', () => {
    const written = configFromTopology(topology);
    expect(written.UserConfig.Namespaces[0]?.Queues?.[0]).toEqual({
      Name: 'inbound',
      Properties: {
        RequiresSession: true,
        RequiresDuplicateDetection: true,
        DuplicateDetectionHistoryTimeWindow: 'PT5M',
        LockDuration: 'PT1M',
        MaxDeliveryCount: 10,
        DefaultMessageTimeToLive: 'P14D',
        DeadLetteringOnMessageExpiration: true,
      },
    });
    const { namespace, warnings } = readConfig(written);
    expect(namespace.queues).toMatchObject([
      { name: 'inbound', requiresSession: true, duplicateWindow: 300_000 },
      { name: 'exports', requiresSession: false, duplicateWindow: 0 },
    ]);
    const correlation = { applicationProperties: { consumer: 'all-events' } };
    const rules = [{ filter: { kind: 'correlation', correlation } }];
    expect(namespace.topics).toMatchObject([
      { name: 'events', subscriptions: [{ name: 'all-events', rules }] },
    ]);
    for (const warning of warnings) expect(warning).toMatch(/DefaultMessageTimeToLive is at most PT1H/);
  });

  test('may have no property that the format cannot say', () => {
    const queue = { name: 'q', enablePartitioning: true };
    expect(() => configFromTopology({ queues: [queue], topics: [] })).toThrow(/'q' has 'enablePartitioning'/);
  });
});
