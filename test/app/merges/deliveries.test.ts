/** Every order of accepting, queueing, delivering and dying, one delivery at a time. */
import { describe, expect, jest, test } from '@jest/globals';
import { recordDeadLetter } from '../../../src/app/record-dead-letter.js';
import { takeUp } from '../../../src/app/triage/take-up.js';
import type { MessageEnvelope } from '../../../src/ports/message-queue.js';
import { scenarios, type Scenario } from './scenarios.js';
import { createWorld, halfSeen, inOrder, Killed, visible, type Delivered, type World } from './world.js';

jest.setTimeout(180_000);

type Action =
  | { readonly kind: 'accept' }
  | { readonly kind: 'send'; readonly number: number }
  /** Killed before it writes a batch or its receipt (the first is 0), or not at all. */
  | { readonly kind: 'deliver'; readonly session: string; readonly killedAt?: number };

/** A world after some actions. */
interface Reached {
  readonly world: World;
  readonly accepted: readonly MessageEnvelope[];
  readonly sent: ReadonlySet<number>;
  readonly kills: number;
  /** What the last delivery wrote. */
  readonly steps: number;
  readonly last: Delivered | undefined;
}

async function follow({ messages }: Scenario, actions: readonly Action[]): Promise<Reached> {
  const world = createWorld();
  const accepted: MessageEnvelope[] = [];
  const sent = new Set<number>();
  let kills = 0;
  let steps = 0;
  let last: Delivered | undefined;
  for (const action of actions) {
    if (action.kind === 'accept') accepted.push(await world.accept(messages[accepted.length]!.bytes));
    else if (action.kind === 'send') {
      world.send(accepted[action.number]!);
      sent.add(action.number);
    } else {
      steps = 0;
      last = await world.deliver(action.session, () =>
        steps++ === action.killedAt ? Promise.reject(new Killed()) : Promise.resolve(),
      );
      kills += Number(last === 'killed');
    }
  }
  return { world, accepted, sent, kills, steps, last };
}

/** Where two worlds agree, everything that can happen from then on is the same. */
async function keyOf({ world, accepted, sent, kills }: Reached): Promise<string> {
  const { exchange, sessions } = world;
  const statuses = await Promise.all(accepted.map(({ messageId }) => exchange.messages.get(messageId)));
  const effects = await exchange.records.findEffects(accepted.map(({ messageId }) => messageId));
  const queued = [...sessions.values()].map((queue) => queue.map(({ messageId }) => messageId));
  return JSON.stringify([
    statuses.map((receipt) => receipt?.status),
    [...effects.keys()],
    queued,
    [...sent].sort(),
    kills,
    await visible(exchange),
  ]);
}

function actionsAfter({ world, accepted, sent }: Reached, { messages }: Scenario): Action[] {
  const actions: Action[] = [];
  const forgotten = [...accepted.keys()].filter((number) => !sent.has(number));
  const next = messages[accepted.length];
  // Who got no answer sends the same again, before anything else about that person.
  if (next !== undefined && !forgotten.some((number) => messages[number]!.mrn === next.mrn))
    actions.push({ kind: 'accept' });
  for (const number of forgotten) actions.push({ kind: 'send', number });
  for (const [session, queue] of world.sessions)
    if (queue.length > 0) actions.push({ kind: 'deliver', session });
  return actions;
}

/** Visits every world that can be reached; answers the number of different ones. */
async function explore(scenario: Scenario, mostKills: number, end: (reached: Reached) => Promise<void>) {
  const seen = new Set<string>();
  const pending: (readonly Action[])[] = [[]];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const reached = await follow(scenario, path);
    const key = await keyOf(reached);
    if (seen.has(key)) continue;
    seen.add(key);
    const ids = reached.accepted.map(({ messageId }) => messageId);
    expect(await halfSeen(reached.world.exchange, ids)).toEqual([]);
    const actions = actionsAfter(reached, scenario);
    if (actions.length === 0) await end(reached);
    for (const action of actions) {
      pending.push([...path, action]);
      if (action.kind !== 'deliver' || reached.kills >= mostKills) continue;
      const { steps } = await follow(scenario, [...path, action]);
      for (let killedAt = 0; killedAt < steps; killedAt++) pending.push([...path, { ...action, killedAt }]);
    }
    if (actions.length > 0) await expectProgress(scenario, path, actions);
  }
  return seen.size;
}

/** Where every message is queued, one of those at the heads of their sessions must not wait. */
async function expectProgress(scenario: Scenario, path: readonly Action[], actions: readonly Action[]) {
  if (actions.some(({ kind }) => kind !== 'deliver')) return;
  for (const action of actions) if ((await follow(scenario, [...path, action])).last === 'done') return;
  throw new Error(`all wait for each other after ${JSON.stringify(path)}`);
}

describe.each(scenarios)('$name', (scenario) => {
  test('ends as in the order of arrival, whatever happens in between, and nobody sees half', async () => {
    const expected = await inOrder(scenario);
    let ends = 0;
    const worlds = await explore(scenario, 1, async ({ world, accepted }) => {
      ends += 1;
      for (const { messageId } of accepted)
        expect((await world.exchange.messages.get(messageId))?.status).toBe('normalised');
      expect(await visible(world.exchange)).toBe(expected);
    });
    expect(ends).toBeGreaterThan(0);
    expect(worlds).toBeGreaterThan(50);
  });

  test('ends so, too, when all of it had failed and is resubmitted at once, in any order', async () => {
    const expected = await inOrder(scenario);
    for (const order of permutations([0, 1, 2, 3]))
      expect([order, await resubmitted(scenario, order)]).toEqual([order, expected]);
  });
});

const permutations = (numbers: readonly number[]): number[][] =>
  numbers.length === 0
    ? [[]]
    : numbers.flatMap((first) =>
        permutations(numbers.filter((each) => each !== first)).map((rest) => [first, ...rest]),
      );

/** All deliveries of all messages are used up, and all are taken up again; then the sessions are served in turns. */
async function resubmitted({ messages }: Scenario, order: readonly number[]): Promise<string> {
  const world = createWorld();
  const { exchange } = world;
  const accepted: MessageEnvelope[] = [];
  for (const { bytes } of messages) accepted.push(await world.accept(bytes));
  for (const envelope of accepted) await recordDeadLetter(exchange, envelope);
  for (const number of order) {
    await takeUp(exchange, accepted[number]!.messageId, ['failed']);
    world.send(exchange.queue.sent.at(-1)!);
  }
  for (let round = 0; [...world.sessions.values()].some((queue) => queue.length > 0); round++) {
    if (round === 10) return 'all wait for each other';
    for (const session of world.sessions.keys()) await world.deliver(session);
  }
  return visible(exchange);
}
