import { types } from './codec.js';
import type { Typed } from './codec.js';

/** A lock token (an RFC 4122 text) as the 16 bytes of that order, which management requests use. */
export function uuidBytes(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex');
}

/** The text of 16 bytes in RFC 4122 order. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A lock token as a delivery tag: a .NET Guid, whose first three groups are little-endian. */
export function tagOf(token: string): Buffer {
  return swapGroups(uuidBytes(token));
}

/** The lock token that a delivery tag holds. */
export function tokenOf(tag: Buffer): string {
  return uuidText(swapGroups(tag));
}

function swapGroups(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}

const TICKS_AT_EPOCH = 621_355_968_000_000_000n;

/** A time in .NET ticks (100 ns since the year 1), which the SDK expects of a session's lock. */
export function ticksOf(time: number): Typed {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(Math.round(time)) * 10_000n + TICKS_AT_EPOCH);
  return types.wrap_long(bytes);
}
