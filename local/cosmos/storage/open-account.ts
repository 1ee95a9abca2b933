import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './account.js';
import { Account } from './account.js';
import { CommitLog, noJournal, replayLog, rewriteLog } from './commit-log.js';

export interface StorageOptions {
  /** Folder of the log; without it everything is kept in memory only. One process per folder. */
  readonly dataDir?: string | undefined;
  /** Partition key ranges of containers created from now on. */
  readonly ranges: number;
  /** Whether answers wait for the disk; the page cache already survives the death of the process. */
  readonly fsync?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/** Smaller logs are replayed faster than they are rewritten. */
const worthCompacting = 1_000;

/** The name of the log in its folder. */
const logName = 'commits.jsonl';

/**
 * Opens the account: replays the log, compacts it when most of it is garbage, and appends to it from now on.
 *
 * @throws Error when the log is damaged in its middle.
 */
export function openAccount({ dataDir, ranges, fsync = false, clock = Date.now }: StorageOptions): Account {
  const account = new Account({ journal: noJournal, ranges, clock });
  if (dataDir === undefined) return account;
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, logName);
  replayLog(path, (entry) => {
    account.apply(entry);
  });
  account.finishReplay();
  const { changes, share } = account.garbage;
  if (changes >= worthCompacting && share > 0.5) rewriteLog(path, account.snapshot());
  account.journal = new CommitLog(path, { fsync });
  return account;
}
