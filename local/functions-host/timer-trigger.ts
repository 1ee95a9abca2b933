import { requiredOption } from './bindings.js';
import type { LoadedFunction } from './bindings.js';
import { parseSchedule } from './ncrontab.js';
import { invokeWithRetry } from './retry.js';
import { toTimerInput } from './rpc-request.js';
import type { TriggerHost, TriggerListener } from './trigger.js';

/** Node's timers overflow beyond this; longer waits are taken in steps. */
const longestTimeout = 2 ** 31 - 1;

/** A tick this much late counts as past due, as after a machine's sleep. */
const pastDueAfter = 60_000;

/**
 * Runs a function on its schedule (UTC) and, with `runOnStartup`, at once. Ticks never overlap: what falls into a running
 * invocation is skipped. Unlike the real host it keeps no record of past ticks, so that one missed while down is not made up.
 *
 * @throws Error when the schedule cannot be read
 */
export function createTimerTrigger(target: LoadedFunction, host: TriggerHost): TriggerListener {
  const schedule = parseSchedule(requiredOption(target.name, target.trigger, 'schedule'));
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let last: Date | undefined;

  const tick = async (due: Date): Promise<void> => {
    const isPastDue = Date.now() - due.getTime() > pastDueAfter;
    const next = schedule.next(new Date(Math.max(Date.now(), due.getTime())));
    const input = toTimerInput(target.trigger.name, { last, next, isPastDue });
    last = new Date();
    await invokeWithRetry(host.invoker, target, input, stopping.signal).catch(() => undefined); // logged by the invoker
  };

  const arm = (due: Date): void => {
    if (stopping.signal.aborted) return;
    const wait = due.getTime() - Date.now();
    timer = setTimeout(
      () => {
        if (due.getTime() > Date.now()) {
          arm(due); // a step of a long wait, or a timer that fired a millisecond early
        } else {
          run(due);
        }
      },
      Math.min(Math.max(wait, 0), longestTimeout),
    );
  };

  const run = (due: Date): void => {
    running = tick(due).then(() => {
      arm(schedule.next(new Date(Math.max(Date.now(), due.getTime()))));
    });
  };

  return {
    start: () => {
      const now = new Date();
      if (target.trigger.options['runOnStartup'] === true) run(now);
      else arm(schedule.next(now));
    },
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
    },
    dispose: () => Promise.resolve(),
  };
}
