/** `hde pack`: site packs checked and compared. */
import { existsSync } from 'node:fs';
import type { Feed } from '../src/core/feed.js';
import { printReference, type PackRegistry } from '../src/core/mapping/engine/pack-registry.js';
import { PackError, type PackExtension } from '../src/core/mapping/engine/pack.js';
import { loadSitePacks, sitePackJsonSchema, sitePackRegistry } from '../src/platform/site-packs.js';
import { parseOptions } from './parse-options.js';
import { checkRules } from './check-rules.js';
import { diffPacks, type ElementDifference } from './pack-diff.js';
import { readSetting, readSitePack, settingOptions } from './setting.js';
import { printTable } from './table.js';
import { exit, UsageError, type Terminal } from './terminal.js';

export function runPack(args: string[], terminal: Terminal): number {
  const [action, ...rest] = args;
  switch (action) {
    case 'check':
      return check(rest, terminal);
    case 'diff':
      return diff(rest, terminal);
    case 'schema':
      terminal.out(`${JSON.stringify(sitePackJsonSchema(), null, 2)}\n`);
      return exit.done;
    default:
      throw new UsageError('one of check, diff and schema is needed');
  }
}

/** Packs may extend one another, so they are checked together. */
function check(args: string[], terminal: Terminal): number {
  const { positionals } = parseOptions({ args, allowPositionals: true });
  if (positionals.length === 0) throw new UsageError('a FILE is needed');
  const packs = positionals.map(readSitePack);
  const registry = sitePackRegistry(packs);
  for (const pack of packs) {
    const faults = checkRules(registry.complete(printReference(pack)), ownRules(pack));
    if (faults.length > 0) throw new PackError(printReference(pack), faults);
    const sources = registry.sources(printReference(pack)).map(printReference).reverse();
    terminal.out(`${sources.join(' extends ')}: valid\n`);
  }
  return exit.done;
}

const ownRules = ({ maps = [] }: PackExtension): Set<string> =>
  new Set(maps.flatMap(({ rules = [] }) => rules.map(({ id }) => id)));

function diff(args: string[], terminal: Terminal): number {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      feed: settingOptions.feed,
      values: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [a, b, folder, ...more] = positionals;
  if (a === undefined || b === undefined || folder === undefined || more.length > 0)
    throw new UsageError('A, B and a FOLDER are needed');
  const { feed } = readSetting(values, terminal);
  const [before, after] = [a, b].map((each) => sideOf(each, feed, terminal));
  if (before === undefined || after === undefined) return exit.usage;
  const result = diffPacks(folder, before, after);
  const differences = values.values ? result.differences : result.differences.map(withoutValues);
  terminal.out(
    values.json
      ? `${JSON.stringify({ ...result, differences }, null, 2)}\n`
      : printDiff(result.messages, result.refusals, differences, values.values),
  );
  return differences.length + result.refusals.length === 0 ? exit.done : exit.refused;
}

/** Each side has packs of its own, so that two files may hold the same version. */
function sideOf(pack: string, feed: Feed, { environment }: Terminal): { feed: Feed; registry: PackRegistry } {
  if (existsSync(pack)) {
    const site = readSitePack(pack);
    const others = loadSitePacks(environment['HDE_PACKS'] ?? '[]');
    const reference = printReference(site);
    const registry = sitePackRegistry([...others.filter((each) => printReference(each) !== reference), site]);
    return { feed: { ...feed, pack: reference }, registry };
  }
  if (!/^[a-z0-9-]+(?:@[\d.]+)?$/.test(pack)) throw new UsageError(`there is no file ${pack}`);
  const registry = sitePackRegistry(loadSitePacks(environment['HDE_PACKS'] ?? '[]'));
  registry.find(pack);
  return { feed: { ...feed, pack }, registry };
}

const withoutValues = ({ before, after, ...difference }: ElementDifference): ElementDifference => difference;

function printDiff(
  messages: number,
  refusals: readonly { readonly place: string; readonly before: string; readonly after: string }[],
  differences: readonly ElementDifference[],
  showValues: boolean,
): string {
  const head = ['change', 'count', 'element', 'for example', ...(showValues ? ['before', 'after'] : [])];
  const rows = differences.map(({ change, count, element, example, before = '', after = '' }) => [
    ...[change, count, element, example],
    ...(showValues ? [before, after] : []),
  ]);
  return [
    `${messages} messages, ${differences.length} elements differ\n`,
    refusals.length === 0
      ? ''
      : printTable(
          ['message', 'before', 'after'],
          refusals.map(({ place, before, after }) => [place, before, after]),
        ),
    rows.length === 0 ? '' : printTable(head, rows),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
