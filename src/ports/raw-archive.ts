/** Keeps every message as its sender sent it, byte for byte. */
export interface RawArchive {
  /** Stores the bytes unless something is already stored there (paths hold the hash of their content). */
  put(path: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** The stored bytes, or undefined when nothing is stored there. */
  get(path: string): Promise<Uint8Array | undefined>;
}
