import { randomUUID } from 'node:crypto';

/**
 * Resource ids (`_rid`) are base64 of 4 bytes for a database, 8 for a container and 16 for an item, each starting
 * with its parent's bytes; `/` is written as `-`. The client checks the length of a container's id.
 */
const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/\//g, '-');

const decode = (rid: string): Buffer => Buffer.from(rid.replace(/-/g, '/'), 'base64');

export function databaseRid(sequence: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sequence);
  return encode(bytes);
}

export function containerRid(parentRid: string, sequence: number): string {
  const bytes = Buffer.alloc(8);
  decode(parentRid).copy(bytes);
  // The high bit tells a container from a user of the database.
  bytes.writeUInt32BE((sequence | 0x80000000) >>> 0, 4);
  return encode(bytes);
}

export function itemRid(parentRid: string, sequence: number): string {
  const bytes = Buffer.alloc(16);
  decode(parentRid).copy(bytes);
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  return encode(bytes);
}

/** The address of a container by resource ids, as in `_self`. */
export const containerLink = (rid: string): string =>
  `dbs/${encode(decode(rid).subarray(0, 4))}/colls/${rid}/`;

/** The creation order of an item within its container. */
export const itemSequence = (rid: string): number => Number(decode(rid).readBigUInt64LE(8));

/** A new entity tag, in quotes as on the wire. */
export const newEtag = (): string => `"${randomUUID()}"`;
