export interface ArchivePageRequest {
  /** 1 to 5,000. */
  readonly limit: number;
  /** From the page before. */
  readonly continuation?: string;
}

export interface ArchivePage {
  readonly entries: readonly { readonly path: string; readonly storedAt: string }[];
  /** Present exactly when there may be more. */
  readonly continuation?: string;
}

/** Bytes that are stored under no path yet: what a message is called stands in its content. */
export interface UnnamedBlob {
  /** Stores them unless something is already stored there, as `RawArchive.put` does. */
  putAt(path: string): Promise<void>;
  /** Ends what `putUnnamed` began, whether the bytes were stored under a path or not. */
  discard(): Promise<void>;
}

/** Keeps every message as its sender sent it, byte for byte. */
export interface RawArchive {
  /** Stores the bytes unless something is already stored there (paths hold the hash of their content). */
  put(path: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /**
   * Stores bytes as they come, holding few of them at a time. When `chunks` throws, so does this, and nothing is stored.
   */
  putUnnamed(chunks: AsyncIterable<Uint8Array>, contentType: string): Promise<UnnamedBlob>;
  /** The stored bytes, or undefined when nothing is stored there. */
  get(path: string): Promise<Uint8Array | undefined>;
  /**
   * Paths that begin with a prefix, in ascending order (by code unit), a page at a time, each with the ISO instant at
   * which it was stored. What is stored meanwhile neither repeats nor hides what was there.
   */
  list(prefix: string, page: ArchivePageRequest): Promise<ArchivePage>;
}
