/** The end of a store's log as a power cut leaves it: torn inside what was never acknowledged. */
import { appendFileSync, statSync, truncateSync } from 'node:fs';
import type { Random } from '../random.js';

/** A log whose format promises to recover from a torn end. */
export interface RecoverableLog {
  readonly file: string;
  /** The beginning of an entry that was being written. */
  readonly beginning: Buffer;
}

export const sizeOfLog = ({ file }: RecoverableLog): number =>
  statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Tears the log of a process that is dead.
 *
 * @param acknowledged size of the log when the last answer left: nothing before it may be touched
 * @returns how many bytes were cut off; 0 when there was nothing to cut and half an entry was added instead
 */
export function tearTail(log: RecoverableLog, acknowledged: number, random: Random): number {
  const size = sizeOfLog(log);
  if (size > acknowledged) {
    const cut = random.between(1, size - acknowledged);
    truncateSync(log.file, size - cut);
    return cut;
  }
  appendFileSync(log.file, log.beginning);
  return 0;
}

/** The log of the Cosmos DB endpoint: a JSON object a line. */
export const cosmosLog = (stateDir: string): RecoverableLog => ({
  file: `${stateDir}/cosmos/commits.jsonl`,
  beginning: Buffer.from('{"op":"commit","partition":"to'),
});

/** The log of the Service Bus broker: frames of length, checksum and content. */
export function serviceBusLog(stateDir: string): RecoverableLog {
  const beginning = Buffer.alloc(14, 0x20);
  beginning.writeUInt32BE(64, 0);
  return { file: `${stateDir}/service-bus/service-bus.log`, beginning };
}
