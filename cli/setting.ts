/** The feed and the packs that a command converts with. */
import { existsSync, readFileSync } from 'node:fs';
import type { Feed } from '../src/core/feed.js';
import { defaultFeed } from '../src/core/mapping/default-feed.js';
import { printReference, type PackRegistry } from '../src/core/mapping/engine/pack-registry.js';
import type { PackExtension } from '../src/core/mapping/engine/pack.js';
import { parseFeeds } from '../src/platform/feeds.js';
import { loadSitePacks, parseSitePack, sitePackRegistry } from '../src/platform/site-packs.js';
import { UsageError, type Terminal } from './terminal.js';

/** Options that every converting command has, for `parseArgs`. */
export const settingOptions = {
  feed: { type: 'string' },
  pack: { type: 'string', multiple: true },
} as const;

export interface Setting {
  readonly feed: Feed;
  readonly registry: PackRegistry;
  /** False when the feed is the default one. */
  readonly isNamed: boolean;
}

/**
 * Finds the feed and loads the site packs: those of `HDE_PACKS` and those that `--pack` names, the last of which
 * replaces the pack of the feed.
 *
 * @throws UsageError or PackError
 */
export function readSetting(
  options: { readonly feed?: string | undefined; readonly pack?: readonly string[] | undefined },
  { environment }: Terminal,
): Setting {
  const given = (options.pack ?? []).map(readSitePack);
  const configured = loadSitePacks(environment['HDE_PACKS'] ?? '[]');
  const registry = sitePackRegistry([...configured.filter((pack) => !given.some(sameAs(pack))), ...given]);
  const feed = options.feed === undefined ? defaultFeed : findFeed(options.feed, environment);
  const last = given.at(-1);
  const used = last === undefined ? feed : { ...feed, pack: printReference(last) };
  registry.find(used.pack);
  return { feed: used, registry, isNamed: options.feed !== undefined };
}

const sameAs = (pack: PackExtension) => (other: PackExtension) =>
  printReference(pack) === printReference(other);

/** @throws UsageError or PackError */
export function readSitePack(file: string): PackExtension {
  return parseSitePack(readText(file), file);
}

/** @throws UsageError when there is no such file */
export function readText(file: string): string {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  return readFileSync(file, 'utf8');
}

function findFeed(name: string, environment: Terminal['environment']): Feed {
  const isFile = name.endsWith('.json');
  const feeds = isFile ? feedsOf(readText(name), name) : configuredFeeds(environment);
  const [only] = feeds;
  const found = isFile && feeds.length === 1 ? only : feeds.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const known = feeds.map(({ id }) => id).join(', ');
  throw new UsageError(
    isFile ? `${name} holds several feeds (${known})` : `no feed is called ${name}; there are: ${known}`,
  );
}

/** A file holds one feed or a list of them, as `HDE_FEEDS` does. */
function feedsOf(text: string, label: string): Feed[] {
  try {
    return parseFeeds(text.trimStart().startsWith('{') ? `[${text}]` : text);
  } catch (error) {
    throw new UsageError(`${label}: ${error instanceof Error ? error.message : 'is not valid'}`);
  }
}

/** The environment, else the settings of the local stack, else their sample. */
function configuredFeeds(environment: Terminal['environment']): Feed[] {
  const { HDE_FEEDS } = environment;
  if (HDE_FEEDS !== undefined) return feedsOf(HDE_FEEDS, 'HDE_FEEDS');
  const file = ['local.settings.json', 'local.settings.sample.json'].find((name) => existsSync(name));
  if (file === undefined) return [];
  const { Values } = JSON.parse(readFileSync(file, 'utf8')) as { readonly Values?: Record<string, string> };
  return feedsOf(Values?.['HDE_FEEDS'] ?? '[]', file);
}
