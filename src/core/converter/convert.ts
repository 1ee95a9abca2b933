/**
 * The converter for those who only want a Bundle: a pure function of the message, without a store, a clock or a
 * network. `dist/convert.js` is this module and all it needs.
 */
import { ExchangeError } from '../errors.js';
import type { Feed } from '../feed.js';
import { splitBatch } from '../formats/hl7v2/batch.js';
import { parseHl7v2 } from '../formats/hl7v2/parse.js';
import type { Hl7Message } from '../formats/hl7v2/types.js';
import { defaultFeed } from '../mapping/default-feed.js';
import type { PackRegistry } from '../mapping/engine/pack-registry.js';
import { builtInPacks } from '../mapping/packs/built-in-packs.js';
import { convertAlone } from './convert-alone.js';
import { convertBatch } from './convert-batch.js';
import { ConvertedMessage } from './converted-message.js';
import type { ConvertedBundle } from './converted-bundle.js';

export { ExchangeError } from '../errors.js';
export type { LineageEntry } from '../mapping/types.js';
export type { ConvertedBundle } from './converted-bundle.js';

/** Options that are not named here are ignored. */
export interface ConvertOptions {
  readonly format: 'hl7v2';
  /** How the sender's numbers, times and codes are read; default: `defaultFeed`. */
  readonly feed?: Feed;
  /** Where the pack of the feed is found; default: the packs that come with the exchange. */
  readonly registry?: PackRegistry;
}

/**
 * Converts a message, or a file of messages (FHS and BHS, MLLP blocks, or one MSH after the other), to UK Core.
 * Patient keys are derived with a fixed test secret, so that the same bytes give the same result anywhere.
 *
 * [!WARNING] Ids made here are not those of a deployment, whose secret nobody knows.
 *
 * @param input bytes as received, or text decoded already
 * @throws ExchangeError when nothing can be converted; its code is listed in docs/reference/errors.md
 * @example
 * const { bundle, issues } = convert(await readFile('a01.hl7'), { format: 'hl7v2' });
 */
export function convert(input: Uint8Array | string, options: ConvertOptions): ConvertedBundle {
  const { format, feed = defaultFeed, registry = builtInPacks } = options;
  refuseOthers(input, format);
  const read = readInput(input);
  if (Array.isArray(read)) return convertBatch(input, read, feed, registry);
  const packs = registry.sources(feed.pack).map(({ name, version }) => ({ name, version }));
  return new ConvertedMessage(convertAlone(read, feed, registry), packs);
}

/** Callers without types may ask for anything. */
function refuseOthers(input: unknown, format: unknown): void {
  if (format !== 'hl7v2')
    throw new ExchangeError('HDE_CONTENT_TYPE', { location: 'format', detail: 'hl7v2' });
  if (typeof input !== 'string' && !(input instanceof Uint8Array))
    throw new ExchangeError('HDE_CONTENT_TYPE', { location: 'input', detail: 'text or bytes' });
}

/** Nearly every input is one message, so it is read as one before it is searched for several. */
function readInput(input: Uint8Array | string): Hl7Message | (Uint8Array | string)[] {
  try {
    return parseHl7v2(input);
  } catch (error) {
    const messages = [...splitBatch(input)];
    if (messages.length === 0 || (messages.length === 1 && messages[0]?.length === input.length)) throw error;
    return messages;
  }
}
