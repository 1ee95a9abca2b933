/** A text that is longer has a chunk of its own. */
const chunkBytes = 1 << 20;

let chunk: Buffer = Buffer.alloc(0);
let used = 0;

/**
 * A text as bytes beside the heap of the engine, whose collector would mark and move it again and again: millions of
 * documents are kept, and few are looked at. A chunk is given back when none of its texts is kept any more. It is shared
 * memory because the engine counts all other memory beside its heap, and collects after each 64 MB of it.
 */
export class KeptText {
  readonly #chunk: Buffer;
  readonly #from: number;
  readonly #to: number;

  constructor(text: string) {
    const bytes = Buffer.byteLength(text);
    if (used + bytes > chunk.length) {
      chunk = Buffer.from(new SharedArrayBuffer(Math.max(chunkBytes, bytes)));
      used = 0;
    }
    this.#chunk = chunk;
    this.#from = used;
    used += chunk.write(text, used);
    this.#to = used;
  }

  read(): string {
    return this.#chunk.toString('utf8', this.#from, this.#to);
  }
}
