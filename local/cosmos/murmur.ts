/** A part of a partition key. `undefined` stands for a document without the property. */
export type KeyPart = string | number | boolean | null | undefined;

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => wrap((value << bits) | (value >> (64n - bits)));
const scramble1 = (value: bigint): bigint => wrap(rotate(wrap(value * C1), 31n) * C2);
const scramble2 = (value: bigint): bigint => wrap(rotate(wrap(value * C2), 33n) * C1);

function finalise(value: bigint): bigint {
  let hash = value ^ (value >> 33n);
  hash = wrap(hash * 0xff51afd7ed558ccdn);
  hash ^= hash >> 33n;
  hash = wrap(hash * 0xc4ceb9fe1a85ec53n);
  return hash ^ (hash >> 33n);
}

/** Up to eight bytes, little-endian, missing bytes as zero. */
function littleEndian(bytes: Buffer, from: number, to: number): bigint {
  let value = 0n;
  for (let index = Math.min(to, bytes.length) - 1; index >= from; index--) {
    value = (value << 8n) | BigInt(bytes[index] ?? 0);
  }
  return value;
}

/** MurmurHash3 x64 128 with seed 0: the low and the high half. */
export function murmurHash128(bytes: Buffer): readonly [low: bigint, high: bigint] {
  let h1 = 0n;
  let h2 = 0n;
  const tail = bytes.length - (bytes.length % 16);
  for (let at = 0; at < tail; at += 16) {
    h1 = wrap(rotate(h1 ^ scramble1(bytes.readBigUInt64LE(at)), 27n) + h2);
    h1 = wrap(h1 * 5n + 0x52dce729n);
    h2 = wrap(rotate(h2 ^ scramble2(bytes.readBigUInt64LE(at + 8)), 31n) + h1);
    h2 = wrap(h2 * 5n + 0x38495ab5n);
  }
  h1 ^= scramble1(littleEndian(bytes, tail, tail + 8));
  h2 ^= scramble2(littleEndian(bytes, tail + 8, tail + 16));
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = wrap(h1 + h2);
  h2 = wrap(h2 + h1);
  h1 = finalise(h1);
  h2 = finalise(h2);
  h1 = wrap(h1 + h2);
  return [h1, wrap(h2 + h1)];
}

function encodePart(part: KeyPart): Buffer {
  if (typeof part === 'string') {
    return Buffer.concat([Buffer.of(0x08), Buffer.from(part, 'utf8'), Buffer.of(0xff)]);
  }
  if (typeof part === 'number') {
    const bytes = Buffer.alloc(9, 0x05);
    bytes.writeDoubleLE(part, 1);
    return bytes;
  }
  if (typeof part === 'boolean') return Buffer.of(part ? 0x03 : 0x02);
  return Buffer.of(part === null ? 0x01 : 0x00);
}

function hashPart(part: KeyPart): string {
  const [low, high] = murmurHash128(encodePart(part));
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(high, 0);
  bytes.writeBigUInt64BE(low, 8);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x3f, 0);
  return bytes.toString('hex').toUpperCase();
}

/**
 * The effective partition key (hash version 2): where a partition lies in the hash space `""` to `"FF"`. The client
 * computes the same to route bulk operations and feed ranges. Hierarchical keys concatenate one hash per level.
 */
export const effectivePartitionKey = (parts: readonly KeyPart[]): string => parts.map(hashPart).join('');
