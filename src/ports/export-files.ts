/** Files of bulk exports. A path is `<job>/<name>`. */
export interface ExportFiles {
  /** Keeps a part of a file, which nobody sees before the file is finished. Names of parts of a file are equally long. */
  stage(path: string, block: string, bytes: Uint8Array): Promise<void>;
  /** Makes a file of parts in this order. Doing it again changes nothing. */
  finish(path: string, blocks: readonly string[]): Promise<void>;
  /** The content as it comes; undefined where there is no such file. */
  read(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Deletes all files of a job. */
  deleteAll(job: string): Promise<void>;
}
