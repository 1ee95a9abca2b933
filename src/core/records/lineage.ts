import type { LineageEntry } from '../mapping/types.js';
import type { Origin } from './merge.js';
import type { LineageRow, StoredLineage } from './types.js';

/** Packs the lineage of a record that one message stated. Elements lose their type: `name[0].family`. */
export function packLineage(entries: readonly LineageEntry[], messageId: string): StoredLineage {
  return { messages: [messageId], rows: entries.map((entry) => toRow(entry, 0)) };
}

function toRow({ element, rule, source, start, end }: LineageEntry, message: number): LineageRow {
  const path = element.slice(element.indexOf('.') + 1);
  return source === undefined || start === undefined || end === undefined
    ? [path, message, rule]
    : [path, message, rule, source, start, end];
}

/**
 * Joins the lineages of two statements as their resource was merged: each merged element brings the rows of the side
 * it came from, moved to its new place.
 */
export function mergeLineage(
  stored: StoredLineage,
  incoming: StoredLineage,
  origins: ReadonlyMap<string, Origin>,
): StoredLineage {
  const messages: string[] = [];
  const rows: LineageRow[] = [];
  const add = (from: StoredLineage, path: string, target: string, isAdded: (rule: string) => boolean) => {
    for (const row of from.rows) {
      if (!isWithin(row[0], path) || !isAdded(row[2])) continue;
      const messageId = from.messages[row[1]] ?? '';
      let message = messages.indexOf(messageId);
      if (message === -1) message = messages.push(messageId) - 1;
      const element = target + row[0].slice(path.length);
      rows.push(
        row.length === 3 ? [element, message, row[2]] : [element, message, row[2], row[3], row[4], row[5]],
      );
    }
  };
  for (const [target, { side, path, also }] of origins) {
    const [from, other] = side === 'stored' ? [stored, incoming] : [incoming, stored];
    add(from, path, target, () => true);
    if (also === undefined) continue;
    const stating = new Set(
      from.rows.filter(([element]) => isWithin(element, path)).map(([, , rule]) => rule),
    );
    add(other, also, target, (rule) => !stating.has(rule));
  }
  return { messages, rows };
}

/** Adds rows of another statement, under the names that their elements get; those without one are left out. */
export function addLineage(
  lineage: StoredLineage,
  other: StoredLineage,
  rename: (element: string) => string | undefined,
): StoredLineage {
  const messages = [...lineage.messages];
  const rows: LineageRow[] = [];
  for (const [from, message, ...origin] of other.rows) {
    const element = rename(from);
    if (element === undefined) continue;
    const messageId = other.messages[message] ?? '';
    let index = messages.indexOf(messageId);
    if (index === -1) index = messages.push(messageId) - 1;
    rows.push([element, index, ...origin]);
  }
  return rows.length === 0 ? lineage : { messages, rows: [...lineage.rows, ...rows] };
}

/** True for the element itself and what is below it: `name` holds `name[0].family`, not `nameUse`. */
function isWithin(element: string, path: string): boolean {
  if (!element.startsWith(path)) return false;
  const next = element.charAt(path.length);
  return next === '' || next === '.' || next === '[';
}
