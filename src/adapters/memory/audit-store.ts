import { compareText } from '../../core/compare-text.js';
import { indexOf, isSought } from '../../core/governance/audit/block-index.js';
import type { Chain } from '../../core/governance/audit/chain.js';
import {
  placeOfBlock,
  type AuditStore,
  type ChainKey,
  type StoredBlock,
  type StoredChain,
} from '../../ports/audit-store.js';

interface HeldChain extends StoredChain {
  readonly blocks: StoredBlock[];
}

/** The audit trail in memory, with the semantics of the real store: for unit tests and benchmarks. */
export function createMemoryAuditStore(): AuditStore {
  const chains = new Map<string, HeldChain>();
  let tags = 0;
  const hold = (chain: Chain, blocks: StoredBlock[]): StoredChain => {
    const held = { chain, etag: String(++tags), blocks };
    chains.set(keyOf(chain), held);
    return { chain, etag: held.etag };
  };
  const inOrder = (): HeldChain[] =>
    [...chains.values()].sort((a, b) => compareText(keyOf(a.chain), keyOf(b.chain)));
  const find = (key: ChainKey): StoredChain | undefined => {
    const held = chains.get(keyOf(key));
    return held && { chain: held.chain, etag: held.etag };
  };
  return {
    findLatest(shard) {
      const last = inOrder().findLast(({ chain }) => chain.shard === shard);
      return Promise.resolve(last && find(last.chain));
    },
    read: (key) => Promise.resolve(find(key)),
    open: (chain) => Promise.resolve(find(chain) === undefined ? hold(chain, []) : undefined),
    extend(chain, etag, block) {
      const held = chains.get(keyOf(chain));
      if (held?.etag !== etag) return Promise.resolve(undefined);
      const { shard, day } = chain;
      if (block !== undefined) held.blocks.push({ ...block, key: { shard, day }, index: indexOf(block) });
      return Promise.resolve(hold(chain, held.blocks));
    },
    firstChain({ from = '', to = '9999', after }) {
      const first = inOrder().find(
        ({ chain }) =>
          chain.day >= from && chain.day <= to && (after === undefined || keyOf(chain) > keyOf(after)),
      );
      return Promise.resolve(first?.chain);
    },
    listBlocks(key, fromSequence, limit) {
      const blocks = chains.get(keyOf(key))?.blocks ?? [];
      return Promise.resolve(blocks.filter(({ index }) => index.first >= fromSequence).slice(0, limit));
    },
    search(search, { limit, continuation }) {
      const sought = [...chains.values()]
        .flatMap(({ blocks }) => blocks)
        .filter(({ entries }) => entries.some(({ entry }) => isSought(entry, search)))
        .filter((block) => continuation === undefined || placeOfBlock(block) < continuation)
        .sort((a, b) => compareText(placeOfBlock(b), placeOfBlock(a)));
      const blocks = sought.slice(0, limit);
      const last = blocks.at(-1);
      const isMore = sought.length > limit && last !== undefined;
      return Promise.resolve({ blocks, ...(isMore ? { continuation: placeOfBlock(last) } : {}) });
    },
  };
}

const keyOf = ({ shard, day }: ChainKey): string => `${shard}/${day}`;
