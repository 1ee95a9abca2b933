import { badArgument } from '../errors.js';
import { uuidText } from './lock-token.js';

/** The body of a management request, read field by field; what has the wrong shape is refused by name. */
export class Fields {
  private readonly fields: Readonly<Record<string, unknown>>;

  /** @throws BrokerError `com.microsoft:argument-error` when the body is no map */
  constructor(body: unknown) {
    if (typeof body !== 'object' || body === null || Array.isArray(body) || Buffer.isBuffer(body)) {
      throw badArgument('The body of the request is not a map.');
    }
    this.fields = body as Record<string, unknown>;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.refuse(name, 'a string');
  }

  optionalText(name: string): string | undefined {
    const value = this.fields[name] ?? undefined;
    return value === undefined || typeof value === 'string' ? value : this.refuse(name, 'a string');
  }

  integer(name: string, missing?: number): number {
    return toInteger(this.fields[name]) ?? missing ?? this.refuse(name, 'an integer');
  }

  /** Sequence numbers, for instance. */
  integers(name: string): number[] {
    return this.list(name).map((item) => toInteger(item) ?? this.refuse(name, 'an array of integers'));
  }

  /** Lock tokens. */
  uuids(name: string): string[] {
    return this.list(name).map((item) =>
      Buffer.isBuffer(item) && item.length === 16 ? uuidText(item) : this.refuse(name, 'an array of UUIDs'),
    );
  }

  /** The named field of every map in a list, which must be binary. */
  binariesOf(name: string, inner: string): Buffer[] {
    return this.list(name).map((item) => {
      const value = (item as Record<string, unknown> | null)?.[inner];
      return Buffer.isBuffer(value) ? value : this.refuse(name, `a list of maps with a binary '${inner}'`);
    });
  }

  /** Null and absent are undefined. */
  optionalBinary(name: string): Buffer | undefined {
    const value = this.fields[name] ?? undefined;
    return value === undefined || Buffer.isBuffer(value) ? value : this.refuse(name, 'binary');
  }

  /** A nested map. */
  map(name: string): Fields {
    return new Fields(this.fields[name]);
  }

  optionalMap(name: string): Fields | undefined {
    return this.fields[name] === null || this.fields[name] === undefined ? undefined : this.map(name);
  }

  entries(): [string, unknown][] {
    return Object.entries(this.fields);
  }

  private list(name: string): readonly unknown[] {
    const value = this.fields[name];
    return Array.isArray(value) ? value : this.refuse(name, 'a list');
  }

  private refuse(name: string, wanted: string): never {
    throw badArgument(`The field '${name}' of the request is not ${wanted}.`);
  }
}

/** rhea leaves 64-bit integers beyond 2^53 as their eight bytes. */
function toInteger(value: unknown): number | undefined {
  if (Number.isInteger(value)) return value as number;
  return Buffer.isBuffer(value) && value.length === 8 ? Number(value.readBigInt64BE()) : undefined;
}
