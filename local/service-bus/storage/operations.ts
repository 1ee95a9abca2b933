/**
 * The changes of state that survive the process. Locks are not among them: after a restart every message that
 * was locked is available again, with its delivery count as it was. The service would count a lock that ran
 * out, but here it was the broker that failed, not the consumer, and a broker that is restarted often must not
 * push good messages into the dead-letter queue. A consumer that fails is still counted: by its abandon, or by
 * the lock that expires while the broker runs.
 */
export type Operation =
  | PutOperation
  | { readonly kind: 'remove'; readonly entity: string; readonly sequence: number }
  | UpdateOperation
  | { readonly kind: 'session'; readonly entity: string; readonly session: string; readonly state?: Buffer }
  | { readonly kind: 'seen'; readonly entity: string; readonly key: string; readonly time: number }
  | { readonly kind: 'sequence'; readonly entity: string; readonly last: number };

/** A message enters an entity. Times are milliseconds since the epoch. */
export interface PutOperation {
  readonly kind: 'put';
  /** The entity's path in lower case. */
  readonly entity: string;
  readonly sequence: number;
  readonly enqueuedSequence?: number;
  readonly enqueued: number;
  /** Absent when the message does not expire. */
  readonly expires?: number;
  readonly scheduled?: number;
  readonly source?: string;
  readonly count: number;
  readonly deferred: boolean;
  readonly message: Buffer;
}

/** A message is abandoned, deferred or lost its lock. */
export interface UpdateOperation {
  readonly kind: 'update';
  readonly entity: string;
  readonly sequence: number;
  readonly count: number;
  readonly deferred: boolean;
  /** Only when the settlement changed application properties. */
  readonly message?: Buffer;
}

/** Where entities record their changes. */
export interface Recorder {
  /** Adds a change to the group that is written next. */
  append(operation: Operation): void;
}

/** Writes what was recorded. */
export interface Journal extends Recorder {
  /**
   * Writes the group; when it returns, the group survives the end of the process.
   *
   * @throws Error when the group could not be written whole
   */
  flush(): void;
}

/** A journal for a broker that keeps its state in memory only. */
export const noJournal: Journal = { append: () => undefined, flush: () => undefined };

/** Encodes a group of operations: each is two sizes, JSON, and the bytes that JSON cannot hold. */
export function encodeGroup(operations: readonly Operation[]): Buffer {
  const parts: Buffer[] = [];
  for (const operation of operations) {
    const { blob, ...fields } = split(operation);
    const json = Buffer.from(JSON.stringify(fields));
    const sizes = Buffer.allocUnsafe(8);
    sizes.writeUInt32BE(json.length, 0);
    // Zero stands for "no bytes", so that an empty buffer (a session state of no bytes) is told from none.
    sizes.writeUInt32BE(blob === undefined ? 0 : blob.length + 1, 4);
    parts.push(sizes, json, ...(blob === undefined ? [] : [blob]));
  }
  return Buffer.concat(parts);
}

/**
 * Decodes what {@link encodeGroup} wrote.
 *
 * @throws RangeError or SyntaxError when the bytes are something else
 */
export function decodeGroup(bytes: Buffer): Operation[] {
  const operations: Operation[] = [];
  for (let at = 0; at < bytes.length;) {
    const json = at + 8;
    const blob = json + bytes.readUInt32BE(at);
    const blobSize = bytes.readUInt32BE(at + 4);
    at = blob + Math.max(0, blobSize - 1);
    if (at > bytes.length) throw new RangeError('an operation runs over the end of its group');
    const fields = JSON.parse(bytes.toString('utf8', json, blob)) as Operation;
    operations.push(join(fields, blobSize === 0 ? undefined : bytes.subarray(blob, at)));
  }
  return operations;
}

function split(operation: Operation): { blob?: Buffer } & Record<string, unknown> {
  if (operation.kind === 'put' || operation.kind === 'update') {
    const { message, ...fields } = operation;
    return message === undefined ? fields : { ...fields, blob: message };
  }
  if (operation.kind === 'session') {
    const { state, ...fields } = operation;
    return state === undefined ? fields : { ...fields, blob: state };
  }
  return operation;
}

function join(fields: Operation, blob: Buffer | undefined): Operation {
  if (blob === undefined) return fields;
  return fields.kind === 'session' ? { ...fields, state: blob } : ({ ...fields, message: blob } as Operation);
}
