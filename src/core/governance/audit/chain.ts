/**
 * The chains of the audit trail: one for each shard and day (UTC). Each entry carries the hash of the one before; the first
 * that of the genesis, which names the shard, the day and the end of the same shard's chain before.
 */
import { hash } from 'node:crypto';
import { type AuditEntry, canonicalEntry, hashOf } from './entry.js';

/** How a chain ended. */
export interface ChainLink {
  readonly day: string;
  /** How many entries it has. */
  readonly count: number;
  /** Hash of its last entry, or of its genesis. */
  readonly hash: string;
}

/** A chain: where it begins, and how far it has come. */
export interface Chain {
  /** `2026-11-26`. A late entry of the day before may stand in it: the day says when the chain was opened. */
  readonly day: string;
  readonly shard: string;
  /** The end of the shard's chain before; absent for the first one. */
  readonly link?: ChainLink;
  readonly count: number;
  /** Hash of the last entry, or of the genesis. */
  readonly hash: string;
  /** Present when it is sealed: nothing is added any more, and this is the day of the next one. */
  readonly next?: string;
}

/** An entry in its place. */
export interface ChainedEntry {
  /** Hash of the entry before, or of the genesis. */
  readonly previous: string;
  /** From 0 without gaps. */
  readonly sequence: number;
  readonly hash: string;
  readonly entry: AuditEntry;
}

/** Entries that are stored together. */
export interface Block {
  readonly entries: readonly ChainedEntry[];
}

/** A chain without entries. */
export function openChain(shard: string, day: string, link?: ChainLink): Chain {
  const start = { day, shard, ...(link === undefined ? {} : { link }) };
  return { ...start, count: 0, hash: genesisHash(start) };
}

/** The hash that the first entry of a chain carries. */
export const genesisHash = ({ day, shard, link }: Pick<Chain, 'day' | 'shard' | 'link'>): string =>
  hash(
    'sha256',
    JSON.stringify([
      'hde-audit-1',
      day,
      shard,
      ...(link === undefined ? [] : [link.day, link.count, link.hash]),
    ]),
    'hex',
  );

/** A sealed chain, and the empty one of another day that goes on for it. */
export function sealChain(chain: Chain, nextDay: string): { readonly sealed: Chain; readonly next: Chain } {
  const { day, shard, count, hash: last } = chain;
  return {
    sealed: { ...chain, next: nextDay },
    next: openChain(shard, nextDay, { day, count, hash: last }),
  };
}

/** Adds entries to a chain. */
export function appendEntries(
  chain: Chain,
  entries: readonly AuditEntry[],
): { readonly block: Block; readonly chain: Chain } {
  let { count: sequence, hash: previous } = chain;
  const chained = entries.map((entry): ChainedEntry => {
    const own = hashOf(previous, sequence, canonicalEntry(entry));
    const placed = { previous, sequence, hash: own, entry };
    previous = own;
    sequence++;
    return placed;
  });
  return { block: { entries: chained }, chain: { ...chain, count: sequence, hash: previous } };
}
