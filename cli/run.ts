/** Finds the command and turns its failures into exit codes. */
import { ExchangeError } from '../src/core/errors.js';
import { PackError } from '../src/core/mapping/engine/pack.js';
import { runAudit } from './audit.js';
import { runCan } from './can.js';
import { printIssue, runConvert } from './convert.js';
import { runCoverage } from './coverage.js';
import { runExplain } from './explain.js';
import { runLedger } from './ledger.js';
import { runOptOut } from './opt-out.js';
import { runPack } from './pack.js';
import { runReindex } from './reindex.js';
import { runReplay } from './replay.js';
import { exit, UsageError, type Terminal } from './terminal.js';
import { runTriage } from './triage.js';
import { printHelp, printUsage } from './usage.js';

const commands: Readonly<Record<string, (args: string[], terminal: Terminal) => number | Promise<number>>> = {
  convert: runConvert,
  explain: runExplain,
  coverage: runCoverage,
  pack: runPack,
  triage: runTriage,
  replay: runReplay,
  ledger: runLedger,
  reindex: runReindex,
  can: runCan,
  audit: runAudit,
  'opt-out': runOptOut,
};

/** Runs a command. @returns the exit code */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name === 'help' || isHelp(name)) {
    terminal.out(printHelp(rest[0], rest[1]));
    return exit.done;
  }
  if (command === undefined) {
    const known = Object.keys(commands).join(', ');
    terminal.err(
      name === '' ? printHelp() : `hde: there is no command ${name}, but ${known}\n\nMore: hde --help\n`,
    );
    return exit.usage;
  }
  if (rest.some(isHelp)) {
    terminal.out(printHelp(name, rest[0]));
    return exit.done;
  }
  try {
    return await command(rest, terminal);
  } catch (error) {
    if (error instanceof ExchangeError) {
      terminal.err(`${printIssue(error.toIssue())}\n`);
      return exit.refused;
    }
    if (error instanceof PackError) {
      terminal.err(`${error.message}\n`);
      return exit.refused;
    }
    if (error instanceof UsageError || isArgumentError(error)) {
      const [problem] = error.message.split(/\n|\. To /);
      terminal.err(`hde ${name}: ${problem}\n\n${printUsage(name, rest[0])}`);
      return exit.usage;
    }
    throw error;
  }
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** What `parseArgs` throws (node:util): what is wrong, and then how a value that looks like an option is written. */
const isArgumentError = (error: unknown): error is Error =>
  String((error as { readonly code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
