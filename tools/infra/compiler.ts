/** The official Bicep compiler, where it is on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where `npm run infra:tools` puts it. */
const installed = join('.bicep', 'bicep');

const runs = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** The command to run: that of BICEP_PATH, the one installed here, or the one on the PATH; undefined without any. */
export function compilerCommand(environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment['BICEP_PATH'];
  if (named !== undefined && named !== '') return named;
  if (existsSync(installed)) return installed;
  return runs('bicep') ? 'bicep' : undefined;
}

/** What the compiler says of one file: nothing at all when it is clean. */
export interface Compiled {
  readonly diagnostics: readonly string[];
  /** The ARM template or parameters as JSON text. */
  readonly output: string;
}

/** Milliseconds for one file: seconds on a quiet machine, minutes on one that is busy with something else. */
const patience = 600_000;

/** Why there is no answer of the compiler: it does not run at all, or takes too long. */
function failure(error: NodeJS.ErrnoException, command: string, file: string, milliseconds: number): string {
  const why =
    error.code === 'ETIMEDOUT'
      ? `gave no answer in ${milliseconds / 1000} seconds: is the machine busy? Run it again when it is not`
      : `does not run (${error.code ?? error.message}): see BICEP_PATH and npm run infra:tools`;
  return `${file} : Error : the Bicep compiler (${command}) ${why}`;
}

function run(command: string, verb: string, file: string, milliseconds: number): Compiled {
  const { status, stdout, stderr, error } = spawnSync(command, [verb, file, '--stdout'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: milliseconds,
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' },
  });
  if (error !== undefined) return { diagnostics: [failure(error, command, file, milliseconds)], output: '' };
  // The compiler also warns on the standard error of what it can still build.
  const diagnostics = stderr.split('\n').filter((line) => / : (Error|Warning|Info) /.test(line));
  const failedSilently = status !== 0 && diagnostics.length === 0;
  return { diagnostics: failedSilently ? [stderr.trim() || `exit ${status}`] : diagnostics, output: stdout };
}

/**
 * Builds a template or a parameter file; each linter rule at work comes with it (infra/bicepconfig.json). A compiler that
 * does not start or does not end is a diagnostic as well: what was not compiled is not clean.
 */
export const compile = (command: string, file: string, milliseconds = patience): Compiled =>
  run(command, file.endsWith('.bicepparam') ? 'build-params' : 'build', file, milliseconds);
