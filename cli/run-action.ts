/** Commands that ask a running exchange, and have several actions: `hde triage list`, `hde audit verify`. */
import { RefusedError } from './exchange-client.js';
import { exit, UsageError, type Terminal } from './terminal.js';

/** Actions by name; each answers an exit code. */
export type Actions = Readonly<Record<string, (args: string[], terminal: Terminal) => Promise<number>>>;

/**
 * Runs the action that the first argument names. What the exchange refuses is said in a line.
 *
 * @throws UsageError when there is no such action
 */
export async function runAction(actions: Actions, args: string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (act === undefined) throw new UsageError(`one of ${Object.keys(actions).join(', ')} is needed`);
  try {
    return await act(rest, terminal);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(`${error.message}\n`);
    return exit.refused;
  }
}
