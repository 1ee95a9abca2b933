/**
 * The segments of a message as a tree: which OBX belongs to which OBR, which NTE to which OBX. Senders leave out
 * segments and add their own, so the tree follows what is there instead of a grammar of each message structure.
 */
import type { Hl7Message, Hl7Segment } from '../../formats/hl7v2/types.js';
import type { Draft } from './run.js';
import type { SegmentPlace } from './pack.js';
import type { Mark } from './ledger.js';
import { placesOf, type PlaceNames } from './source-path.js';

export interface SegmentNode {
  /** Of all nodes of all messages, from 1: what remembers a node by it keeps no message in memory. */
  readonly number: number;
  readonly segment: Hl7Segment;
  /** `OBX`, from the second occurrence on `OBX(2)`. */
  readonly label: string;
  readonly places: PlaceNames;
  /** Settled once the tree is built: see `takeOver`. */
  parent: SegmentNode | undefined;
  readonly children: SegmentNode[];
  /** Children that rules of everything below may read, one of each name: see `contextOf`. */
  context: readonly SegmentNode[];
  /** Records that this segment makes. */
  readonly drafts: Draft[];
  /** Fate of the first repetition by field. */
  readonly marks: (Mark | undefined)[];
  /** Fate of the other repetitions by field and repetition. */
  readonly laterMarks: (Mark | undefined)[][];
  /** Of a segment that states several things (`ResourceMap.each`): which of them is meant. */
  readonly turn: Turn | undefined;
}

/** The one repetition of some fields that is read. */
interface Turn {
  readonly fields: ReadonlySet<number>;
  readonly repetition: number;
}

/** Where segments stand that the pack does not name. */
const ANYWHERE: SegmentPlace = { under: ['PID'] };

/** Most segments are context to nothing: they share this. */
const NONE: readonly SegmentNode[] = [];

/** A note after one of these is of what they belong to: they make no record that could have it. */
const WITHOUT_NOTES = new Set(['RXC', 'RXR', 'TQ1', 'TQ2']);

/** Arranges the segments; the first node is MSH, the root of all others. */
export function buildSegmentTree(
  message: Hl7Message,
  structure: ReadonlyMap<string, SegmentPlace>,
): SegmentNode[] {
  const root = createNode(message.msh, undefined);
  const nodes = [root];
  const open = new Map<string, SegmentNode>([[message.msh.name, root]]);
  let previous = root;
  for (let index = 1; index < message.segments.length; index++) {
    const segment = message.segments[index];
    if (segment === undefined) continue;
    const { name } = segment;
    const place = structure.get(name) ?? ANYWHERE;
    const parent = name === 'NTE' ? previous : (findParent(place, name, open) ?? root);
    const node = createNode(segment, parent);
    parent.children.push(node);
    if (place.context === true && contextOf(parent, name) === undefined) addContext(parent, node);
    nodes.push(node);
    if (name === 'NTE') continue;
    if (place.pairs === parent.segment.name) takeOver(node, parent);
    open.set(name, node);
    previous = WITHOUT_NOTES.has(name) ? parent : node;
  }
  return nodes;
}

/** What may follow ORC since version 2.7 (HL7 v2.7 section 4.4) and is about what it orders. */
const ABOUT_WHAT_IS_ORDERED = new Set(['NTE', 'PRT']);

/** Gives what follows an order control to the first segment that says what is ordered. */
export function takeOver(ordered: SegmentNode, control: SegmentNode): void {
  const { children } = control;
  let kept = 0;
  for (const child of children) {
    if (ABOUT_WHAT_IS_ORDERED.has(child.segment.name)) {
      child.parent = ordered;
      ordered.children.push(child);
    } else children[kept++] = child;
  }
  children.length = kept;
}

let nodesMade = 0;

function createNode(segment: Hl7Segment, parent: SegmentNode | undefined): SegmentNode {
  const label = segment.occurrence === 1 ? segment.name : `${segment.name}(${segment.occurrence})`;
  return {
    number: ++nodesMade,
    segment,
    label,
    places: placesOf(label),
    parent,
    children: [],
    context: NONE,
    drafts: [],
    marks: [],
    laterMarks: [],
    turn: undefined,
  };
}

/** A segment as it reads for one of the things that it states: of these fields only one repetition is seen. */
export const inTurn = (node: SegmentNode, fields: ReadonlySet<number>, repetition: number): SegmentNode => ({
  ...node,
  number: ++nodesMade,
  turn: { fields, repetition },
});

/** The repetition that a source path means in a segment: another one than the first is meant wherever it stands. */
export const statedRepetition = (
  { turn }: SegmentNode,
  { field, repetition }: { readonly field: number; readonly repetition: number },
): number =>
  turn !== undefined && repetition === 1 && turn.fields.has(field) ? turn.repetition : repetition;

/** The child of this name that rules of everything below may read. A list of a few names is searched faster than a map. */
export function contextOf(node: SegmentNode | undefined, name: string): SegmentNode | undefined {
  for (const child of node?.context ?? NONE) if (child.segment.name === name) return child;
  return undefined;
}

/** Lets rules of everything below read a segment, in place of another one of its name. */
export function addContext(parent: SegmentNode, child: SegmentNode): void {
  const others = parent.context.filter(({ segment }) => segment.name !== child.segment.name);
  parent.context = [...others, child];
}

function findParent(
  place: SegmentPlace,
  name: string,
  open: ReadonlyMap<string, SegmentNode>,
): SegmentNode | undefined {
  let nearest: SegmentNode | undefined;
  for (const candidateName of place.under) {
    const candidate = open.get(candidateName);
    if (candidate === undefined || !isOpen(candidate, open)) continue;
    if (place.pairs === candidateName && candidate.children.some(({ segment }) => segment.name === name))
      continue;
    if (nearest === undefined || candidate.segment.index > nearest.segment.index) nearest = candidate;
  }
  return nearest;
}

/** A segment is closed as soon as one that it stands under gives way to the next of that name. */
function isOpen(node: SegmentNode, open: ReadonlyMap<string, SegmentNode>): boolean {
  for (let at: SegmentNode | undefined = node; at !== undefined; at = at.parent) {
    if (open.get(at.segment.name) !== at) return false;
  }
  return true;
}

/** The segment of this name that holds for a node: itself, one it stands under, or a context segment of those. */
export function findSegment(node: SegmentNode, name: string): SegmentNode | undefined {
  for (let at: SegmentNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.segment.name === name) return at;
    const context = contextOf(at, name);
    if (context !== undefined) return context;
  }
  return undefined;
}
