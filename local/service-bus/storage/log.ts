import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Journal, Operation } from './operations.js';
import { decodeGroup, encodeGroup } from './operations.js';

/** First bytes of the file: what it is, and the version of its format. */
const MAGIC = Buffer.from('HDESBLG1');
const FRAME_HEADER = 8;
/** Operations a frame in a compacted file; a frame is read whole. */
const COMPACT_GROUP = 256;

/** A log that is neither whole nor merely cut short at its end: somebody has to look at it. */
export class LogDamagedError extends Error {
  constructor(file: string, at: number, reason: string) {
    super(
      `The Service Bus log ${file} is damaged at byte ${at} (${reason}). Move the file away to start empty.`,
    );
    this.name = 'LogDamagedError';
  }
}

/**
 * An append-only file of operations. The operations of one group are one frame (length, CRC-32, content) and
 * are written with one call, so that a group is either there as a whole or, torn, cut off at the next start.
 * Nothing in a torn group was ever confirmed to a client. There is no fsync: the log outlives the process, and
 * the machine only as far as the operating system takes care of its cache.
 */
export class OperationLog implements Journal {
  private group: Operation[] = [];
  private position: number;

  private constructor(
    private readonly file: string,
    private descriptor: number,
    size: number,
  ) {
    this.position = size;
  }

  /** Opens or creates the log; {@link replay} must come before anything is appended. */
  static open(file: string): OperationLog {
    mkdirSync(dirname(file), { recursive: true });
    rmSync(compactedName(file), { force: true });
    return new OperationLog(file, openSync(file, existsSync(file) ? 'r+' : 'w+'), 0);
  }

  /**
   * Replays the file, oldest operation first, and cuts a torn last group off.
   *
   * @throws LogDamagedError when an operation before the last cannot be read
   */
  replay(apply: (operation: Operation) => void): void {
    this.position = replayFile(this.file, this.descriptor, apply);
    ftruncateSync(this.descriptor, this.position);
    if (this.position === 0) this.write(MAGIC);
  }

  /** Bytes of the file. */
  get size(): number {
    return this.position;
  }

  append(operation: Operation): void {
    this.group.push(operation);
  }

  flush(): void {
    if (this.group.length === 0) return;
    const group = this.group;
    this.group = [];
    this.write(frameOf(group));
  }

  /** Replaces the content by the given operations, which stand for the whole state; the group must be flushed. */
  compact(state: Iterable<Operation>): void {
    this.flush();
    const target = compactedName(this.file);
    const descriptor = openSync(target, 'w+');
    const compacted = new OperationLog(target, descriptor, 0);
    try {
      compacted.write(MAGIC);
      for (const operation of state) {
        compacted.append(operation);
        if (compacted.group.length >= COMPACT_GROUP) compacted.flush();
      }
      compacted.flush();
      // The old file goes away with the rename, so the new one must be on the disk by then.
      fsyncSync(descriptor);
      renameSync(target, this.file);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.position = compacted.position;
  }

  /** Writes what is pending and closes the file. */
  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private write(bytes: Buffer): void {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.descriptor, bytes, written, bytes.length - written, this.position + written);
    }
    this.position += bytes.length;
  }
}

const compactedName = (file: string): string => `${file}.compacted`;

function frameOf(group: readonly Operation[]): Buffer {
  const content = encodeGroup(group);
  const header = Buffer.allocUnsafe(FRAME_HEADER);
  header.writeUInt32BE(content.length, 0);
  header.writeUInt32BE(crc32(content), 4);
  return Buffer.concat([header, content]);
}

/** Replays every whole frame and returns where the last one ends. */
function replayFile(file: string, descriptor: number, replay: (operation: Operation) => void): number {
  const { size } = fstatSync(descriptor);
  const magic = readAt(descriptor, 0, Math.min(MAGIC.length, size));
  if (!MAGIC.subarray(0, magic.length).equals(magic)) throw new LogDamagedError(file, 0, 'unknown format');
  if (size < MAGIC.length) return 0;
  let at = MAGIC.length;
  while (at < size) {
    if (at + FRAME_HEADER > size) return at;
    const header = readAt(descriptor, at, FRAME_HEADER);
    const end = at + FRAME_HEADER + header.readUInt32BE(0);
    if (end > size) return at;
    const content = readAt(descriptor, at + FRAME_HEADER, end - at - FRAME_HEADER);
    if (content.length === 0 || crc32(content) !== header.readUInt32BE(4)) {
      // A bad frame that ends the file is a torn write; one with more behind it is not.
      if (end === size || isBlank(descriptor, at, size)) return at;
      throw new LogDamagedError(file, at, 'checksum');
    }
    for (const operation of decodeGroup(content)) replay(operation);
    at = end;
  }
  return at;
}

function readAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(descriptor, bytes, read, length - read, at + read);
    if (count === 0) throw new Error('The Service Bus log became shorter while it was read.');
    read += count;
  }
  return bytes;
}

/** Whether only zeros follow, as a file system may leave them after a power cut. */
function isBlank(descriptor: number, from: number, size: number): boolean {
  const chunk = 1 << 16;
  for (let at = from; at < size; at += chunk) {
    if (readAt(descriptor, at, Math.min(chunk, size - at)).some((byte) => byte !== 0)) return false;
  }
  return true;
}
