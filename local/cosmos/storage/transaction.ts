import { badRequest, conflict } from '../errors.js';
import type { JsonObject } from '../json.js';
import type { Container } from './container.js';
import type { Commit, ItemChange, ItemDocument } from './entries.js';
import type { PartitionKey } from './partition-key.js';
import { containerLink, itemRid, newEtag } from './resource-id.js';

/** What the transaction will do to one item. */
interface Staged {
  readonly id: string;
  readonly document: ItemDocument | undefined;
  readonly expired: boolean;
}

/**
 * The writes of one request in one partition. Nothing is visible outside until the commit is applied, so that
 * giving up needs no undoing.
 */
export class Transaction {
  readonly #container: Container;
  readonly #key: PartitionKey;
  readonly #nowSeconds: number;
  readonly #staged = new Map<string, Staged>();
  readonly #claims = new Map<string, string>();
  readonly #released = new Set<string>();

  constructor(container: Container, key: PartitionKey, nowSeconds: number) {
    this.#container = container;
    this.#key = key;
    this.#nowSeconds = nowSeconds;
  }

  /** The item as this transaction sees it. */
  find(id: string): ItemDocument | undefined {
    const staged = this.#staged.get(id);
    if (staged !== undefined) return staged.document;
    return this.#container.find(this.#key.text, id, this.#nowSeconds)?.document;
  }

  /**
   * Writes a document, new or in place of the previous one, and returns it with the service's properties.
   *
   * @throws CosmosError 409 when another item holds one of its unique keys, 400 when its key lies elsewhere.
   */
  put(id: string, body: JsonObject): ItemDocument {
    this.#checkKey(body);
    const previous = this.find(id);
    if (previous !== undefined) this.#release(previous);
    const uniqueKeys = this.#container.uniqueKeysOf(this.#key.text, body);
    if (uniqueKeys.some((uniqueKey) => this.#isTaken(uniqueKey, id))) {
      throw conflict('Unique index constraint violation.');
    }
    for (const uniqueKey of uniqueKeys) this.#claims.set(uniqueKey, id);
    const document = this.#stamp(id, body, previous);
    this.#stage({ id, document, expired: false });
    return document;
  }

  delete(document: ItemDocument, expired = false): void {
    this.#release(document);
    this.#stage({ id: document.id, document: undefined, expired });
  }

  /** The changes as one commit, or `undefined` when there are none. */
  toCommit(): Commit | undefined {
    if (this.#staged.size === 0) return undefined;
    const { range } = this.#container.locate(this.#key.parts, this.#key.text);
    const lsn = (this.#container.ranges[range]?.lsn ?? 0) + 1;
    const changes = [...this.#staged.values()].map(({ id, document, expired }): ItemChange =>
      document === undefined
        ? { partition: this.#key.text, delete: id, ...(expired ? { expired } : {}) }
        : { put: document },
    );
    return { range, lsn, ts: this.#nowSeconds, changes };
  }

  #stage(staged: Staged): void {
    // The order of the commit is that of each item's last write.
    this.#staged.delete(staged.id);
    this.#staged.set(staged.id, staged);
  }

  #checkKey(body: JsonObject): void {
    const own = this.#container.keyReader.ofDocument(body);
    if (own.text === this.#key.text) return;
    throw badRequest(
      "PartitionKey extracted from document doesn't match the one specified in the header. " +
        'Learn more: https://aka.ms/CosmosDB/sql/errors/wrong-pk-value',
      1001,
    );
  }

  #stamp(id: string, body: JsonObject, previous: ItemDocument | undefined): ItemDocument {
    const { rid: parent } = this.#container.record;
    const rid = previous?._rid ?? itemRid(parent, this.#container.nextItemSequence());
    return {
      ...body,
      id,
      _rid: rid,
      _self: `${containerLink(parent)}docs/${rid}/`,
      _etag: newEtag(),
      _attachments: 'attachments/',
      _ts: this.#nowSeconds,
    };
  }

  #release(document: ItemDocument): void {
    for (const uniqueKey of this.#container.uniqueKeysOf(this.#key.text, document)) {
      this.#released.add(uniqueKey);
      this.#claims.delete(uniqueKey);
    }
  }

  #isTaken(uniqueKey: string, id: string): boolean {
    const claimant = this.#claims.get(uniqueKey);
    if (claimant !== undefined) return claimant !== id;
    const holder = this.#container.uniqueHolder(uniqueKey);
    if (holder === undefined || this.#released.has(uniqueKey)) return false;
    return holder.id !== id && !this.#container.isExpired(holder, this.#nowSeconds);
  }
}
