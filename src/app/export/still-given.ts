/** What a file of an export still gives on the day it is fetched: it was written earlier, and is decided on again. */
import { Buffer } from 'node:buffer';
import type { HistoryDocument } from '../../core/records/types.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { Judge } from '../access/judge.js';

export interface StillGivenDependencies {
  readonly records: RecordStore;
  /** Made anew for each page, so that what has changed while a file is sent counts. */
  readonly newJudge: () => Judge;
}

/** So many lines are decided on at once. */
const pageSize = 100;

/**
 * The lines of a file that the policy still gives, as they were written. A record that was deleted since is not given: whom
 * it was about may have asked for that.
 *
 * @param type of all records of the file
 */
export async function* stillGiven(
  deps: StillGivenDependencies,
  type: string,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let page: string[] = [];
  for await (const line of linesOf(content)) {
    if (page.push(line) < pageSize) continue;
    yield* givenOf(deps, type, page);
    page = [];
  }
  yield* givenOf(deps, type, page);
}

async function* linesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of content) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* givenOf(
  { records, newJudge }: StillGivenDependencies,
  type: string,
  lines: readonly string[],
): AsyncGenerator<Uint8Array> {
  if (lines.length === 0) return;
  const stated = await Promise.all(lines.map((line) => documentsOf(records, type, line)));
  const documents = stated.flat();
  const decisions = documents.length === 0 ? [] : await newJudge().decide('export', documents);
  const refused = new Set(documents.filter((_, at) => decisions[at]?.outcome !== 'permit'));
  const given = lines.filter((_, at) => {
    const own = stated[at] ?? [];
    return own.length > 0 && !own.some((document) => refused.has(document));
  });
  if (given.length > 0) yield Buffer.from(given.map((line) => `${line}\n`).join(''));
}

/** The record of a line as it is now, and as the line has it; none where one of them is gone. */
async function documentsOf(
  records: RecordStore,
  type: string,
  line: string,
): Promise<readonly HistoryDocument[]> {
  const { id, meta } = JSON.parse(line) as {
    readonly id: string;
    readonly meta?: { readonly versionId?: string };
  };
  const current = await records.readCurrent(type, id);
  if (current === undefined) return [];
  const version = Number(meta?.versionId);
  if (version === current.versionId) return [current];
  const stated = await records.readVersion(type, id, version, current.partition);
  return stated === undefined ? [] : [current, stated];
}
