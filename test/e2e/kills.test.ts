/** `kill -9` of every part in the middle of the sample day changes nothing about the outcome. */
import { CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { playSampleDay, type DemoOptions } from '../../local/demo/play.js';
import type { DemoSummary } from '../../local/demo/accounting.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

const silent = { isTTY: false, write: () => true } as unknown as NonNullable<DemoOptions['output']>;
/** Enough of the day for every kind of message and oddity in its first half, and for many kills. */
const limit = 400;

async function play(stack: RunningStack): Promise<DemoSummary> {
  const token = await stack.token({ roles: ['sender', 'reader', 'operator'], feeds: ['rzz-tie'] });
  return playSampleDay({ url: stack.url, token, limit, output: silent });
}

/** Every document of the record store, without what depends on the moment of the commit. */
async function recordsOf(stack: RunningStack): Promise<Map<string, unknown>> {
  const [, endpoint = '', key = ''] =
    /AccountEndpoint=([^;]+);AccountKey=([^;]+);/.exec(stack.settings['HDE_COSMOS']!) ?? [];
  const client = new CosmosClient({ endpoint, key });
  const { resources } = await client.database('hde').container('records').items.readAll().fetchAll();
  client.dispose();
  return new Map(
    resources.map((document) => [`${document['partition'] as string}/${document.id}`, comparable(document)]),
  );
}

function comparable(document: Record<string, unknown>): unknown {
  const own = Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith('_')));
  const text = JSON.stringify({ ...own, lastUpdated: undefined, traceparent: undefined });
  const content = JSON.parse(text.replaceAll(/"lastUpdated":"[^"]*"/g, '"lastUpdated":""')) as Record<
    string,
    unknown
  >;
  // Whichever message comes first creates a shared resource: only what it says must agree.
  return document['kind'] === 'resource' &&
    document['partition'] === document['fhirId'] &&
    document['resourceType'] !== 'Patient'
    ? content['resource']
    : content;
}

describe('a day with kills', () => {
  let calm: RunningStack;
  let expected: Map<string, unknown>;
  let expectedSummary: DemoSummary;

  beforeAll(async () => {
    calm = await startStack('calm');
    expectedSummary = await play(calm);
    expected = await recordsOf(calm);
    await calm.destroy();
  }, 300_000);

  test('without kills accounts for every message', () => {
    expect(expectedSummary.complete).toBe(true);
    expect(expected.size).toBeGreaterThan(500);
  });

  describe('and with them', () => {
    let shaken: RunningStack;
    let summary: DemoSummary;
    let kills = 0;
    let killedSupervisorInTheMiddle = false;

    beforeAll(async () => {
      shaken = await startStack('shaken');
      const state = { playing: true };
      const played = play(shaken).finally(() => {
        state.playing = false;
      });
      // Azurite is killed in a test of its own (contract/stack).
      const hosts = ['functions-background', 'functions-http'] as const;
      const parts = [hosts[0], 'cosmos', 'service-bus', hosts[1], 'service-bus', 'cosmos'];
      for (const part of parts) {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        if (!state.playing) break;
        process.kill(await shaken.pidOf(part), 'SIGKILL');
        kills += 1;
      }
      // The supervisor last: whoever starts the stack anew finds the same day, and the player goes on.
      killedSupervisorInTheMiddle = state.playing;
      await shaken.kill();
      shaken = await startStack('shaken', shaken.stateDir);
      summary = await played;
    }, 400_000);

    afterAll(() => shaken.destroy(), 60_000);

    test('the outcome is the same, record by record', async () => {
      expect(kills).toBeGreaterThanOrEqual(3);
      expect(killedSupervisorInTheMiddle).toBe(true);
      expect(summary.complete).toBe(true);
      const actual = await eventually(
        () => recordsOf(shaken),
        (records) => records.size >= expected.size,
      );
      expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [id, document] of expected) expect([id, actual.get(id)]).toEqual([id, document]);
    });

    test('playing the day again adds no record and no version', async () => {
      const before = await recordsOf(shaken);
      await play(shaken);
      expect(await recordsOf(shaken)).toEqual(before);
    }, 300_000);
  });
});
