import type { Value } from '../json.js';
import type { Partition } from './container.js';
import type { ItemDocument } from './entries.js';
import { KeptText } from './texts.js';

/** Documents that stay as they are used; of all others the text is kept, outside the heap. */
const mostAtHand = 5_000;

/** Items whose documents are at hand; the next to come takes the place of the one that has been there longest. */
const atHand: StoredItem[] = [];
let nextPlace = 0;

/** The current version of an item. */
export class StoredItem {
  readonly id: string;
  readonly partition: Partition;
  /** Creation order within the container. */
  readonly sequence: number;
  readonly lsn: number;
  /** Seconds since 1970 of the last write. */
  readonly ts: number;
  /** Its own time to live, as it stands in the document. */
  readonly ttl: Value;
  readonly uniqueKeys: readonly string[];
  /** Set when a newer version has taken its place in the change feed. */
  replaced = false;
  #document: ItemDocument | undefined;
  #text: KeptText | undefined;

  constructor(
    document: ItemDocument,
    place: Pick<StoredItem, 'partition' | 'sequence' | 'lsn' | 'uniqueKeys'>,
  ) {
    this.id = document.id;
    this.partition = place.partition;
    this.sequence = place.sequence;
    this.lsn = place.lsn;
    this.ts = document._ts;
    this.ttl = document['ttl'];
    this.uniqueKeys = place.uniqueKeys;
    this.#hold(document);
  }

  get document(): ItemDocument {
    const held = this.#document;
    if (held !== undefined) return held;
    const document = JSON.parse(this.#text?.read() ?? '') as ItemDocument;
    this.#hold(document);
    return document;
  }

  #hold(document: ItemDocument): void {
    this.#document = document;
    const longest = atHand[nextPlace];
    atHand[nextPlace] = this;
    nextPlace = (nextPlace + 1) % mostAtHand;
    if (longest !== undefined) longest.#letGo();
  }

  #letGo(): void {
    this.#text ??= new KeptText(JSON.stringify(this.#document));
    this.#document = undefined;
  }
}
