/** Finds the command and turns its failures into exit codes. */
import { ExchangeError } from '../src/core/errors.js';
import { PackError } from '../src/core/mapping/engine/pack.js';
import { printIssue, runConvert } from './convert.js';
import { runCoverage } from './coverage.js';
import { runExplain } from './explain.js';
import { ledgerUsage, runLedger } from './ledger.js';
import { runPack } from './pack.js';
import { replayUsage, runReplay } from './replay.js';
import { exit, UsageError, type Terminal } from './terminal.js';
import { runTriage, triageUsage } from './triage.js';

const commands: Readonly<Record<string, (args: string[], terminal: Terminal) => number | Promise<number>>> = {
  convert: runConvert,
  explain: runExplain,
  coverage: runCoverage,
  pack: runPack,
  triage: runTriage,
  replay: runReplay,
  ledger: runLedger,
};

const USAGE = `Usage:
  hde convert [--format hl7v2] [--feed F] [--pack FILE]... [--lineage] FILE|-
  hde explain [--feed F] [--pack FILE]... FILE|- ELEMENT|FIELD
  hde coverage [--feed F] [--pack FILE]... [--all] [--json] FOLDER
  hde pack check FILE...
  hde pack diff [--feed F] [--values] [--json] A B FOLDER
  hde pack schema
${triageUsage}
${replayUsage}
${ledgerUsage}

F is a configured feed or a JSON file with one; A and B are packs, such as hl7v2-uk@1.0.0, or files of site packs.
ELEMENT is a place in a record, such as 'Patient.name[0].family'; FIELD one in the message, such as PID-5.
FILTER is --feed, --from, --to, --type, --status S|any, --code, --control-id, --identifier or --about WORDS. Commands that
talk to an exchange take --url and --token, else HDE_TOKEN.
`;

/** Runs a command. @returns the exit code */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (['help', '--help', '-h'].some((help) => name === help || rest.includes(help))) {
    terminal.out(USAGE);
    return exit.done;
  }
  if (command === undefined) {
    terminal.err(name === '' ? USAGE : `hde: there is no command ${name}\n\n${USAGE}`);
    return exit.usage;
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
      terminal.err(`hde ${name}: ${error.message}\n\n${USAGE}`);
      return exit.usage;
    }
    throw error;
  }
}

/** What `parseArgs` throws (node:util). */
const isArgumentError = (error: unknown): error is Error =>
  String((error as { readonly code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
