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

function run(command: string, args: readonly string[]): Compiled {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 120_000,
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' },
  });
  if (error !== undefined) throw error;
  // The compiler also warns on the standard error of what it can still build.
  const diagnostics = stderr.split('\n').filter((line) => / : (Error|Warning|Info) /.test(line));
  const failedSilently = status !== 0 && diagnostics.length === 0;
  return { diagnostics: failedSilently ? [stderr.trim() || `exit ${status}`] : diagnostics, output: stdout };
}

/** Builds a template or a parameter file; each linter rule at work comes with it (infra/bicepconfig.json). */
export const compile = (command: string, file: string): Compiled =>
  run(command, [file.endsWith('.bicepparam') ? 'build-params' : 'build', file, '--stdout']);
