/**
 * Two workers at once, a session each, between any two calls of the stores: every schedule with few changes from one
 * worker to the other. Faults of concurrency need few of them to show (Musuvathi and Qadeer, PLDI 2007).
 */
import { describe, expect, jest, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createReplicas } from '../../support/replicas.js';
import { scenarios, type Scenario } from './scenarios.js';
import { createWorld, halfSeen, inOrder, visible, type World } from './world.js';

jest.setTimeout(600_000);

/** `HDE_SCHEDULES=2` tries all pairs of changes; by default each single one, and a part of the pairs. */
const mostChanges = Number(process.env['HDE_SCHEDULES'] ?? 1);
/** Of the pairs one in so many. */
const pairStep = 97;

interface Worker {
  readonly session: string;
  /** Calls that it has made and that wait for their turn. */
  readonly calls: (() => void)[];
  /** Whether its message waits for one of another session. */
  isHeld: boolean;
  isDone: boolean;
}

/** After so many calls of all workers the other one goes on. */
type Schedule = readonly number[];

interface Ran {
  readonly world: World;
  readonly ids: readonly string[];
  readonly calls: number;
  readonly half: readonly string[];
}

interface Workers {
  /** Which of them begins. */
  readonly first: number;
  /** In how many processes they are. */
  readonly processes: number;
}

/** Does all messages as a schedule wants it. */
async function run({ messages }: Scenario, { first, processes }: Workers, schedule: Schedule): Promise<Ran> {
  const world = createWorld(processes === 1 ? undefined : createReplicas());
  const ids: string[] = [];
  for (const { bytes } of messages) {
    const envelope = await world.accept(bytes);
    world.send(envelope);
    ids.push(envelope.messageId);
  }
  const workers = [...world.sessions.keys()].map((session): Worker => ({
    session,
    calls: [],
    isHeld: false,
    isDone: false,
  }));
  const ended = Promise.all(workers.map((worker) => serve(world, worker, workers)));
  const half: string[] = [];
  let calls = 0;
  let current = first % workers.length;
  while (workers.some(({ isDone }) => !isDone)) {
    await untilAllWait(workers);
    if (workers.every(({ isDone }) => isDone)) break;
    if (schedule.includes(calls) || !canGoOn(workers[current]!)) current = after(workers, current);
    workers[current]!.calls.shift()!();
    calls += 1;
    await nextTurn();
    if (schedule.length === 1) half.push(...(await halfSeen(world.exchange, ids)));
  }
  await ended;
  return { world, ids, calls, half };
}

const canGoOn = ({ calls }: Worker): boolean => calls.length > 0;

/** The next worker who has something to do. */
function after(workers: readonly Worker[], current: number): number {
  const order = [...workers.keys()].map((offset) => (current + 1 + offset) % workers.length);
  const next = order.find((who) => canGoOn(workers[who]!));
  if (next === undefined) throw new Error('all wait for each other');
  return next;
}

async function untilAllWait(workers: readonly Worker[]): Promise<void> {
  while (workers.some((worker) => !worker.isDone && !worker.isHeld && !canGoOn(worker))) await nextTurn();
  if (workers.every(({ isDone, isHeld }) => isDone || isHeld) && workers.some(({ isDone }) => !isDone))
    throw new Error('all wait for each other');
}

/** Delivers a session until it is empty. A message that waits is delivered again when another one was done. */
async function serve(world: World, worker: Worker, workers: readonly Worker[]): Promise<void> {
  const gate = () => new Promise<void>((resolve) => worker.calls.push(resolve));
  while ((world.sessions.get(worker.session)?.length ?? 0) > 0) {
    const outcome = await world.deliver(worker.session, gate, () => true);
    if (outcome === 'done') for (const other of workers) other.isHeld = false;
    // Somebody else may have been done between its look and now: then it is held for one round too many at most.
    else worker.isHeld = workers.some((other) => other !== worker && !other.isDone && !other.isHeld);
    while (worker.isHeld) await nextTurn();
  }
  worker.isDone = true;
  for (const other of workers) other.isHeld = false;
}

function* schedules(calls: number): Generator<Schedule> {
  for (let one = 1; one < calls; one++) yield [one];
  let count = 0;
  for (let one = 1; one < calls; one++)
    for (let two = one + 1; two < calls; two++)
      if (mostChanges >= 2 || count++ % pairStep === 0) yield [one, two];
}

describe.each(scenarios)('$name, done by two workers at once', (scenario) => {
  test.each([
    { first: 0, processes: 1 },
    { first: 1, processes: 1 },
    { first: 0, processes: 2 },
    { first: 1, processes: 2 },
  ])('ends as in the order of arrival, worker $first first, in processes: $processes', async (workers) => {
    const expected = await inOrder(scenario);
    const { calls } = await run(scenario, workers, []);
    let tried = 0;
    for (const schedule of schedules(calls)) {
      const { world, ids, half } = await run(scenario, workers, schedule);
      const seen = { schedule, half, records: await visible(world.exchange) };
      expect(seen).toEqual({ schedule, half: [], records: expected });
      for (const id of ids) expect((await world.exchange.messages.get(id))?.status).toBe('normalised');
      tried += 1;
    }
    expect(tried).toBeGreaterThan(20);
  });
});
