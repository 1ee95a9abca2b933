/** The audit trail as lines, a page at a time: for exports, and for whoever verifies it. */
import { Buffer } from 'node:buffer';
import { ExchangeError } from '../../core/errors.js';
import { indexOf } from '../../core/governance/audit/block-index.js';
import { endLine, entryLine, genesisLine, trailLine, type Line } from '../../core/governance/audit/lines.js';
import type { Fault } from '../../core/governance/audit/verify-trail.js';
import type { AuditStore, StoredBlock } from '../../ports/audit-store.js';
import type { Clock } from '../../ports/clock.js';

/** Which days of the trail, both included. */
export interface TrailRange {
  /** Absent for all from the beginning. */
  readonly from?: string | undefined;
  /** Default: today. */
  readonly to?: string | undefined;
}

export interface LinesPage {
  readonly lines: readonly Line[];
  /** What lines do not tell: a block that is none, or would be found by something else than what its entries say. */
  readonly faults: readonly Fault[];
  /** Opaque; present exactly when there is more. */
  readonly continuation?: string;
}

/** Where the next page begins. */
interface Place {
  readonly shard: string;
  readonly day: string;
  /** Of the first entry that the next block may begin with; undefined when the whole chain was given. */
  readonly sequence: number | undefined;
  /** Chains that were begun. */
  readonly chains: number;
  readonly to: string;
}

/** Blocks that are read at once: of a busy process each may hold half a megabyte. */
const blocksAtOnce = 20;
/** About as many lines as a page has: of a quiet process many chains and blocks, which are read one after the other. */
const mostLines = 2000;

/**
 * The next lines of the trail.
 *
 * @param range the same for all pages
 * @throws ExchangeError HDE_SEARCH_PARAMETER for a continuation that is none
 */
export async function readTrail(
  deps: TrailDependencies,
  range: TrailRange,
  continuation?: string,
): Promise<LinesPage> {
  const lines: Line[] = [];
  const faults: Fault[] = [];
  let next = continuation;
  do {
    const part = await readPart(deps, range, next);
    lines.push(...part.lines);
    faults.push(...part.faults);
    next = part.continuation;
  } while (next !== undefined && lines.length < mostLines);
  return { lines, faults, ...(next === undefined ? {} : { continuation: next }) };
}

interface TrailDependencies {
  readonly audit: AuditStore;
  readonly clock: Clock;
}

/** Some lines of one chain, or the last line. */
async function readPart(
  { audit, clock }: TrailDependencies,
  { from, to }: TrailRange,
  continuation: string | undefined,
): Promise<LinesPage> {
  const place = continuation === undefined ? undefined : decode(continuation);
  // Of a day that begins meanwhile nothing is told: where the one before ended was told already.
  const last = place?.to ?? to ?? clock.now().toISOString().slice(0, 10);
  const range = { to: last, ...(from === undefined ? {} : { from }) };
  if (place?.sequence !== undefined) return readChain(audit, { ...place, sequence: place.sequence }, []);
  const chain = await audit.firstChain({ ...range, ...(place === undefined ? {} : { after: place }) });
  const chains = place?.chains ?? 0;
  if (chain === undefined) return { lines: [trailLine({ chains, ...range })], faults: [] };
  const { shard, day } = chain;
  return readChain(audit, { shard, day, sequence: 0, chains: chains + 1, to: last }, [genesisLine(chain)]);
}

async function readChain(
  audit: AuditStore,
  place: Place & { readonly sequence: number },
  before: readonly Line[],
): Promise<LinesPage> {
  const stored = await audit.read(place);
  // It was there when its first line was told: who verifies sees that it has no end.
  if (stored === undefined)
    return { lines: before, faults: [], continuation: encode({ ...place, sequence: undefined }) };
  const { chain } = stored;
  const blocks = await audit.listBlocks(place, place.sequence, blocksAtOnce);
  const readable = blocks.filter(isReadable);
  const faults = [
    ...blocks
      .filter((block) => !isReadable(block))
      .map((block) => changed(place, block, 'the block is none')),
    ...readable.filter((block) => isMisfiled(place, block)).map((block) => changed(place, block, misfiled)),
  ];
  const entries = readable.flatMap((block) => block.entries);
  const last = blocks.at(-1);
  if (blocks.length === blocksAtOnce && last !== undefined) {
    const continuation = encode({ ...place, sequence: last.index.first + 1 });
    return { lines: [...before, ...entries.map(entryLine)], faults, continuation };
  }
  const isBeyond = entries.some(({ sequence }) => sequence >= chain.count);
  const { count } = (isBeyond ? await audit.read(place) : stored)?.chain ?? chain;
  // What was added since the end was read has its turn when the trail is read again; what no end tells of is a fault.
  const told = entries.filter(({ sequence }) => sequence < chain.count || sequence >= count);
  return {
    lines: [...before, ...told.map(entryLine), endLine(chain)],
    faults,
    continuation: encode({ ...place, sequence: undefined }),
  };
}

/** Whether a search would find a block by something else than what its entries say, or name it as another one. */
const isMisfiled = ({ shard, day }: Place, { key, index, entries }: StoredBlock): boolean =>
  key.shard !== shard || key.day !== day || sortedText(index) !== sortedText(indexOf({ entries }));

const sortedText = (index: object): string => JSON.stringify(Object.entries(index).sort());

const misfiled = 'searches find the block by something else than what its entries say';

const changed = ({ day, shard }: Place, { index }: StoredBlock, detail: string): Fault => ({
  ...{ kind: 'changed', day, shard, sequence: index.first, detail },
});

/** Whether a stored block has the form of one: anything may stand in the place of one that was edited. */
function isReadable({ entries }: StoredBlock): boolean {
  const all: unknown = entries;
  return (
    Array.isArray(all) &&
    all.every((each: unknown) => {
      const { entry } = (each ?? {}) as { readonly entry?: { readonly patients?: unknown } | null };
      return typeof entry === 'object' && entry !== null && Array.isArray(entry.patients);
    })
  );
}

const encode = ({ shard, day, sequence, chains, to }: Place): string =>
  Buffer.from(JSON.stringify([shard, day, sequence ?? null, chains, to])).toString('base64url');

function decode(continuation: string): Place {
  const text = Buffer.from(continuation, 'base64url').toString('utf8');
  const [, shard, day, sequence, chains, to] =
    /^\["([\w-]{1,20})","([\d-]{10})",(\d{1,15}|null),(\d{1,9}),"([\d-]{10})"\]$/.exec(text) ?? [];
  if (shard === undefined || day === undefined || to === undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  return {
    shard,
    day,
    sequence: sequence === 'null' ? undefined : Number(sequence),
    chains: Number(chains),
    to,
  };
}
