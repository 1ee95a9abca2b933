/** Builds a complete pack from one that extends another. */
import {
  PackError,
  type Pack,
  type PackExtension,
  type ResourceMap,
  type ResourceMapExtension,
} from './pack.js';

/** Rows of the extension replace inherited rows with the same key; new rows follow the inherited ones. */
export function extendPack(base: Pack, extension: PackExtension): Pack {
  const dropped = new Set(extension.dropped);
  const faults = [...unknownKeys(base, extension), ...repeatedIds(extension)];
  const pack: Pack = {
    name: extension.name,
    version: extension.version,
    messages: { ...base.messages, ...extension.messages },
    structure: { ...base.structure, ...extension.structure },
    extensions: { ...base.extensions, ...extension.extensions },
    codeSystems: { ...base.codeSystems, ...extension.codeSystems },
    profiles: { ...base.profiles, ...extension.profiles },
    tables: mergeTables(base, extension),
    maps: mergeMaps(base.maps, extension.maps ?? [], dropped, faults),
    ignored: mergeById(base.ignored, extension.ignored ?? [], dropped),
  };
  if (faults.length > 0) throw new PackError(`${extension.name} ${extension.version}`, faults);
  return pack;
}

function unknownKeys(base: Pack, extension: PackExtension): string[] {
  const known = new Set([
    ...base.ignored.map(({ id }) => id),
    ...base.maps.flatMap(({ id, rules }) => [id, ...rules.map((rule) => rule.id)]),
  ]);
  return (extension.dropped ?? [])
    .filter((id) => !known.has(id))
    .map((id) => `dropped ${id}: ${base.name} has no such row`);
}

/** Within one pack a second row of an id would silently replace the first. */
function repeatedIds({ maps = [], ignored = [] }: PackExtension): string[] {
  const ids = [
    ...maps.flatMap(({ id, rules = [] }) => [id, ...rules.map((rule) => rule.id)]),
    ...ignored.map(({ id }) => id),
  ];
  const seen = new Set<string>();
  const repeated = ids.filter((id) => seen.has(id) || !seen.add(id));
  return [...new Set(repeated)].map((id) => `row ${id}: the id is used twice`);
}

function mergeTables(base: Pack, extension: PackExtension): Pack['tables'] {
  const tables = { ...base.tables };
  for (const [name, rows] of Object.entries(extension.tables ?? {}))
    tables[name] = { ...tables[name], ...rows };
  return tables;
}

function mergeMaps(
  inherited: readonly ResourceMap[],
  changes: readonly (ResourceMap | ResourceMapExtension)[],
  dropped: ReadonlySet<string>,
  faults: string[],
): ResourceMap[] {
  const maps = new Map(inherited.filter(({ id }) => !dropped.has(id)).map((map) => [map.id, map]));
  for (const change of changes) {
    const held = maps.get(change.id);
    if (held === undefined && !isComplete(change)) {
      faults.push(`map ${change.id}: neither complete nor an inherited map to change`);
      continue;
    }
    maps.set(change.id, {
      ...held,
      ...change,
      rules: mergeById(held?.rules ?? [], change.rules ?? [], new Set()),
    } as ResourceMap);
  }
  return [...maps.values()].map((map) => ({ ...map, rules: map.rules.filter(({ id }) => !dropped.has(id)) }));
}

function isComplete(map: ResourceMap | ResourceMapExtension): map is ResourceMap {
  return [map.segment, map.resource, map.identity, map.mode, map.rules].every((part) => part !== undefined);
}

function mergeById<T extends { readonly id: string }>(
  inherited: readonly T[],
  changes: readonly T[],
  dropped: ReadonlySet<string>,
): T[] {
  const rows = new Map(inherited.filter(({ id }) => !dropped.has(id)).map((row) => [row.id, row]));
  for (const row of changes) rows.set(row.id, row);
  return [...rows.values()];
}
