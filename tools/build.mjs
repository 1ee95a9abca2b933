/**
 * Builds two things with esbuild:
 *   dist/    the deployable function app: bundled entry files, shared chunks, host.json and a minimal package.json;
 *            and convert.js, the pure converter, which imports nothing but Node's own modules
 *   .build/  the command line and the developer's tools (local stack, demo, sample generator, benchmarks), which use
 *            node_modules
 * `--quiet` prints nothing on success; `--tools` leaves dist/ alone; `--converter FOLDER` builds only convert.js there;
 * `--app FOLDER` builds only the function app there, with `--edits FILE` otherwise than its sources say (replace-text.mjs).
 */
import { build } from 'esbuild';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { replaceText } from './replace-text.mjs';

const quiet = process.argv.includes('--quiet');
const here = (...parts) => join(import.meta.dirname, '..', ...parts);

/** Dependencies that stay outside the bundle: the Functions worker supplies this one at run time. */
const suppliedByWorker = ['@azure/functions-core'];

const common = {
  platform: 'node',
  format: 'esm',
  target: 'node20',
  absWorkingDir: here(),
  keepNames: true,
  logLevel: 'warning',
};

const entriesOf = async (folder) =>
  (await readdir(here(folder), { withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => `${folder}/${entry.name}`);

/** Not minified: whoever converts with it reads its stack traces and profiles. */
const buildConverter = (outdir) =>
  build({
    ...common,
    entryPoints: { convert: 'src/core/converter/convert.ts' },
    outdir,
    bundle: true,
    keepNames: false,
  });

async function buildApp(outdir, plugins = []) {
  await rm(resolve(here(), outdir), { recursive: true, force: true });
  await buildConverter(outdir);
  await build({
    ...common,
    entryPoints: await entriesOf('functions'),
    outdir,
    plugins,
    outbase: '.',
    bundle: true,
    splitting: true,
    minify: true,
    sourcemap: false,
    chunkNames: 'chunks/[name]-[hash]',
    external: suppliedByWorker,
    // Some SDK modules are CommonJS inside: they need a `require` in the ESM output.
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const { name, version } = JSON.parse(await readFile(here('package.json'), 'utf8'));
  const manifest = { name, version, private: true, type: 'module', main: 'functions/*.js' };
  await writeFile(resolve(here(), outdir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(here('host.json'), resolve(here(), outdir, 'host.json'));
}

async function buildTools() {
  const candidates = [
    'cli/hde.ts',
    'local/start.ts',
    'local/demo.ts',
    'local/token.ts',
    'local/stack/exit-with-parent.ts',
    'local/stack/azurite/keep-index.ts',
    'local/stack/low-priority.ts',
    'local/cosmos/main.ts',
    'local/service-bus/main.ts',
    'local/functions-host/main.ts',
    'samples/generate.ts',
    'bench/convert.ts',
    'bench/pipeline.ts',
    'bench/accept.ts',
    'bench/cold.ts',
    'bench/cold/load-app.ts',
    'bench/soak.ts',
    'bench/load/echo.ts',
    'bench/charges.ts',
    'bench/token.ts',
    'bench/fhir.ts',
    'bench/fhir/server.ts',
    'chaos/main.ts',
    'bench/cost.ts',
    'bench/capacity.ts',
    'tools/infra/check.ts',
    'tools/infra/plan-cli.ts',
  ];
  await build({
    ...common,
    entryPoints: candidates.filter((file) => existsSync(here(file))),
    outdir: '.build',
    outbase: '.',
    bundle: true,
    splitting: true,
    sourcemap: 'linked',
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
    // As in convert.js: what is not minified has its names anyway, and naming each closure costs a benchmark time.
    keepNames: false,
  });
}

async function sizeOf(folder) {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

const valueOf = (option) =>
  process.argv.includes(option) ? process.argv[process.argv.indexOf(option) + 1] : undefined;

const converterFolder = valueOf('--converter');
const appFolder = valueOf('--app');
const editsFile = valueOf('--edits');
if (converterFolder !== undefined) {
  await buildConverter(converterFolder);
} else if (appFolder !== undefined) {
  const edits = editsFile === undefined ? [] : JSON.parse(await readFile(editsFile, 'utf8'));
  await buildApp(appFolder, edits.length === 0 ? [] : [replaceText(edits, here())]);
} else {
  await mkdir(here('.build'), { recursive: true });
  const toolsOnly = process.argv.includes('--tools');
  await Promise.all([toolsOnly ? undefined : buildApp('dist'), buildTools()]);
  if (!quiet && !toolsOnly) console.log(`dist/: ${((await sizeOf(here('dist'))) / 1e6).toFixed(2)} MB`);
}
