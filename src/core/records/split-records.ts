/** How the records of a message that is too large for one atomic batch are committed in parts. */
import type { MappedRecord } from '../mapping/types.js';
import type { CommitOperation } from './types.js';

/** Limits of a transactional batch (Azure Cosmos DB service limits); some bytes are left for the envelope. */
const mostOperations = 100;
const mostBytes = 1_900_000;

/** A record costs at most three operations (late, replaced version, current), the part its receipt. */
const recordsPerPart = 33;
/** An update writes the old version and the new one, each with lineage and index. */
const bytesPerPart = 500_000;

/** Whether operations can be one batch. */
export function fitsOneBatch(operations: readonly CommitOperation[]): boolean {
  if (operations.length > mostOperations) return false;
  let bytes = 0;
  for (const { document } of operations) bytes += Buffer.byteLength(JSON.stringify(document));
  return bytes <= mostBytes;
}

/**
 * Splits records into parts of which each fits a batch, whatever is stored. The parts follow from the records alone,
 * so that every delivery of a message makes the same ones. What gathers others, such as a report its results, comes
 * last: whoever sees it sees all of it.
 */
export function splitRecords(records: readonly MappedRecord[]): MappedRecord[][] {
  const gathering = records.filter(gathersOthers);
  const parts: MappedRecord[][] = [];
  let part: MappedRecord[] = [];
  let bytes = 0;
  for (const record of [...records.filter((each) => !gathersOthers(each)), ...gathering]) {
    const size = Buffer.byteLength(JSON.stringify(record.resource));
    if (part.length > 0 && (part.length === recordsPerPart || bytes + size > bytesPerPart)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

const gathersOthers = ({ resource }: MappedRecord): boolean => resource.resourceType === 'DiagnosticReport';
