/** Kills processes in the middle of their work (`kill -9`), as the plan says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { victims, type Kill, type Victim } from '../faults/plan.js';
import { cosmosLog, serviceBusLog, sizeOfLog, tearTail } from '../faults/torn-tail.js';
import type { Random } from '../random.js';
import type { Exchange } from '../stack/exchange.js';
import type { Gate } from './gate.js';
import { isRunning } from '../../local/stack/is-running.js';

export interface Killer {
  /** Tells how much of the sending is done, from 0 to 1. */
  progress(share: number): void;
  /** Resolves when all kills are done, or those that are left have been given up. */
  finish(): Promise<Readonly<Record<Victim | 'torn', number>>>;
}

/** Azurite is killed while nobody sends; what was under way has so many milliseconds to end. */
const azuriteRestMs = 4000;
const restartMs = 90_000;

export function startKiller(
  exchange: Exchange,
  plan: readonly Kill[],
  gate: Gate,
  random: Random,
  log: (line: string) => void,
): Killer {
  const none = Object.fromEntries(victims.map((victim) => [victim, 0])) as Record<Victim, number>;
  const counts = { ...none, torn: 0 };
  let done = 0;
  let isOver = false;
  const work = async (): Promise<void> => {
    for (const kill of plan) {
      while (done < kill.after && !isOver) await sleep(20);
      if (isOver) return;
      if (await perform(exchange, kill, gate, random)) counts.torn += 1;
      counts[kill.victim] += 1;
      log(`killed ${kill.victim}${kill.tears ? ' and tore its log' : ''}`);
    }
  };
  const working = work();
  // A failure is told by `finish`, when the senders have come to their end.
  working.catch(() => undefined);
  return {
    progress(share) {
      done = share;
    },
    async finish() {
      isOver = done < 1;
      await working;
      return counts;
    },
  };
}

/** @returns whether a log was torn */
async function perform(
  exchange: Exchange,
  { victim, tears }: Kill,
  gate: Gate,
  random: Random,
): Promise<boolean> {
  if (victim === 'supervisor') {
    await exchange.killSupervisor();
    return false;
  }
  if (victim !== 'azurite') return killPart(exchange, victim, tears, random);
  await gate.close();
  await sleep(azuriteRestMs);
  gate.open();
  return killPart(exchange, victim, false, random);
}

async function killPart(
  exchange: Exchange,
  victim: Exclude<Victim, 'supervisor'>,
  tears: boolean,
  random: Random,
): Promise<boolean> {
  const pid = await livingPid(exchange, victim);
  if (tears && (victim === 'cosmos' || victim === 'service-bus')) {
    await killAndTear(exchange, victim, pid, random);
  } else {
    process.kill(pid, 'SIGKILL');
  }
  await untilReplaced(exchange, victim, pid);
  return tears;
}

/** What the store writes between its last answer and its end was never acknowledged: there its log may be torn. */
async function killAndTear(
  { links, stateDir }: Exchange,
  victim: 'cosmos' | 'service-bus',
  pid: number,
  random: Random,
): Promise<void> {
  const [link, file] =
    victim === 'cosmos' ? [links.cosmos, cosmosLog(stateDir)] : [links.serviceBus, serviceBusLog(stateDir)];
  link.freeze();
  const acknowledged = sizeOfLog(file);
  await sleep(random.between(10, 60));
  process.kill(pid, 'SIGKILL');
  while (isRunning(pid)) await sleep(1);
  tearTail(file, acknowledged, random);
  link.thaw();
}

async function livingPid(exchange: Exchange, part: string): Promise<number> {
  for (;;) {
    const pid = exchange.pidOf(part);
    if (pid !== undefined && isRunning(pid)) return pid;
    await sleep(50);
  }
}

/** Waits until the supervisor has started the part again, so that the next kill meets a process. */
async function untilReplaced(exchange: Exchange, part: string, killed: number): Promise<void> {
  const deadline = performance.now() + restartMs;
  while (performance.now() < deadline) {
    const pid = exchange.pidOf(part);
    if (pid !== undefined && pid !== killed && isRunning(pid)) return;
    await sleep(50);
  }
  throw new Error(`${part} was not started again`);
}
