import { run } from '../../cli/run.js';

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs `hde` in this process.
 *
 * @param token stands in the environment; none where it is empty
 */
export async function runHde(
  args: readonly string[],
  { token = 'secret', input = '' }: { readonly token?: string; readonly input?: string } = {},
): Promise<Outcome> {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isColoured: false,
    environment: token === '' ? {} : { HDE_TOKEN: token },
    readInput: () => Promise.resolve(new TextEncoder().encode(input)),
  });
  return { code, out, err };
}
