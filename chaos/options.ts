/** What a run is asked for. */
import { parseArgs } from 'node:util';
import { isMutant, mutantNames, type MutantName } from './mutants/mutants.js';

export const usage = `Usage: npm run chaos -- [--seed TEXT] [--messages N] [--patients N] [--kills N] [--short]
       npm run chaos -- verify FILE

  --seed      decides hospital, disorder and faults (default: a new one, printed)
  --messages  different messages to send (default 10000)
  --patients  people they are about (default 500)
  --kills     processes to kill (default 100)
  --short     600 messages, 40 patients, 8 kills, unless said otherwise
  --faults    share of requests to the stores that meet a fault (default 0.2)
  --mutant    a build that is broken on purpose: ${mutantNames.join(', ')}
  --port      first of nine ports (default 30000)
  --state     folder for data and logs, deleted at the beginning (default .local/chaos)
  --out       folder for the certificate (default .local)
  --key       Ed25519 private key (PEM) that signs the certificate (default: a new one)
  --keep      keeps the state folder for a look at data and logs
  verify      checks the signature of a certificate, JSON or Markdown`;

export interface RunOptions {
  readonly seed: string;
  readonly messages: number;
  readonly patients: number;
  readonly kills: number;
  readonly faultShare: number;
  readonly mutant?: MutantName;
  readonly firstPort: number;
  readonly stateDir: string;
  readonly outDir: string;
  readonly keyFile?: string;
  readonly keep: boolean;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'verify'; readonly file: string }
  | { readonly kind: 'run'; readonly options: RunOptions };

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it
 */
export function readCommand(args: readonly string[], rootDir: string, newSeed: () => string): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      messages: { type: 'string' },
      patients: { type: 'string' },
      kills: { type: 'string' },
      short: { type: 'boolean', default: false },
      faults: { type: 'string', default: '0.2' },
      mutant: { type: 'string' },
      port: { type: 'string', default: '30000' },
      state: { type: 'string', default: `${rootDir}/.local/chaos` },
      out: { type: 'string', default: `${rootDir}/.local` },
      key: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const [verb, file] = positionals;
  if (verb === 'verify' && file !== undefined) return { kind: 'verify', file };
  if (verb !== undefined) throw new Error(usage);
  const { mutant, short } = values;
  if (mutant !== undefined && !isMutant(mutant))
    throw new Error(`--mutant: one of ${mutantNames.join(', ')}`);
  const number = (name: string, text: string | undefined, long: number, brief: number) =>
    wholeNumber(name, text ?? String(short ? brief : long));
  return {
    kind: 'run',
    options: {
      seed: values.seed ?? newSeed(),
      messages: number('--messages', values.messages, 10_000, 600),
      patients: number('--patients', values.patients, 500, 40),
      kills: number('--kills', values.kills, 100, 8),
      faultShare: share(values.faults),
      firstPort: wholeNumber('--port', values.port),
      stateDir: values.state,
      outDir: values.out,
      keep: values.keep,
      ...(mutant === undefined ? {} : { mutant }),
      ...(values.key === undefined ? {} : { keyFile: values.key }),
    },
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new Error(`${name} needs a whole number`);
  return Number(text);
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 0.5)) throw new Error('--faults needs a share from 0 to 0.5');
  return value;
}
