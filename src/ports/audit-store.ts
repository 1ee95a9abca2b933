import type { AuditSearch, BlockIndex } from '../core/governance/audit/block-index.js';
import type { Block, Chain } from '../core/governance/audit/chain.js';

/** Which chain. */
export type ChainKey = Pick<Chain, 'shard' | 'day'>;

/** A chain as it stands, and the tag that proves it has not changed since. */
export interface StoredChain {
  readonly chain: Chain;
  readonly etag: string;
}

/** A block as it is stored, beside what it is found by. */
export interface StoredBlock extends Block {
  readonly key: ChainKey;
  readonly index: BlockIndex;
}

/** Which chains: those of these days, both included. */
export interface ChainRange {
  readonly from?: string;
  readonly to?: string;
  /** Only those after this one, in the order of shards and, within one, of days. */
  readonly after?: ChainKey;
}

/** One page of blocks, by `placeOfBlock`: what is added meanwhile neither repeats nor hides what was there. */
export interface BlockPage {
  readonly blocks: readonly StoredBlock[];
  /** `placeOfBlock` of the last one; present exactly when there is more. */
  readonly continuation?: string;
}

export interface BlockPageRequest {
  /** At least 1. */
  readonly limit: number;
  /** Only blocks that were begun before this place; no block need stand there. */
  readonly continuation?: string;
}

/** Where a block stands among search results: by its earliest entry and, within the same instant, by its place in its chain. */
export const placeOfBlock = ({ key, index }: Pick<StoredBlock, 'key' | 'index'>): string =>
  `${index.earliest} ${key.shard}/${key.day} ${String(index.first).padStart(12, '0')}`;

/**
 * The audit trail. Blocks are only ever added, each together with the new end of its chain: nothing here changes or removes
 * one.
 */
export interface AuditStore {
  /** The chain of the latest day of a shard. */
  findLatest(shard: string): Promise<StoredChain | undefined>;
  read(key: ChainKey): Promise<StoredChain | undefined>;
  /** Stores a chain without entries; undefined when it exists already. */
  open(chain: Chain): Promise<StoredChain | undefined>;
  /**
   * Makes a chain what it is with one block more, or sealed without one: all of it or nothing.
   *
   * @param etag of the chain before
   * @returns undefined when somebody else came first
   */
  extend(chain: Chain, etag: string, block?: Block): Promise<StoredChain | undefined>;
  /** The first chain of a range, in ascending order of shards and then of days. */
  firstChain(range: ChainRange): Promise<Chain | undefined>;
  /** Up to `limit` blocks of a chain in their order, from the one that begins with this sequence, or the next one. */
  listBlocks(key: ChainKey, fromSequence: number, limit: number): Promise<readonly StoredBlock[]>;
  /** Blocks of which entries may be sought, those that were begun last first. */
  search(search: AuditSearch, page: BlockPageRequest): Promise<BlockPage>;
}
