/** Ids of orders, reports and results. */
import { identityOf, remember, type Run } from '../../engine/run.js';
import { findSegment, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { continuesText } from '../text-lines.js';
import { aboutPatient, codeOf, entityNumber, reader, type Read } from './reading.js';
import { findOrderControl } from './orders.js';
import { visitIdentity } from './visits.js';

/** The laboratory's number of an order, else the placer's, else the time it was done, else this message. */
function orderIdentity(obr: SegmentNode, run: Run): string {
  const read = reader(run);
  const orc = findOrderControl(obr, run);
  const number =
    entityNumber(read, obr, 3) ||
    entityNumber(read, orc, 3) ||
    entityNumber(read, obr, 2) ||
    entityNumber(read, orc, 2);
  return number === '' ? `at ${read(obr, 7) || read(obr, 22) || run.message.msh.value(10)}` : number;
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

/** The sender's own identifier of the result (OBX-21) is part of what it is known by, beside code and sub-id. */
function readStated(node: SegmentNode, run: Run): StatedResult {
  const read = reader(run);
  const context = observationContext(node, run);
  const code = observationCode(node, read);
  const identity = node.segment.has(21)
    ? identityOf(context, code, read(node, 4), `instance ${entityNumber(read, node, 21)}`)
    : identityOf(context, code, read(node, 4));
  return { code, identity };
}

/** Types of OBX-2 whose values are codes. */
const CODED = new Set(['CE', 'CF', 'CNE', 'CWE', 'IS']);
/** Types of OBX-2 of which each is a result by itself: repeats are no lines of a text. */
const MEASURED = new Set(['DT', 'DTM', 'NM', 'NR', 'SN', 'TM', 'TS']);

/** What a result says it is: by `identity` a correction of it is known, of which `code` is a part. */
interface StatedResult {
  readonly code: string;
  readonly identity: string;
}

/** The results of a message, and how those that it states several times are told apart. */
interface StatedResults {
  readonly results: ReadonlyMap<SegmentNode, StatedResult>;
  /** By identity: whether each of several has a time of its own (OBX-14). */
  readonly repeats: ReadonlyMap<string, { readonly haveOwnTimes: boolean }>;
}

const STATED_RESULTS = {};

/** The results of the message that a segment stands in: each of them must know of all others. */
const statedResults = (node: SegmentNode, run: Run): StatedResults =>
  remember(run, STATED_RESULTS, () => readResults(node, run));

function readResults(node: SegmentNode, run: Run): StatedResults {
  const read = reader(run);
  const results = new Map<SegmentNode, StatedResult>();
  const groups = new Map<string, SegmentNode[]>();
  for (const result of resultsBelow(rootOf(node))) {
    const type = read(result, 2);
    if (!CODED.has(type) && !MEASURED.has(type)) continue;
    const stated = readStated(result, run);
    results.set(result, stated);
    const { identity } = stated;
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [result]);
    else group.push(result);
  }
  const repeats = new Map<string, { haveOwnTimes: boolean }>();
  for (const [identity, group] of groups) {
    if (group.length === 1) continue;
    const times = new Set(group.map((result) => read(result, 14)));
    repeats.set(identity, { haveOwnTimes: times.size === group.length && !times.has('') });
  }
  return { results, repeats };
}

function rootOf(node: SegmentNode): SegmentNode {
  let root = node;
  while (root.parent !== undefined) root = root.parent;
  return root;
}

function* resultsBelow(root: SegmentNode): Generator<SegmentNode> {
  const pending = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    // One by one: a message may hold more segments than a call takes arguments.
    for (const child of at.children) pending.push(child);
    if (at.segment.name === 'OBX') yield at;
  }
}

/** What tells a result from others of its identity: a code by its value, all others by their times where these differ. */
function tellApart(node: SegmentNode, haveOwnTimes: boolean, read: Read): string {
  if (CODED.has(read(node, 2))) {
    const value = codeOf(read, node, 5);
    return value === '' ? '' : `value ${value}`;
  }
  return haveOwnTimes ? `at ${read(node, 14)}` : 'one of several';
}

const CORRECTED = new Set(['C', 'D', 'W']);

/** A coded result that is corrected without a sub-id: whether it was one of several cannot be told from it. */
const isAmbiguousCorrection = (node: SegmentNode, read: Read): boolean =>
  CODED.has(read(node, 2)) && read(node, 4) === '' && !node.segment.has(21) && CORRECTED.has(read(node, 11));

/**
 * Order, service, code, sub-id and the sender's identifier (OBX-21) of a result: a correction meets the result it
 * corrects. Where a message repeats them, values tell coded results apart, such as two organisms, and times (OBX-14) all
 * others where each has its own; else they are numbered as several. So a correction of one of several that comes alone
 * meets none of them: it stands beside them and is reported, and never overwrites another result. A value or time that
 * stands alone is not part of the id, as it may be what is corrected. Lines of one text (TX, FT) that differ in nothing
 * else are one result. Repeats of other texts are numbered.
 */
export const observation: Identity = (node, run) => {
  const read = reader(run);
  const { results, repeats } = statedResults(node, run);
  const { code, identity } = results.get(node) ?? readStated(node, run);
  if (code === '') {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-3`,
      detail: 'a code, without which the observation is not recorded',
    });
    return undefined;
  }
  // It is part of the result that the line before it begins.
  if (continuesText(node, run)) return undefined;
  // A blank line of a text has nothing to record.
  if (!node.segment.has(5) && codeOf(read, node, 3) === '') return undefined;
  const repeated = repeats.get(identity);
  if (repeated === undefined && isAmbiguousCorrection(node, read)) {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-4`,
      detail: 'a sub-id, without which a correction of one of several results of a code stands beside them',
    });
  }
  const mark = repeated === undefined ? '' : tellApart(node, repeated.haveOwnTimes, read);
  return aboutPatient(node, run, 'Observation', mark === '' ? identity : identityOf(identity, mark));
};
