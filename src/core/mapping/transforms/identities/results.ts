/** Ids of orders, reports and results. */
import { identityOf, type Run } from '../../engine/run.js';
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { continuesText } from '../text-lines.js';
import { aboutPatient, codeOf, entityNumber, firstOf, reader, type Read } from './reading.js';
import { findOrderControl } from './orders.js';
import { visitIdentity } from './visits.js';

/** The laboratory's number of an order, else the placer's, else the time it was done, else this message. */
export function orderIdentity(obr: SegmentNode, run: Run): string {
  const read = reader(run);
  const orc = findOrderControl(obr, run);
  const number = firstOf(
    entityNumber(read, obr, 3),
    entityNumber(read, orc, 3),
    entityNumber(read, obr, 2),
    entityNumber(read, orc, 2),
  );
  return number === '' ? `at ${firstOf(read(obr, 7), read(obr, 22), run.message.msh.value(10))}` : number;
}

/** One filler number may cover several reports: the service asked for (OBR-4) tells them apart. */
export const report: Identity = (node, run) =>
  aboutPatient(node, run, 'DiagnosticReport', serviceIdentity(node, run));

/** Order and service of a result; observations outside an order belong to the visit and the time they were made. */
function observationContext(node: SegmentNode, run: Run): string {
  const read = reader(run);
  const obr = findSegment(node, 'OBR');
  return obr === undefined
    ? identityOf(`visit ${visitIdentity(findSegment(node, 'PV1'), read)}`, `at ${read(node, 14)}`)
    : serviceIdentity(obr, run);
}

/** The order and service that was asked about last: all results of an order ask for it. */
let lastService: { readonly obr: SegmentNode; readonly identity: string } | undefined;

function serviceIdentity(obr: SegmentNode, run: Run): string {
  if (lastService?.obr !== obr)
    lastService = { obr, identity: identityOf(orderIdentity(obr, run), codeOf(reader(run), obr, 4)) };
  return lastService.identity;
}

/** A line of text without a code belongs to the service asked for. */
const observationCode = (node: SegmentNode, read: Read): string =>
  codeOf(read, node, 3) || codeOf(read, findSegment(node, 'OBR'), 4);

const statedIdentity = (node: SegmentNode, run: Run): string => {
  const read = reader(run);
  return identityOf(observationContext(node, run), observationCode(node, read), read(node, 4));
};

/** Types of OBX-2 whose values are codes. */
const CODED = new Set(['CE', 'CF', 'CNE', 'CWE', 'IS']);

/** How often a message states each coded result, counted once a message. */
const codedCounts = new WeakMap<Run, ReadonlyMap<string, number>>();

function countCodedResults(node: SegmentNode, run: Run): ReadonlyMap<string, number> {
  const known = codedCounts.get(run);
  if (known !== undefined) return known;
  let root = node;
  while (root.parent !== undefined) root = root.parent;
  const counts = new Map<string, number>();
  const pending = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    // One by one: a message may hold more segments than a call takes arguments.
    for (const child of at.children) pending.push(child);
    if (at.segment.name !== 'OBX' || !CODED.has(reader(run)(at, 2))) continue;
    const identity = statedIdentity(at, run);
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  codedCounts.set(run, counts);
  return counts;
}

const CORRECTED = new Set(['C', 'D', 'W']);

/** A coded result that is corrected without a sub-id: whether it was one of several cannot be told from it. */
const isAmbiguousCorrection = (node: SegmentNode, read: Read): boolean =>
  CODED.has(read(node, 2)) && read(node, 4) === '' && CORRECTED.has(read(node, 11));

/**
 * Order, service, code and sub-id of a result: a correction meets the result it corrects. Where a message repeats them,
 * such as for two organisms, coded values tell the results apart, so that a correction of one never meets the other;
 * a value that stands alone is not part of the id, as it may be what is corrected; where that cannot be known, the
 * correction is reported. Lines of one text (TX, FT) that differ in nothing else are one result. Other repeats are
 * numbered.
 */
export const observation: Identity = (node, run) => {
  const read = reader(run);
  if (observationCode(node, read) === '') {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-3`,
      detail: 'a code, without which the observation is not recorded',
    });
    return undefined;
  }
  // It is part of the result that the line before it begins.
  if (continuesText(node)) return undefined;
  // A blank line of a text has nothing to record.
  if (codeOf(read, node, 3) === '' && node.segment.repetitions(5) === 0) return undefined;
  const identity = statedIdentity(node, run);
  const isRepeated = CODED.has(read(node, 2)) && (countCodedResults(node, run).get(identity) ?? 0) > 1;
  const value = isRepeated ? codeOf(read, node, 5) : '';
  if (!isRepeated && isAmbiguousCorrection(node, read)) {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-4`,
      detail: 'a sub-id, without which a correction of one of several results of a code stands beside them',
    });
  }
  return aboutPatient(
    node,
    run,
    'Observation',
    value === '' ? identity : identityOf(identity, `value ${value}`),
  );
};
