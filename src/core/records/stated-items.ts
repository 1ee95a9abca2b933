/** Items of lists by the rule that stated them, as the lineage tells: several fields fill one list, and each takes back its own. */
import type { Resource } from 'fhir/r4.js';
import { withoutItemsAt } from './merge.js';
import type { Statement } from './statement.js';
import type { LineageRow, StoredLineage } from './types.js';

/** `meta.security[rule=pd1-12-protection]` */
const STATED_BY = /^([\w.]+)\[rule=([^\]]+)\]$/;

/**
 * A statement without what some rules said of lists. An item that another rule stated, too, stays.
 *
 * @param removed paths, of which those of the form `telecom[rule=pid-40-telecom]` count
 */
export const withoutStated = (statement: Statement, removed: readonly string[]): Statement =>
  removed.reduce((known, path) => {
    const [, list, rule] = STATED_BY.exec(path) ?? [];
    return list === undefined || rule === undefined ? known : withoutItemsOf(known, list, rule);
  }, statement);

function withoutItemsOf({ resource, lineage }: Statement, list: string, rule: string): Statement {
  const kept: LineageRow[] = [];
  const taken = new Set<number>();
  const held = new Set<number>();
  for (const row of lineage.rows) {
    const item = itemOf(row, list);
    const isTaken = item !== undefined && row[2] === rule;
    if (item !== undefined) (isTaken ? taken : held).add(item);
    if (!isTaken) kept.push(row);
  }
  const gone = [...taken].filter((item) => !held.has(item));
  return withoutItems({ resource, lineage: { ...lineage, rows: kept } }, list, gone);
}

/** A statement without some items of a list, and without their lineage. @param gone their indexes */
export function withoutItems<T extends Resource>(
  { resource, lineage }: { readonly resource: T; readonly lineage: StoredLineage },
  list: string,
  gone: readonly number[],
): { readonly resource: T; readonly lineage: StoredLineage } {
  if (gone.length === 0) return { resource, lineage };
  const before = (item: number) => gone.filter((each) => each < item).length;
  const rows = lineage.rows.flatMap((row): LineageRow[] => {
    const item = itemOf(row, list);
    if (item !== undefined && gone.includes(item)) return [];
    if (item === undefined || before(item) === 0) return [row];
    const [element, ...origin] = row;
    const rest = element.slice(`${list}[${item}]`.length);
    return [[`${list}[${item - before(item)}]${rest}`, ...origin]];
  });
  return { resource: withoutItemsAt(resource, list, gone), lineage: { ...lineage, rows } };
}

/** Which item of a list a row is about. */
function itemOf([element]: LineageRow, list: string): number | undefined {
  if (!element.startsWith(`${list}[`)) return undefined;
  return Number(element.slice(list.length + 1, element.indexOf(']', list.length)));
}
