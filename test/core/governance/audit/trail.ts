/** A small audit trail as lines. */
import {
  appendEntries,
  openChain,
  sealChain,
  type Chain,
} from '../../../../src/core/governance/audit/chain.js';
import type { AuditEntry } from '../../../../src/core/governance/audit/entry.js';
import {
  endLine,
  entryLine,
  genesisLine,
  trailLine,
  type Line,
} from '../../../../src/core/governance/audit/lines.js';

/** The n-th access of a trail. */
export const access = (n: number): AuditEntry => ({
  at: `2026-11-26T10:00:${String(n % 60).padStart(2, '0')}.000Z`,
  interaction: 'read',
  outcome: 'done',
  patients: [`p${n % 7}`],
  purpose: 'TREAT',
  reason: 'role-reader',
  records: [`Observation/p${n % 7}.o${n}`],
  request: `r${n}`,
  subject: `clinician-${n % 3}`,
});

const linesOf = (chain: Chain, entries: readonly AuditEntry[], nextDay?: string) => {
  const { block, chain: full } = appendEntries(chain, entries);
  const { sealed, next } = sealChain(full, nextDay ?? '');
  const end = nextDay === undefined ? full : sealed;
  return { lines: [genesisLine(chain), ...block.entries.map(entryLine), endLine(end)], next };
};

/** Two shards of two days each, with so many entries a chain: 4 chains of `count` + 2 lines, and one line. */
export function trailOf(count: number): Line[] {
  const accesses = (from: number) => Array.from({ length: count }, (_, n) => access(from + n));
  const lines = ['0', '1'].flatMap((shard) => {
    const first = linesOf(openChain(shard, '2026-11-25'), accesses(0), '2026-11-26');
    return [...first.lines, ...linesOf(first.next, accesses(count)).lines];
  });
  return [...lines, trailLine({ chains: 4, to: '2026-11-26' })];
}
