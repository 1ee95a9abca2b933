/** Ids of orders, specimens and charges. */
import { identityOf, remember, type Run } from '../../engine/run.js';
import { addContext, contextOf, findSegment, takeOver, type SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import {
  aboutPatient,
  aboutPatientOnce,
  asState,
  codeOf,
  entityNumber,
  reader,
  underNumber,
  within,
  type Read,
} from './reading.js';

/** Segments that say what an ORC orders: they, not the ORC, make its record. */
const DETAILS = new Set(['OBR', 'RQD', 'RXA', 'RXD', 'RXE', 'RXG', 'RXO', 'TXA']);

/** Whether other segments say what an ORC orders. */
export const isDetailed = (orc: SegmentNode): boolean =>
  orc.children.some(({ segment }) => DETAILS.has(segment.name));

/**
 * The placer's number of an order (ORC-2, else OBR-2), else the filler's (ORC-3, else OBR-3), so that its results and
 * later changes of its state meet it; those of an ORC that stands over several OBR hold for each that has none of its
 * own. Without a number it is the time it was asked for, else this message. A number that a
 * message uses for several services (OBR-4) stands for the first of them; the others are known by the service too. Which
 * of the two a later message means is told by what is stored.
 */
export const order: Identity = (node, run) => {
  const read = reader(run);
  const number = orderNumber(findOrderControl(node, run), node, read);
  const service = codeOf(read, node, 4);
  if (number === '') {
    const time = read(node, 7) || read(node, 6) || run.message.msh.value(10);
    return aboutPatient(node, run, 'ServiceRequest', identityOf(`at ${time}`, service));
  }
  return underNumber(run, 'ServiceRequest', [number, service], (identity) =>
    aboutPatientOnce(node, run, 'ServiceRequest', identity),
  );
};

/** As `order`, for an ORC that only says what became of an order; none where other segments say what it is. */
export const orderState: Identity = (node, run) => {
  if (run.messageType === 'OUL' || isDetailed(node)) return undefined;
  const number = orderNumber(node, undefined, reader(run));
  return number === '' ? undefined : asState(aboutPatientOnce(node, run, 'ServiceRequest', number));
};

const orderNumber = (orc: SegmentNode | undefined, obr: SegmentNode | undefined, read: Read): string =>
  entityNumber(read, orc, 2) ||
  entityNumber(read, obr, 2) ||
  entityNumber(read, orc, 3) ||
  entityNumber(read, obr, 3);

/** What stands around the OBRs of a message whose neighbours are not those that structures commonly have. */
interface Surroundings {
  readonly orderControls: ReadonlyMap<SegmentNode, SegmentNode>;
  readonly specimens: ReadonlyMap<SegmentNode, SegmentNode>;
  /** The ORC that went before, of the same patient. */
  readonly groups: ReadonlyMap<SegmentNode, SegmentNode>;
}

const SURROUNDINGS = {};

const surroundingsOf = (obr: SegmentNode, run: Run): Surroundings =>
  remember(run, SURROUNDINGS, () => findSurroundings(nodesInOrder(obr)));

function findSurroundings(nodes: readonly SegmentNode[]): Surroundings {
  const orderControls = new Map<SegmentNode, SegmentNode>();
  const specimens = new Map<SegmentNode, SegmentNode>();
  const groups = groupByOrder(nodes);
  let lastOrder: SegmentNode | undefined;
  let lastSpecimen: SegmentNode | undefined;
  let orderControlsFollow: boolean | undefined;
  for (const node of nodes) {
    const { name } = node.segment;
    if (name === 'ORC' || name === 'OBR') orderControlsFollow ??= name === 'OBR';
    // What stands before another patient is not theirs.
    if (name === 'PID') {
      lastOrder = undefined;
      lastSpecimen = undefined;
    } else if (name === 'SPM') lastSpecimen = node;
    else if (name === 'OBR') {
      lastOrder = node;
      if (lastSpecimen !== undefined) specimens.set(node, lastSpecimen);
    } else if (name === 'ORC' && orderControlsFollow === true && lastOrder !== undefined) {
      if (!orderControls.has(lastOrder)) orderControls.set(lastOrder, node);
    }
  }
  return { orderControls, specimens, groups };
}

function groupByOrder(nodes: readonly SegmentNode[]): Map<SegmentNode, SegmentNode> {
  const groups = new Map<SegmentNode, SegmentNode>();
  let orc: SegmentNode | undefined;
  for (const node of nodes) {
    const { name } = node.segment;
    if (name === 'PID') orc = undefined;
    else if (name === 'ORC') orc = node;
    else if (orc !== undefined && GROUPED.has(name)) groups.set(node, orc);
  }
  return groups;
}

/** Segments of which one ORC may stand over several. */
const GROUPED = new Set(['OBR', 'RXA', 'RXD', 'RXE', 'RXG', 'RXO']);

/** The ORC that a segment without one of its own shares with those before it; none in OUL, where the ORC follows. */
export function groupControl(node: SegmentNode, run: Run): SegmentNode | undefined {
  const isAlone = run.messageType === 'OUL' || run.message.first('ORC') === undefined;
  return isAlone || findSegment(node, 'ORC') !== undefined
    ? undefined
    : surroundingsOf(node, run).groups.get(node);
}

/** Makes the ORC that a segment shares with others what rules find as its own. */
export function joinGroup(node: SegmentNode, run: Run): void {
  const shared = groupControl(node, run);
  if (shared !== undefined) addContext(node, shared);
}

/** Every segment of the message. */
function nodesInOrder(node: SegmentNode): SegmentNode[] {
  let root = node;
  while (root.parent !== undefined) root = root.parent;
  const nodes = [root];
  // Grows while it is walked.
  for (const at of nodes) for (const child of at.children) nodes.push(child);
  return nodes.sort((one, other) => one.segment.index - other.segment.index);
}

/**
 * The ORC of an OBR. In OUL about specimens it follows its OBR (HL7 v2.5.1 section 7.3.7), where in all other messages it
 * goes before, as it does in OUL^R21 and where senders keep to that: it becomes what rules and identities find as the ORC
 * of that OBR. So does the ORC of a group in an OBR without a number, unless that names another order as its parent.
 */
export function findOrderControl(obr: SegmentNode, run: Run): SegmentNode | undefined {
  if (run.messageType === 'OUL') {
    const following = surroundingsOf(obr, run).orderControls.get(obr);
    if (following !== undefined) {
      addContext(obr, following);
      takeOver(obr, following);
      const timing = contextOf(following, 'TQ1');
      if (timing !== undefined && contextOf(obr, 'TQ1') === undefined) addContext(obr, timing);
    }
  } else if (![2, 3, 29].some((field) => obr.segment.has(field))) joinGroup(obr, run);
  return findSegment(obr, 'ORC');
}

/** EIP: the number the placer gave, else the filler's; each has its authority in subcomponents. */
function specimenNumber(node: SegmentNode, run: Run, field: number): string {
  const { segment } = node;
  const part = (component: number, subcomponent: number): string =>
    segment.value(field, 1, component, subcomponent).trim();
  const numberAt = (component: number): string =>
    within(part(component, 1), part(component, 2), part(component, 3), part(component, 4));
  return run.message.delimiters.subcomponent === ''
    ? segment.value(field).trim()
    : numberAt(1) || numberAt(2);
}

/**
 * The number of a specimen (SPM-2: the placer's, else the filler's; else SPM-30), else its place (SPM-1) in its order,
 * else in this message.
 */
export const specimen: Identity = (node, run) => {
  const read = reader(run);
  const number = specimenNumber(node, run, 2) || within(read(node, 30), read(node, 30, 4));
  if (number !== '') return aboutPatientOnce(node, run, 'Specimen', number);
  const obr = specimensComeFirst(run) ? undefined : findSegment(node, 'OBR');
  const scope = obr === undefined ? '' : orderNumber(findSegment(obr, 'ORC'), obr, read);
  const owner = scope === '' ? `message ${run.message.msh.value(10)}` : `order ${scope}`;
  return aboutPatient(node, run, 'Specimen', identityOf(owner, read(node, 1)));
};

/** The specimen that OBR itself describes (OBR-15), known by the order; none where SPM describes it. */
export const orderedSpecimen: Identity = (node, run) => {
  if (
    node.children.some(({ segment }) => segment.name === 'SPM') ||
    precedingSpecimen(node, run) !== undefined
  )
    return undefined;
  const read = reader(run);
  const number = orderNumber(findOrderControl(node, run), node, read);
  const owner = number === '' ? `message ${run.message.msh.value(10)}` : `order ${number}`;
  return aboutPatientOnce(node, run, 'Specimen', identityOf(owner, codeOf(read, node, 15)));
};

/**
 * Whether specimens come before what is asked of them, or was found in them: in OUL^R22 and R23, in OML^O33 and O35, and
 * where senders begin with one; else they follow their order.
 */
export function specimensComeFirst({ message }: Run): boolean {
  for (const { name } of message.segments) if (name === 'SPM' || name === 'OBR') return name === 'SPM';
  return false;
}

/** The SPM that an OBR of such a message stands in. */
export const precedingSpecimen = (obr: SegmentNode, run: Run): SegmentNode | undefined =>
  specimensComeFirst(run) ? surroundingsOf(obr, run).specimens.get(obr) : undefined;

/** The number of a charge (FT1-2), else what was charged when and its place in the message. */
export const charge: Identity = (node, run) => {
  const read = reader(run);
  const number = read(node, 2);
  const identity = number === '' ? identityOf(codeOf(read, node, 7), `at ${read(node, 4)}`) : `id ${number}`;
  return aboutPatient(node, run, 'ChargeItem', identity);
};
