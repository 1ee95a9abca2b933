/**
 * `npm run bench:cold`: how long the worker of Azure Functions takes to load the function app at a cold start, before the
 * first request can be answered. SDKs are not a part of it: they load when a request first needs them.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { percentile } from './load/percentile.js';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '15' },
    app: { type: 'string' },
    out: { type: 'string' },
  },
});

const rootDir = join(import.meta.dirname, '../..');
const goalMs = 500;

interface Loaded {
  readonly milliseconds: number;
  /** Of all threads. */
  readonly cpuMilliseconds: number;
  readonly functions: number;
}

/** Loads the app in a new process. @param cache folder of compiled code, as NODE_COMPILE_CACHE; undefined: none */
async function load(appDir: string, cache: string | undefined): Promise<Loaded> {
  const env = { PATH: process.env['PATH'], ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
  const args = [join(rootDir, '.build/bench/cold/load-app.js'), appDir];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Loaded;
}

async function measure(appDir: string, cache: string | undefined) {
  const loads: Loaded[] = [];
  // The first one fetches files from the disk, and fills the cache.
  await load(appDir, cache);
  for (let run = 1; run <= Number(options.runs); run++) loads.push(await load(appDir, cache));
  const at = (share: number, of: 'milliseconds' | 'cpuMilliseconds') =>
    Math.round(
      percentile(
        loads.map((loaded) => loaded[of]),
        share,
      ),
    );
  const times = { medianMs: at(0.5, 'milliseconds'), p95Ms: at(0.95, 'milliseconds') };
  return { ...times, medianCpuMs: at(0.5, 'cpuMilliseconds'), functions: loads[0]?.functions ?? 0 };
}

const timesOf = ({ medianMs, p95Ms, medianCpuMs }: Awaited<ReturnType<typeof measure>>) => ({
  ...{ medianMs, p95Ms, medianCpuMs },
});

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const appDir = options.app ?? join(rootDir, 'dist');
const cache = await mkdtemp(join(tmpdir(), 'hde-compile-cache-'));
const plain = await measure(appDir, undefined);
const cached = await measure(appDir, cache);
await rm(cache, { recursive: true, force: true });
const result = {
  measured: new Date().toISOString().slice(0, 10),
  machine: { node: process.version, processors: cpus().length, load: Number((loadavg()[0] ?? 0).toFixed(1)) },
  command: 'npm run bench:cold',
  bundleMegabytes: Number(((await bytesBelow(appDir)) / 1e6).toFixed(2)),
  functions: plain.functions,
  import: timesOf(plain),
  importWithCompileCache: timesOf(cached),
  // Of a processor: what others do on the machine meanwhile is no matter of the app.
  goal: { medianCpuMs: goalMs, met: plain.medianCpuMs <= goalMs },
};
console.log(JSON.stringify(result, null, 2));
const out = options.out ?? join(rootDir, 'bench/results/cold.json');
await mkdir(join(out, '..'), { recursive: true });
await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
if (!result.goal.met) process.exitCode = 1;
