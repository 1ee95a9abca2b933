/** What the exchange is built from is judged in CI (`tools/check-dependencies.mjs`). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import manifest from '../../package.json' with { type: 'json' };
// @ts-expect-error: a module without types
import { advisoryFaults, lockfileFaults } from '../../tools/check-dependencies.mjs';

interface Exceptions {
  readonly advisories: readonly { readonly id: string; readonly reason: string; readonly until: string }[];
  readonly licences: readonly { readonly package: string; readonly reason: string }[];
}
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const exceptions = readJson('tools/dependency-exceptions.json') as Exceptions;

const judgeLock = lockfileFaults as (lock: unknown, manifest: object, exceptions: Exceptions) => string[];
const judgeReport = advisoryFaults as (report: unknown, exceptions: Exceptions, today: string) => string[];

test('the lockfile has a checksum for every package, no host, no unlisted script, and licences that are allowed', () => {
  expect(judgeLock(readJson('package-lock.json'), manifest, exceptions)).toEqual([]);
});

test('no script of a package runs when it is installed', () => {
  expect(Object.values(manifest.allowScripts)).toEqual(Object.values(manifest.allowScripts).map(() => false));
});

test('each exception has a reason, and ends', () => {
  for (const { reason } of [...exceptions.advisories, ...exceptions.licences])
    expect(reason.length).toBeGreaterThan(20);
  for (const { until } of exceptions.advisories) expect(until).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});

describe('a lockfile', () => {
  const sound = { version: '1.0.0', integrity: 'sha512-x', license: 'MIT' };
  const faultsOf = (entry: object) =>
    judgeLock(
      { packages: { '': {}, 'node_modules/a/node_modules/@b/c': { ...sound, ...entry } } },
      {},
      exceptions,
    );

  test.each<[string | undefined, object]>([
    [undefined, {}],
    ['@b/c: no checksum', { integrity: undefined }],
    ['@b/c: names the host that it comes from', { resolved: 'https://mirror.example/c.tgz' }],
    ['@b/c: runs a script', { hasInstallScript: true }],
    ['@b/c: the licence GPL-3.0 is not', { license: 'GPL-3.0' }],
    ['@b/c: the licence (none) is not', { license: undefined }],
    [undefined, { license: 'GPL-3.0', dev: true }],
  ])('has the fault %s', (fault, entry) => {
    expect(faultsOf(entry)).toEqual(fault === undefined ? [] : [expect.stringContaining(fault)]);
  });
});

describe('an advisory', () => {
  const advisory = {
    name: 'c',
    severity: 'high',
    title: 'Reads too much',
    url: 'https://github.com/advisories/GHSA-1',
  };
  const reportOf = (severity: string) => ({
    vulnerabilities: { c: { via: [{ ...advisory, severity }] }, a: { via: ['c'] } },
  });
  const until = (day: string): Exceptions => ({
    advisories: [{ id: 'GHSA-1', reason: 'nothing of it is called', until: day }],
    licences: [],
  });

  test.each([
    ['critical', exceptions, ['c: critical: Reads too much (https://github.com/advisories/GHSA-1)']],
    ['high', exceptions, ['c: high: Reads too much (https://github.com/advisories/GHSA-1)']],
    ['moderate', exceptions, []],
    ['high', until('2026-11-26'), []],
    ['high', until('2026-11-25'), [expect.stringContaining('its exception ended on 2026-11-25')]],
  ])('that is %s counts unless an exception is in force', (severity, those, faults) => {
    expect(judgeReport(reportOf(severity), those, '2026-11-26')).toEqual(faults);
  });
});
