/**
 * Every row of the official HL7 v2-to-FHIR segment maps that names a FHIR element is answered for: by rules of the UK
 * pack or by a reason. `official-rows/<segment>.json` holds the list; a row is called `<source>→<target>` within its
 * map, repeated ones are numbered (`#2`).
 *
 * - `rule: <id> <id>`: rules that read the row's field
 * - `via: <id> <id>`: rules of the segment or one near it whose transform reads the row's field, or that do what the row means
 * - `waived: <reason>`: a key of the file's `reasons`
 */
import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../../../src/core/mapping/engine/pack.js';
import { ukPack } from './support.js';

interface RowList {
  readonly reasons: Readonly<Record<string, string>>;
  readonly maps: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const folder = join(import.meta.dirname, 'official-rows');
const lists = readdirSync(folder).map(
  (file) => [file.slice(0, 3), JSON.parse(readFileSync(join(folder, file), 'utf8')) as RowList] as const,
);
const tablesFile = join(
  import.meta.dirname,
  '../../../../shared/reference/hl7v2-to-fhir/v2-to-fhir-maps.json',
);

const rules = new Map<string, Rule>(ukPack.maps.flatMap((map) => map.rules.map((rule) => [rule.id, rule])));
const rowIds = new Set([
  ...rules.keys(),
  ...ukPack.maps.map(({ id }) => id),
  ...ukPack.ignored.map(({ id }) => id),
]);
const ignoredFrom = new Map(ukPack.ignored.map(({ id, from }) => [id, from.split(',').map((x) => x.trim())]));

/** `PID-5.1` and `PID-5[1]` as `PID-5`. */
const fieldOf = (source: string): string =>
  /^[A-Z][A-Z0-9]{2}-\d+/.exec(source.replace('(*)', ''))?.[0] ?? '';

function reads(id: string, field: string): boolean {
  const rule = rules.get(id);
  return rule === undefined
    ? (ignoredFrom.get(id)?.includes(field) ?? false)
    : fieldOf(rule.from ?? '') === field;
}

function faultsOf({ reasons, maps }: RowList): string[] {
  const faults: string[] = [];
  for (const [map, rows] of Object.entries(maps)) {
    for (const [row, answer] of Object.entries(rows)) {
      const [, kind = '', names = ''] = /^(rule|via|waived): (\S.*)$/.exec(answer) ?? [];
      const field = fieldOf(row);
      if (kind === '') faults.push(`${map} ${row}: not answered for`);
      else if (kind === 'waived') {
        if ((reasons[names] ?? '').length < 20) faults.push(`${map} ${row}: no reason ${names}`);
      } else {
        for (const id of names.split(' ')) {
          if (!rowIds.has(id)) faults.push(`${map} ${row}: there is no rule ${id}`);
          else if (kind === 'rule' && field !== '' && !reads(id, field))
            faults.push(`${map} ${row}: ${id} does not read ${field}`);
        }
      }
    }
  }
  return faults;
}

describe('the official rows', () => {
  test.each(lists)('of %s are all implemented or waived with a reason', (_segment, list) => {
    expect(faultsOf(list)).toEqual([]);
  });

  const checked = existsSync(tablesFile) ? test : test.skip;
  checked('are those of the official tables (skipped where the tables are not at hand)', () => {
    const tables = JSON.parse(readFileSync(tablesFile, 'utf8')) as { seg: Record<string, string[][]> };
    const official = Object.entries(tables.seg).flatMap(([map, rows]) =>
      numbered(rows.slice(2)).map((row) => `${map} ${row}`),
    );
    const listed = lists.flatMap(([, { maps }]) =>
      Object.entries(maps).flatMap(([map, rows]) => Object.keys(rows).map((row) => `${map} ${row}`)),
    );
    expect(new Set(listed)).toEqual(new Set(official));
    expect(listed.length).toBeGreaterThan(1000);
  });
});

/** Rows with a source and a target element (columns 2 and 10), repeated ones numbered. */
function numbered(rows: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>();
  const ids: string[] = [];
  for (const row of rows) {
    const [source = '', target = ''] = [row[1]?.trim(), row[9]?.trim()];
    if (source === '' || target === '') continue;
    const id = `${source}→${target}`;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    ids.push(count === 1 ? id : `${id} #${count}`);
  }
  return ids;
}
