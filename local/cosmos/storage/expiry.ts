import type { Account } from './account.js';
import type { Container } from './container.js';
import type { ItemChange } from './entries.js';
import type { StoredItem } from './stored-item.js';

/** How many expired items one commit deletes at most. */
const itemsPerCommit = 200;

function* expiredItems(container: Container, range: number, nowSeconds: number): Generator<StoredItem> {
  const store = container.ranges[range];
  const expireByDefault = (container.record.definition.defaultTtl ?? -1) > 0;
  // To look at all that is stored every few seconds would take longer and longer.
  for (const item of (expireByDefault ? store?.items() : store?.mortals()) ?? []) {
    if (container.isExpired(item, nowSeconds)) yield item;
  }
}

function sweepRange(account: Account, container: Container, range: number): number {
  const { nowSeconds } = account;
  // Collected before the first commit changes the map that is being read.
  const changes = [...expiredItems(container, range, nowSeconds)].map((item): ItemChange => ({
    partition: item.partition.text,
    delete: item.id,
    expired: true,
  }));
  for (let at = 0; at < changes.length; at += itemsPerCommit) {
    const lsn = (container.ranges[range]?.lsn ?? 0) + 1;
    account.commitChanges(container, {
      range,
      lsn,
      ts: nowSeconds,
      changes: changes.slice(at, at + itemsPerCommit),
    });
  }
  return changes.length;
}

/** Deletes items whose time to live is over, as the service does in the background. Returns how many. */
export function sweepExpired(account: Account): number {
  let swept = 0;
  for (const { containers } of account.databases.values()) {
    for (const container of containers.values()) {
      if (container.record.definition.defaultTtl === undefined) continue;
      for (const range of container.ranges.keys()) swept += sweepRange(account, container, range);
    }
  }
  return swept;
}
