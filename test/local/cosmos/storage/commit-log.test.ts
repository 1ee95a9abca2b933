import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommitLog, replayLog, rewriteLog } from '../../../../local/cosmos/storage/commit-log.js';
import type { LogEntry } from '../../../../local/cosmos/storage/entries.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'commit-log-'));
  path = join(folder, 'log.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const database = (id: string): LogEntry => ({ op: 'database', record: { id, rid: 'r', etag: '"e"', ts: 1 } });
const replay = (): LogEntry[] => {
  const entries: LogEntry[] = [];
  replayLog(path, (entry) => entries.push(entry));
  return entries;
};

describe('the log', () => {
  test('gives back what was appended, in order, across lines larger than its read buffer', async () => {
    const entries = ['a', 'é'.repeat(1_500_000), 'c'].map(database);
    const log = new CommitLog(path, { fsync: false });
    for (const entry of entries) log.append(entry);
    await log.close();
    expect(replay()).toEqual([{ op: 'format', version: 1 }, ...entries]);
  });

  test('is empty where there is none', () => {
    expect(replay()).toEqual([]);
  });

  test('survives being cut at any byte: whole lines stay, the rest goes, and appending works', async () => {
    const entries = [database('one'), database('zwei é'), database('three')];
    rewriteLog(path, entries);
    const bytes = readFileSync(path);
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length }), async (cut) => {
        writeFileSync(path, bytes);
        truncateSync(path, cut);
        const whole = ends.filter((end) => end <= cut).length;
        expect(replay()).toEqual(entries.slice(0, whole));
        expect(statSync(path).size).toBe(ends[whole - 1] ?? 0);
        const log = new CommitLog(path, { fsync: false });
        log.append(database('new'));
        await log.close();
        expect(replay().at(-1)).toEqual(database('new'));
      }),
    );
  });

  test.each(['{"op":', 'not json', '{}', '\u0000\u0000'])('cuts off a last line of %p', (text) => {
    rewriteLog(path, [database('kept')]);
    appendFileSync(path, `${text}\n`);
    expect(replay()).toEqual([database('kept')]);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  });

  test('refuses damage before the last line and leaves the file alone', () => {
    rewriteLog(path, [database('first')]);
    appendFileSync(path, `damaged\n${JSON.stringify(database('last'))}\n`);
    const before = readFileSync(path);
    expect(replay).toThrow(/line 2/);
    expect(readFileSync(path)).toEqual(before);
  });

  test('refuses a format that it does not know', () => {
    writeFileSync(path, '{"op":"format","version":2}\n{"op":"sequence","value":1}\n');
    expect(replay).toThrow(/format 2/);
  });

  test('shares one flush among all that wait, and none waits for a flush begun before its line', async () => {
    const log = new CommitLog(path, { fsync: true });
    const waits = Array.from({ length: 20 }, (_, index) => {
      log.append(database(String(index)));
      return log.settled();
    });
    expect(new Set(waits).size).toBe(1);
    await Promise.all(waits);
    log.append(database('later'));
    await log.settled();
    await log.close();
    expect(replay()).toHaveLength(22);
  });
});
