/** Rows of a pack by the ids that lineage and ledger name, each with the pack that wrote it. */
import type { PackReference } from '../types.js';
import type { IgnoredFields, ResourceMap, Rule } from './pack.js';
import type { PackRegistry, PackSource } from './pack-registry.js';

export type PackRow =
  | { readonly kind: 'rule'; readonly rule: Rule; readonly map: ResourceMap; readonly pack: PackReference }
  | { readonly kind: 'ignored'; readonly row: IgnoredFields; readonly pack: PackReference }
  /** `<map>-repeated`: the message states the record before, and the first statement holds. */
  | { readonly kind: 'repeated'; readonly map: ResourceMap; readonly pack: PackReference };

/** @throws PackError when there is no such pack */
export function indexRows(registry: PackRegistry, reference: string): ReadonlyMap<string, PackRow> {
  const pack = registry.complete(reference);
  const writers = writersOf(registry.sources(reference));
  const writerOf = (id: string): PackReference => writers.get(id) ?? pack;
  const rows = new Map<string, PackRow>();
  for (const map of pack.maps) {
    rows.set(`${map.id}-repeated`, { kind: 'repeated', map, pack: writerOf(map.id) });
    for (const rule of map.rules) rows.set(rule.id, { kind: 'rule', rule, map, pack: writerOf(rule.id) });
  }
  for (const row of pack.ignored) rows.set(row.id, { kind: 'ignored', row, pack: writerOf(row.id) });
  return rows;
}

/** The last pack that states a row has written it. */
function writersOf(sources: readonly PackSource[]): Map<string, PackReference> {
  const writers = new Map<string, PackReference>();
  for (const { name, version, maps = [], ignored = [] } of sources) {
    const note = (id: string) => writers.set(id, { name, version });
    for (const map of maps) {
      note(map.id);
      for (const { id } of map.rules ?? []) note(id);
    }
    for (const { id } of ignored) note(id);
  }
  return writers;
}
