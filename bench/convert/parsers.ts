/** The parsers that are compared, each with the same targeted read: PID-3, PID-5 and OBX-5 of every OBX. */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseHl7v2 } from '../../src/core/formats/hl7v2/parse.js';

/** Parses a message and reads the fields; returns something that depends on all of them. */
export type Read = (input: string) => number;

export interface Parser {
  readonly name: string;
  readonly version: string;
  readonly readText: Read;
  /** From the bytes as they arrive; parsers that take only text get it decoded as UTF-8. */
  readonly readBytes: (input: Uint8Array) => number;
  /** Reads every component, as a conversion does; undefined where that is what each parse does. */
  readonly readWhole?: Read | undefined;
}

/** This exchange's parser. */
export function ownParser(): Parser {
  const read = (input: string | Uint8Array): number => {
    const message = parseHl7v2(input);
    const pid = message.first('PID');
    let length = (pid?.raw(3).length ?? 0) + (pid?.raw(5).length ?? 0);
    for (const obx of message.all('OBX')) length += obx.raw(5).length;
    return length;
  };
  return { name: 'healthcare-data-exchange', version: '', readText: read, readBytes: read };
}

/**
 * Parsers from npm, as their documentation uses them.
 *
 * @param folder of the package that names them: they are no part of the exchange
 * @throws Error naming the package that is not installed
 */
export function peerParsers(folder: string): readonly Parser[] {
  const load = createRequire(join(folder, 'package.json'));
  return PEERS.map((peer) => loadPeer(peer, load));
}

interface Peer {
  readonly name: string;
  readonly version: string;
  readonly reader: (module: never) => Read;
  readonly wholeReader?: (module: never) => Read;
}

function loadPeer({ name, version, reader, wholeReader }: Peer, load: NodeJS.Require): Parser {
  // On Node.js 20 @medplum/core asks for a WebSocket while it is loaded; parsing needs none.
  (globalThis as { WebSocket?: unknown }).WebSocket ??= Object;
  let module: unknown;
  try {
    module = load(name);
  } catch (cause) {
    throw new Error(`The benchmark needs ${name} ${version}: run npm ci --prefix bench/peers`, { cause });
  }
  const readText = reader(module as never);
  const decode = (input: Uint8Array): string =>
    Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('utf8');
  const readWhole = wholeReader?.(module as never);
  return { name, version, readText, readWhole, readBytes: (input) => readText(decode(input)) };
}

interface MedplumSegment {
  getField(index: number): { toString(): string };
}
interface MedplumCore {
  readonly Hl7Message: {
    parse(text: string): {
      getSegment(name: string): MedplumSegment;
      getAllSegments(name: string): MedplumSegment[];
      readonly segments: readonly { readonly fields: readonly { readonly components: string[][] }[] }[];
    };
  };
}

interface SimpleSegment {
  getField(index: number): string;
}
interface SimpleHl7 {
  readonly Parser: new () => {
    parse(text: string): {
      getSegment(name: string): SimpleSegment;
      getSegments(name: string): SimpleSegment[];
    };
  };
}

interface NodeHl7Client {
  readonly Message: new (options: { text: string }) => {
    get(path: string): { toString(): string; toArray(): { get(path: string): { toString(): string } }[] };
  };
}

type Hl7Standard = new (text: string) => {
  transform(): void;
  get(path: string): unknown;
  getSegments(name: string): { get(path: string): unknown }[];
};

const PEERS: readonly Peer[] = [
  {
    name: '@medplum/core',
    version: '5.2.13',
    reader:
      ({ Hl7Message }: MedplumCore): Read =>
      (text) => {
        const message = Hl7Message.parse(text);
        const pid = message.getSegment('PID');
        let length = pid.getField(3).toString().length + pid.getField(5).toString().length;
        for (const obx of message.getAllSegments('OBX')) length += obx.getField(5).toString().length;
        return length;
      },
    wholeReader:
      ({ Hl7Message }: MedplumCore): Read =>
      (text) => {
        let count = 0;
        for (const { fields } of Hl7Message.parse(text).segments) {
          for (const { components } of fields) count += components.length;
        }
        return count;
      },
  },
  {
    name: 'simple-hl7',
    version: '3.3.0',
    reader: ({ Parser }: SimpleHl7): Read => {
      const parser = new Parser();
      return (text) => {
        const message = parser.parse(text);
        const pid = message.getSegment('PID');
        let length = pid.getField(3).length + pid.getField(5).length;
        for (const obx of message.getSegments('OBX')) length += obx.getField(5).length;
        return length;
      };
    },
  },
  {
    name: 'node-hl7-client',
    version: '3.2.0',
    reader:
      ({ Message }: NodeHl7Client): Read =>
      (text) => {
        const message = new Message({ text });
        let length = message.get('PID.3').toString().length + message.get('PID.5').toString().length;
        if (!text.includes('\rOBX|')) return length;
        for (const obx of message.get('OBX').toArray()) length += obx.get('5').toString().length;
        return length;
      },
  },
  {
    name: 'hl7-standard',
    version: '1.0.4',
    reader:
      (Message: Hl7Standard): Read =>
      (text) => {
        const message = new Message(text);
        message.transform();
        let parts = sizeOf(message.get('PID.3')) + sizeOf(message.get('PID.5'));
        for (const obx of message.getSegments('OBX')) parts += sizeOf(obx.get('OBX.5'));
        return parts;
      },
  },
];

const sizeOf = (value: unknown): number => (typeof value === 'string' ? value.length : 1);
