/** Entries kept; about 100 bytes each. */
const capacity = 50_000;

/** Partitions of shared resources that are known to exist. */
export interface KnownShared {
  has(partition: string): boolean;
  add(partition: string): void;
}

/**
 * A bounded memory of organisations, practitioners and places that exist already. Messages only ever create them, so
 * once one exists there is nothing left to look up: nearly every message names some.
 */
export function createKnownShared(): KnownShared {
  const known = new Set<string>();
  return {
    has: (partition) => known.has(partition),
    add: (partition) => {
      if (known.size >= capacity) known.clear();
      known.add(partition);
    },
  };
}
