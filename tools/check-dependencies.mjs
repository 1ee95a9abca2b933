/**
 * Judges what the exchange is built from: known vulnerabilities of what is deployed, as the registry tells them, and what
 * the lockfile lets in. `--online` fails where the registry does not answer; without it that is said, and no fault.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Licences that allow to deploy and to change, and ask for no more than to be named. */
const licences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]);
const gravities = new Set(['high', 'critical']);

/**
 * What is wrong with a lockfile: packages without a checksum, from a named host (a mirror would be trusted for ever), that
 * run scripts when they are installed and are not listed in `allowScripts`, or that are deployed under another licence.
 *
 * @returns a line for each fault
 */
export function lockfileFaults({ packages }, { allowScripts = {} }, exceptions) {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (path === '') return [];
    const isDeployed = entry.dev !== true && entry.devOptional !== true;
    const isLicensed =
      licences.has(entry.license) || exceptions.licences.some((each) => each.package === name);
    return [
      ...(entry.integrity === undefined ? [`${name}: no checksum`] : []),
      ...(entry.resolved === undefined ? [] : [`${name}: names the host that it comes from`]),
      ...(entry.hasInstallScript === true && !Object.hasOwn(allowScripts, name)
        ? [`${name}: runs a script when it is installed, and is not in allowScripts of package.json`]
        : []),
      ...(isDeployed && !isLicensed
        ? [`${name}: the licence ${entry.license ?? '(none)'} is not one of those that are allowed`]
        : []),
    ];
  });
}

/**
 * Serious advisories of a report of `npm audit --json` that no exception covers, and exceptions that are over.
 *
 * @param today `YYYY-MM-DD`
 */
export function advisoryFaults({ vulnerabilities }, exceptions, today) {
  const advisories = Object.values(vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((each) => typeof each === 'object' && gravities.has(each.severity));
  const found = new Map(
    advisories.map(({ url, name, severity, title }) => [url, `${name}: ${severity}: ${title} (${url})`]),
  );
  return [...found].flatMap(([url, line]) => {
    const exception = exceptions.advisories.find(({ id }) => url.endsWith(`/${id}`));
    if (exception === undefined) return [line];
    return exception.until < today ? [`${line}: its exception ended on ${exception.until}`] : [];
  });
}

/** The report of the registry; undefined where it does not answer. */
function askRegistry() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
  try {
    const report = JSON.parse(stdout);
    return report.vulnerabilities === undefined ? undefined : report;
  } catch {
    return undefined;
  }
}

function main() {
  const read = (name) => JSON.parse(readFileSync(join(import.meta.dirname, '..', name), 'utf8'));
  const exceptions = read('tools/dependency-exceptions.json');
  const faults = lockfileFaults(read('package-lock.json'), read('package.json'), exceptions);
  const report = askRegistry();
  if (report !== undefined)
    faults.push(...advisoryFaults(report, exceptions, new Date().toISOString().slice(0, 10)));
  else if (process.argv.includes('--online')) faults.push('The registry did not say what is vulnerable.');
  else console.log('The registry did not say what is vulnerable; only the lockfile was judged.');
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
