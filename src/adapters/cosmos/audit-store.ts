/** The audit trail in the `audit` container: the blocks of a chain, and its head, share a partition. */
import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import { indexOf, type AuditSearch, type BlockIndex } from '../../core/governance/audit/block-index.js';
import type { Block, Chain, ChainedEntry, ChainLink } from '../../core/governance/audit/chain.js';
import {
  placeOfBlock,
  type AuditStore,
  type BlockPage,
  type BlockPageRequest,
  type ChainKey,
  type ChainRange,
  type StoredBlock,
  type StoredChain,
} from '../../ports/audit-store.js';
import { callCosmos, statusOf } from './errors.js';
import { fetchAll } from './query.js';
import { callBatch } from './throttling.js';

/** The end of a chain: replaced with every block. */
interface HeadDocument {
  readonly id: 'head';
  readonly kind: 'head';
  readonly chain: string;
  readonly shard: string;
  readonly day: string;
  readonly link?: ChainLink;
  readonly count: number;
  readonly hash: string;
  readonly next?: string;
}

/** A block: created with the head, and never changed. */
interface BlockDocument extends BlockIndex {
  readonly id: string;
  readonly kind: 'block';
  readonly chain: string;
  readonly shard: string;
  readonly day: string;
  /** `placeOfBlock`: the order of search results, without two that are equal. */
  readonly place: string;
  readonly entries: readonly ChainedEntry[];
}

type Tagged<T> = T & { readonly _etag: string };

/** Somebody else came first: 424 marks the operations of a batch that only went down with it. */
const conflicts = new Set([404, 409, 412]);

/** The audit trail on Azure Cosmos DB for NoSQL. */
export function createCosmosAuditStore(container: Container): AuditStore {
  return {
    findLatest: (shard) => findLatest(container, shard),
    read: (key) => readHead(container, key),
    open: (chain) => open(container, chain),
    extend: (chain, etag, block) => extend(container, chain, etag, block),
    firstChain: (range) => firstChain(container, range),
    listBlocks: (key, fromSequence, limit) => listBlocks(container, key, fromSequence, limit),
    search: (search, page) => searchBlocks(container, search, page),
  };
}

const chainOf = ({ shard, day }: ChainKey): string => `${shard}/${day}`;

const headOf = ({ shard, day, link, count, hash, next }: Chain): HeadDocument => ({
  id: 'head',
  kind: 'head',
  ...{ chain: chainOf({ shard, day }), shard, day, count, hash },
  ...(link === undefined ? {} : { link }),
  ...(next === undefined ? {} : { next }),
});

const toChain = ({ shard, day, link, count, hash, next }: HeadDocument): Chain => ({
  ...{ shard, day, count, hash },
  ...(link === undefined ? {} : { link: { day: link.day, count: link.count, hash: link.hash } }),
  ...(next === undefined ? {} : { next }),
});

function blockOf({ shard, day }: ChainKey, block: Block): BlockDocument {
  const index = indexOf(block);
  const chain = chainOf({ shard, day });
  const id = String(index.first).padStart(12, '0');
  const place = placeOfBlock({ key: { shard, day }, index });
  return { id, kind: 'block', chain, shard, day, place, ...index, entries: block.entries };
}

const toBlock = ({ shard, day, entries, ...document }: BlockDocument): StoredBlock => {
  const { first, earliest, latest, patients, subjects, outcomes } = document;
  return { key: { shard, day }, index: { first, earliest, latest, patients, subjects, outcomes }, entries };
};

async function findLatest(container: Container, shard: string): Promise<StoredChain | undefined> {
  const query = "SELECT TOP 1 * FROM c WHERE c.kind = 'head' AND c.shard = @shard ORDER BY c.day DESC";
  const parameters = [{ name: '@shard', value: shard }];
  const [head] = await fetchAll<Tagged<HeadDocument>>(container, { query, parameters }, { maxItemCount: 1 });
  return head && { chain: toChain(head), etag: head._etag };
}

async function readHead(container: Container, key: ChainKey): Promise<StoredChain | undefined> {
  const { resource } = await callCosmos(() =>
    container.item('head', chainOf(key)).read<Tagged<HeadDocument>>(),
  );
  return resource && { chain: toChain(resource), etag: resource._etag };
}

async function open(container: Container, chain: Chain): Promise<StoredChain | undefined> {
  try {
    const { resource } = await callCosmos(() => container.items.create<HeadDocument>(headOf(chain)));
    return resource && { chain, etag: resource._etag };
  } catch (error) {
    if (statusOf(error) === 409) return undefined;
    throw error;
  }
}

