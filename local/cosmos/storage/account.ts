import { conflict, ownerNotFound } from '../errors.js';
import type { Journal } from './commit-log.js';
import { Container } from './container.js';
import type { ContainerDefinition } from './definition.js';
import { checkReplacement } from './definition.js';
import type { Commit, DatabaseRecord, LogEntry } from './entries.js';
import type { PartitionKey } from './partition-key.js';
import { containerRid, databaseRid, newEtag } from './resource-id.js';
import { Transaction } from './transaction.js';

export interface Database {
  readonly record: DatabaseRecord;
  readonly containers: Map<string, Container>;
}

/** Milliseconds since 1970; tests bring their own. */
export type Clock = () => number;

/** The state of the account: everything that the log holds, in memory. */
export class Account {
  readonly databases = new Map<string, Database>();
  readonly #containersByRid = new Map<string, Container>();
  readonly #clock: Clock;
  readonly #ranges: number;
  #journal: Journal;
  #sequence = 0;
  /** How many changes of items the log holds, against how many of them still matter. */
  #loggedChanges = 0;

  constructor(options: { readonly journal: Journal; readonly ranges: number; readonly clock: Clock }) {
    this.#journal = options.journal;
    this.#ranges = options.ranges;
    this.#clock = options.clock;
  }

  set journal(journal: Journal) {
    this.#journal = journal;
  }

  get nowSeconds(): number {
    return Math.floor(this.#clock() / 1000);
  }

  /** The share of logged changes that a compaction would drop. */
  get garbage(): { readonly changes: number; readonly share: number } {
    let live = 0;
    for (const container of this.#containersByRid.values()) {
      for (const range of container.ranges) live += range.size;
    }
    const changes = this.#loggedChanges;
    return { changes, share: changes === 0 ? 0 : 1 - live / changes };
  }

  /** @throws CosmosError 404 */
  database(id: string): Database {
    const database = this.databases.get(id);
    if (database === undefined) throw ownerNotFound();
    return database;
  }

  /** @throws CosmosError 404 (substatus 1003) */
  container(databaseId: string, id: string): Container {
    const container = this.database(databaseId).containers.get(id);
    if (container === undefined) throw ownerNotFound(1003);
    return container;
  }

  /** @throws CosmosError 409 when the id is taken */
  createDatabase(id: string): Database {
    if (this.databases.has(id)) throw conflict('Entity with the specified id already exists in the system.');
    const rid = databaseRid(this.#sequence + 1);
    this.#record({ op: 'database', record: { id, rid, etag: newEtag(), ts: this.nowSeconds } });
    return this.database(id);
  }

  deleteDatabase(id: string): void {
    this.database(id);
    this.#record({ op: 'delete-database', id });
  }

  /** @throws CosmosError 409 when the id is taken */
  createContainer(databaseId: string, definition: ContainerDefinition, throughput?: number): Container {
    const { record, containers } = this.database(databaseId);
    if (containers.has(definition.id)) {
      throw conflict('Entity with the specified id already exists in the system.');
    }
    this.#record({
      op: 'container',
      record: {
        database: databaseId,
        id: definition.id,
        rid: containerRid(record.rid, this.#sequence + 1),
        etag: newEtag(),
        ts: this.nowSeconds,
        definition,
        ranges: this.#ranges,
        ...(throughput === undefined ? {} : { throughput }),
      },
    });
    return this.container(databaseId, definition.id);
  }

  /** @throws CosmosError 400 or 403 when something changed that must not */
  replaceContainer(container: Container, definition: ContainerDefinition): void {
    checkReplacement(container.record.definition, definition);
    const record = { ...container.record, etag: newEtag(), ts: this.nowSeconds, definition };
    this.#record({ op: 'container', record });
  }

  deleteContainer(databaseId: string, id: string): void {
    this.container(databaseId, id);
    this.#record({ op: 'delete-container', database: databaseId, id });
  }

  begin(container: Container, key: PartitionKey): Transaction {
    return new Transaction(container, key, this.nowSeconds);
  }

  /** Logs the changes of a transaction and makes them visible; none is no commit. */
  commit(container: Container, transaction: Transaction): void {
    const commit = transaction.toCommit();
    if (commit !== undefined) this.commitChanges(container, commit);
  }

  commitChanges(container: Container, commit: Commit): void {
    this.#record({ op: 'commit', container: container.record.rid, ...commit });
  }

  /** Resolves when everything committed so far is as durable as configured. */
  settled(): Promise<void> {
    return this.#journal.settled();
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  /** Applies one entry of the log, at replay or just after it was written. */
  apply(entry: LogEntry): void {
    switch (entry.op) {
      case 'format':
        break;
      case 'sequence':
        this.#sequence = entry.value;
        break;
      case 'database':
        this.#sequence += 1;
        this.databases.set(entry.record.id, { record: entry.record, containers: new Map() });
        break;
      case 'delete-database':
        for (const id of this.database(entry.id).containers.keys()) this.#dropContainer(entry.id, id);
        this.databases.delete(entry.id);
        break;
      case 'container':
        this.#applyContainer(entry);
        break;
      case 'delete-container':
        this.#dropContainer(entry.database, entry.id);
        break;
      case 'counters':
        this.#containersByRid.get(entry.container)?.restoreCounters(entry.items, entry.lsns);
        break;
      case 'commit':
        this.#loggedChanges += entry.changes.length;
        this.#containersByRid.get(entry.container)?.apply(entry);
        break;
    }
  }

  /** To be called once after a replay. */
  finishReplay(): void {
    for (const container of this.#containersByRid.values()) container.finishReplay();
  }

  /** The shortest log that leads to the present state. */
  *snapshot(): Generator<LogEntry> {
    yield { op: 'format', version: 1 };
    for (const { record, containers } of this.databases.values()) {
      yield { op: 'database', record };
      for (const container of containers.values()) {
        yield { op: 'container', record: container.record };
        yield* snapshotItems(container);
      }
    }
    yield { op: 'sequence', value: this.#sequence };
  }

  #record(entry: LogEntry): void {
    this.#journal.append(entry);
    this.apply(entry);
  }

  #applyContainer({ record }: Extract<LogEntry, { op: 'container' }>): void {
    const known = this.#containersByRid.get(record.rid);
    if (known !== undefined) {
      known.record = record;
      return;
    }
    this.#sequence += 1;
    const container = new Container(record);
    this.#containersByRid.set(record.rid, container);
    this.database(record.database).containers.set(record.id, container);
  }

  #dropContainer(databaseId: string, id: string): void {
    const { containers } = this.database(databaseId);
    const container = containers.get(id);
    if (container === undefined) return;
    this.#containersByRid.delete(container.record.rid);
    containers.delete(id);
  }
}

function* snapshotItems(container: Container): Generator<LogEntry> {
  const { rid } = container.record;
  for (const [index, range] of container.ranges.entries()) {
    for (const item of range.writtenAfter(0)) {
      const changes = [{ put: item.document }];
      yield { op: 'commit', container: rid, range: index, lsn: item.lsn, ts: item.ts, changes };
    }
  }
  yield {
    op: 'counters',
    container: rid,
    items: container.itemsCreated,
    lsns: container.ranges.map((range) => range.lsn),
  };
}
