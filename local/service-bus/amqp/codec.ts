import rhea from 'rhea';

/** An AMQP value together with its wire type, as rhea reads and writes it. */
export interface Typed {
  readonly type: { readonly typecode: number };
  readonly value: unknown;
  readonly descriptor?: { readonly value: unknown };
}

interface Writer {
  write(value: Typed): void;
  toBuffer(): Buffer;
}

interface Types {
  readonly Reader: new (bytes: Buffer) => { read(): Typed };
  readonly Writer: new () => Writer;
  Map32(items: readonly Typed[]): Typed;
  List32(items: readonly Typed[]): Typed;
  Null(): Typed;
  described(descriptor: Typed, value: Typed): Typed;
  unwrap(value: Typed): unknown;
  wrap(value: unknown): Typed;
  wrap_array(items: readonly unknown[], typecode: number): Typed;
  wrap_boolean(value: boolean): Typed;
  wrap_int(value: number): Typed;
  wrap_list(items: readonly unknown[]): Typed;
  wrap_long(value: number | Buffer): Typed;
  wrap_map(value: object): Typed;
  wrap_string(value: string): Typed;
  wrap_symbol(value: string): Typed;
  wrap_symbolic_map(value: object): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_ubyte(value: number): Typed;
  wrap_uint(value: number): Typed;
  wrap_ulong(value: number): Typed;
  wrap_uuid(value: Buffer): Typed;
}

interface Composite {
  described(): Typed;
}

interface Messages {
  decode(bytes: Buffer): Record<string, unknown>;
  accepted(): Composite;
  released(): Composite;
  rejected(fields: object): Composite;
  modified(fields: object): Composite;
}

/** The AMQP 1.0 type system of rhea, typed as far as the broker uses it (its own typings say `any`). */
export const types = rhea.types as unknown as Types;

/** Delivery outcomes and the decoder for request messages. */
export const messages = rhea.message as unknown as Messages;

/** Type codes of array elements (AMQP 1.0 part 1, section 1.6). */
export const ELEMENT = { long: 0x81, timestamp: 0x83, uuid: 0x98 } as const;

/** Encodes one value. */
export function encode(value: Typed): Buffer {
  const writer = new types.Writer();
  writer.write(value);
  return writer.toBuffer();
}

/** Decodes the one value that `bytes` holds. */
export function decode(bytes: Buffer): Typed {
  return new types.Reader(bytes).read();
}

/** A described value with a numeric descriptor. */
export function described(descriptor: number, value: Typed): Typed {
  return types.described(types.wrap_ulong(descriptor), value);
}

/** The items of a list, or the keys and values in turn of a map; nothing for other values. */
export function itemsOf(compound: Typed): readonly Typed[] {
  return Array.isArray(compound.value) ? (compound.value as Typed[]) : [];
}

/** Bytes after each type code's first half-byte: a fixed width, or a size prefix (section 1.2). */
const FIXED_WIDTH: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };
const SIZE_PREFIX: Readonly<Record<number, 1 | 4>> = { 10: 1, 11: 4, 12: 1, 13: 4, 14: 1, 15: 4 };

/**
 * The offset just after the value that starts at `at`, without decoding it.
 *
 * @throws RangeError when the value runs over the end of the bytes
 */
export function skipValue(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at);
  if (code === 0) return skipValue(bytes, skipValue(bytes, at + 1));
  const category = code >>> 4;
  const prefix = SIZE_PREFIX[category];
  const width = prefix === undefined ? FIXED_WIDTH[category] : prefix + bytes.readUIntBE(at + 1, prefix);
  if (width === undefined) throw new RangeError(`0x${code.toString(16)} is no AMQP type code`);
  const end = at + 1 + width;
  if (end > bytes.length) throw new RangeError('an AMQP value runs over the end of its message');
  return end;
}