async function extend(
  container: Container,
  chain: Chain,
  etag: string,
  block: Block | undefined,
): Promise<StoredChain | undefined> {
  // The SDK's JSON types know no readonly arrays; the documents are plain JSON.
  const replace: OperationInput = {
    operationType: 'Replace',
    id: 'head',
    resourceBody: headOf(chain) as never,
    ifMatch: etag,
  };
  const operations: OperationInput[] =
    block === undefined
      ? [replace]
      : [{ operationType: 'Create', resourceBody: blockOf(chain, block) as never }, replace];
  const { code, result = [] } = await callBatch((options) =>
    container.items.batch(operations, chainOf(chain), options),
  );
  const tag = result.at(-1)?.eTag;
  if (code === 200 && tag !== undefined) return { chain, etag: tag };
  const cause = result.map(({ statusCode }) => statusCode).find((status) => status >= 400 && status !== 424);
  if (cause !== undefined && conflicts.has(cause)) return undefined;
  throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
    detail: `Cosmos DB batch status ${cause ?? code ?? 500}`,
  });
}

async function firstChain(container: Container, { from, to, after }: ChainRange): Promise<Chain | undefined> {
  const conditions = new Conditions("c.kind = 'head'");
  if (from !== undefined) conditions.add((value) => `c.day >= ${value}`, from);
  if (to !== undefined) conditions.add((value) => `c.day <= ${value}`, to);
  if (after !== undefined) conditions.add((value) => `c.chain > ${value}`, chainOf(after));
  const query = `SELECT TOP 1 * FROM c WHERE ${conditions.text} ORDER BY c.chain`;
  const { parameters } = conditions;
  const [head] = await fetchAll<HeadDocument>(container, { query, parameters }, { maxItemCount: 1 });
  return head && toChain(head);
}

async function listBlocks(
  container: Container,
  key: ChainKey,
  fromSequence: number,
  limit: number,
): Promise<readonly StoredBlock[]> {
  const query = "SELECT TOP @limit * FROM c WHERE c.kind = 'block' AND c.first >= @from ORDER BY c.first";
  const parameters = [
    { name: '@limit', value: limit },
    { name: '@from', value: fromSequence },
  ];
  const scope = { partition: chainOf(key), maxItemCount: limit };
  return (await fetchAll<BlockDocument>(container, { query, parameters }, scope)).map(toBlock);
}

async function searchBlocks(
  container: Container,
  { patients, subject, from, to, outcome }: AuditSearch,
  { limit, continuation }: BlockPageRequest,
): Promise<BlockPage> {
  if (patients?.length === 0) return { blocks: [] };
  const conditions = new Conditions("c.kind = 'block'");
  if (patients !== undefined)
    conditions.add(
      (...values) => `(${values.map((value) => `ARRAY_CONTAINS(c.patients, ${value})`).join(' OR ')})`,
      ...patients,
    );
  if (subject !== undefined) conditions.add((value) => `ARRAY_CONTAINS(c.subjects, ${value})`, subject);
  if (outcome !== undefined) conditions.add((value) => `ARRAY_CONTAINS(c.outcomes, ${value})`, outcome);
  if (from !== undefined) conditions.add((value) => `c.latest >= ${value}`, from);
  if (to !== undefined) conditions.add((value) => `c.earliest < ${value}`, to);
  if (continuation !== undefined) conditions.add((value) => `c.place < ${value}`, continuation);
  const query = `SELECT TOP ${limit + 1} * FROM c WHERE ${conditions.text} ORDER BY c.place DESC`;
  const { parameters } = conditions;
  const resources = await fetchAll<BlockDocument>(
    container,
    { query, parameters },
    { maxItemCount: limit + 1 },
  );
  const blocks = resources.slice(0, limit);
  const last = blocks.at(-1);
  const isMore = resources.length > limit && last !== undefined;
  return { blocks: blocks.map(toBlock), ...(isMore ? { continuation: last.place } : {}) };
}

/** Collects conditions; values travel as parameters. */
class Conditions {
  readonly #conditions: string[];
  readonly parameters: SqlParameter[] = [];

  constructor(first: string) {
    this.#conditions = [first];
  }

  add(write: (...names: readonly string[]) => string, ...values: readonly string[]): void {
    const names = values.map((value) => {
      const name = `@p${this.parameters.length}`;
      this.parameters.push({ name, value });
      return name;
    });
    this.#conditions.push(write(...names));
  }

  get text(): string {
    return this.#conditions.join(' AND ');
  }
}
