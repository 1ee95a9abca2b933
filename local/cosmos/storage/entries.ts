import type { JsonObject } from '../json.js';
import type { ContainerDefinition } from './definition.js';

/** A document as stored: the client's properties and those that the service adds. */
export interface ItemDocument extends JsonObject {
  readonly id: string;
  readonly _rid: string;
  readonly _self: string;
  readonly _etag: string;
  /** Seconds since 1970 of the last write. */
  readonly _ts: number;
}

export interface DatabaseRecord {
  readonly id: string;
  readonly rid: string;
  readonly etag: string;
  readonly ts: number;
}

export interface ContainerRecord {
  readonly database: string;
  readonly id: string;
  readonly rid: string;
  readonly etag: string;
  readonly ts: number;
  readonly definition: ContainerDefinition;
  /** How many partition key ranges it has; fixed at its creation. */
  readonly ranges: number;
  /** Provisioned request units per second, if its creator named them. */
  readonly throughput?: number;
}

export type ItemChange =
  | { readonly put: ItemDocument }
  | {
      /** The text of the partition key. */
      readonly partition: string;
      readonly delete: string;
      /** Deleted by its time to live. */
      readonly expired?: true;
    };

/** All changes of one request in one range: they become visible together under one log sequence number. */
export interface Commit {
  readonly range: number;
  readonly lsn: number;
  /** Seconds since 1970. */
  readonly ts: number;
  readonly changes: readonly ItemChange[];
}

/** A line of the log. */
export type LogEntry =
  | { readonly op: 'format'; readonly version: 1 }
  | { readonly op: 'sequence'; readonly value: number }
  | { readonly op: 'database'; readonly record: DatabaseRecord }
  | { readonly op: 'delete-database'; readonly id: string }
  | { readonly op: 'container'; readonly record: ContainerRecord }
  | { readonly op: 'delete-container'; readonly database: string; readonly id: string }
  /** After a compaction: how far the counters of a container had come. */
  | {
      readonly op: 'counters';
      readonly container: string;
      readonly items: number;
      readonly lsns: readonly number[];
    }
  | ({ readonly op: 'commit'; readonly container: string } & Commit);
