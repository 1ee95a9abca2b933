/** One message with all that an operator needs to judge it, side by side. */
import { Buffer } from 'node:buffer';
import type { Bundle } from 'fhir/r4.js';
import { convertAlone } from '../../core/converter/convert-alone.js';
import { ConvertedMessage } from '../../core/converter/converted-message.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import type { Feed } from '../../core/feed.js';
import type { Principal } from '../../core/governance/access.js';
import { decodeMessage } from '../../core/formats/hl7v2/decode.js';
import { parseHl7v2 } from '../../core/formats/hl7v2/parse.js';
import type { PackRegistry } from '../../core/mapping/engine/pack-registry.js';
import { builtInPacks } from '../../core/mapping/packs/built-in-packs.js';
import type { LedgerEntry, LineageEntry, PackReference } from '../../core/mapping/types.js';
import type { MessageReceipt } from '../../ports/message-store.js';
import { treeOf, type TreeSegment } from './message-tree.js';
import { findMessage } from './operators.js';
import type { TriageDependencies } from './triage-dependencies.js';

/** What the bytes of a message say, and what the pack of its feed makes of them today. */
export interface MessageReading {
  readonly raw: {
    readonly text: string;
    /** As recognised; `unknown` when the bytes fit no character set, and the text shows one character a byte. */
    readonly charset: string;
  };
  /** Absent when the message cannot be parsed. */
  readonly tree?: readonly TreeSegment[];
  /**
   * The message mapped as if it were the only one; absent when it cannot be mapped. Nothing is claimed or stored, and its
   * ids are not those of stored records.
   */
  readonly bundle?: Bundle;
  /** Of this mapping; those of the receipt tell what was found when the message was processed. */
  readonly issues: readonly Issue[];
  readonly ledger: readonly LedgerEntry[];
  readonly lineage: readonly LineageEntry[];
  /** The packs whose rules were applied, the outermost base first. */
  readonly packs: readonly PackReference[];
}

export interface ShownMessage extends MessageReading {
  readonly receipt: MessageReceipt;
  /** The message and every edit of it, the original first; only the message itself when it was never edited. */
  readonly corrections: readonly MessageReceipt[];
}

/**
 * @throws ExchangeError HDE_FORBIDDEN, HDE_RECEIPT_NOT_FOUND, or HDE_DEPENDENCY_UNAVAILABLE when the archive does not have
 * it yet
 */
export async function showMessage(
  deps: Pick<TriageDependencies, 'messages' | 'archive' | 'feeds' | 'packs'>,
  principal: Principal,
  id: string,
): Promise<ShownMessage> {
  const receipt = await findMessage(deps, principal, id);
  const bytes = await deps.archive.get(receipt.archivePath);
  if (bytes === undefined) throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { detail: 'raw archive' });
  return {
    receipt,
    corrections: await editsOf(deps, receipt),
    ...readMessage(bytes, deps.feeds.get(receipt.feed), deps.packs ?? builtInPacks),
  };
}

/** As many edits, to either side, as are followed. */
const mostEdits = 20;

async function editsOf(
  deps: Pick<TriageDependencies, 'messages'>,
  receipt: MessageReceipt,
): Promise<MessageReceipt[]> {
  const before = await follow(deps, receipt, ({ correctionOf }) => correctionOf);
  const after = await follow(deps, receipt, ({ correctedBy }) => correctedBy);
  return [...before.reverse(), receipt, ...after];
}

async function follow(
  { messages }: Pick<TriageDependencies, 'messages'>,
  from: MessageReceipt,
  next: (receipt: MessageReceipt) => string | undefined,
): Promise<MessageReceipt[]> {
  const found: MessageReceipt[] = [];
  for (let id = next(from); id !== undefined && found.length < mostEdits;) {
    const receipt = await messages.get(id);
    if (receipt === undefined) break;
    found.push(receipt);
    id = next(receipt);
  }
  return found;
}

/** Reads and maps bytes as far as they can be read and mapped. */
export function readMessage(bytes: Uint8Array, feed: Feed | undefined, packs: PackRegistry): MessageReading {
  const nothing = { issues: [], ledger: [], lineage: [], packs: [] };
  let reading: MessageReading = { ...nothing, raw: rawOf(bytes) };
  try {
    const message = parseHl7v2(bytes);
    reading = { ...reading, tree: treeOf(message) };
    if (feed === undefined) throw new ExchangeError('HDE_FEED_UNKNOWN');
    const sources = packs.sources(feed.pack).map(({ name, version }) => ({ name, version }));
    const { bundle, issues, ledger, lineage } = new ConvertedMessage(
      convertAlone(message, feed, packs),
      sources,
    );
    return { ...reading, bundle, issues, ledger, lineage, packs: sources };
  } catch (error) {
    // A fault in a mapping must not keep the message from whoever has to judge it.
    const known =
      error instanceof ExchangeError ? error : new ExchangeError('HDE_MAPPING_FAILED', { cause: error });
    return { ...reading, issues: [known.toIssue(), ...known.others] };
  }
}

function rawOf(bytes: Uint8Array): MessageReading['raw'] {
  try {
    const { text, source } = decodeMessage(bytes);
    return { text, charset: source.charset };
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return { text: Buffer.from(bytes).toString('latin1'), charset: 'unknown' };
  }
}
