/** Runs a compiled pack over one message. */
import type { CompiledIgnore, CompiledMap, CompiledPack } from './compile-pack.js';
import type { SelectedRows } from './select-rows.js';
import { markField, type Mark } from './ledger.js';
import { createDraft, type Draft, type Json, type Run } from './run.js';
import { buildSegmentTree, inTurn, type SegmentNode } from './segment-tree.js';

/** A record together with the map and the segment it is made from. */
interface Assignment {
  readonly map: CompiledMap;
  readonly node: SegmentNode;
  readonly draft: Draft;
}

/** What a pack makes of a message. */
export interface MappedSegments {
  /** Records of persons in the order in which they are met, then those that belong to nobody. */
  readonly drafts: readonly Draft[];
  /** The segments, each with the fate of its fields. */
  readonly nodes: readonly SegmentNode[];
}

/**
 * Makes the records of a message and notes what becomes of its fields. All records get their ids first, so that rules
 * can refer to what comes later in the message.
 */
export function convertSegments(pack: CompiledPack, run: Run): MappedSegments {
  const nodes = buildSegmentTree(run.message, structureOf(pack, run));
  const rows = pack.rowsFor(run);
  const present = new Set(nodes.map(({ segment }) => segment.name));
  const assignments = assignRecords(rows, nodes, run);
  for (const { map, node, draft } of assignments) {
    const { segment } = node;
    for (const rule of map.rules) {
      if (rule.field > 0 ? segment.has(rule.field) : rule.elsewhere === '' || present.has(rule.elsewhere))
        rule.apply(node, draft, run);
    }
    if (draft.deletions.length > 0) settleDeletions(map, draft);
    if (run.feed.snapshotEvents?.includes(run.event) === true) deleteAbsent(map, draft);
  }
  markIgnored(rows, nodes, run);
  return { drafts: [...run.drafts, ...run.shared.values()], nodes };
}

/** Where the segments of a message stand; what follows its partner stands under none. */
function structureOf({ structure, messages }: CompiledPack, run: Run): CompiledPack['structure'] {
  if (messages.get(run.messageType)?.pairsFollow !== true) return structure;
  const indexOf = (name: string): number => run.message.first(name)?.index ?? Infinity;
  return new Map(
    [...structure].map(([name, place]) => {
      const { pairs, ...others } = place;
      const isFollowed = pairs !== undefined && indexOf(name) < indexOf(pairs);
      return [name, isFollowed ? { ...others, under: place.under.filter((each) => each !== pairs) } : place];
    }),
  );
}

function assignRecords(rows: SelectedRows, nodes: readonly SegmentNode[], run: Run): Assignment[] {
  const assignments: Assignment[] = [];
  const byId = new Map<string, Draft>();
  for (const node of nodes) {
    const maps = rows.maps.get(node.segment.name);
    if (maps === undefined) continue;
    for (const map of maps) {
      if (map.each.size === 0) assignRecord(map, node);
      else for (const each of turnsOf(map, node)) assignRecord(map, each);
    }
  }
  return assignments;

  function assignRecord(map: CompiledMap, node: SegmentNode): void {
    if (map.condition !== undefined && !map.condition(node, run)) return;
    const place = map.identity(node, run);
    if (place === undefined) return;
    const mode = map.modeByMessage.get(run.messageType) ?? map.mode;
    const draft = createDraft(map.resource, place, mode, map.profile);
    const stated = byId.get(draft.reference);
    node.drafts.push(stated ?? draft);
    if (stated !== undefined) {
      markRepeated(map, node);
      return;
    }
    byId.set(draft.reference, draft);
    run.drafts.push(draft);
    assignments.push({ map, node, draft });
  }
}

/** A segment once for each thing that it states; what a field states twice is one thing. */
function turnsOf({ id, each }: CompiledMap, node: SegmentNode): readonly SegmentNode[] {
  const { segment } = node;
  const [deciding = 0] = each;
  const count = segment.repetitions(deciding);
  if (count <= 1) return [node];
  const stated = new Map<string, SegmentNode>();
  for (let repetition = 1; repetition <= count; repetition++) {
    if (!segment.isPopulated(deciding, repetition)) continue;
    const text = segment.raw(deciding, repetition);
    if (stated.has(text)) markField(node, deciding, repetition, { fate: 'ignored', rule: `${id}-repeated` });
    else stated.set(text, inTurn(node, each, repetition));
  }
  return stated.size === 0 ? [node] : [...stated.values()];
}

/** The message states the same record before, such as the patient of every order: the first statement holds. */
function markRepeated(map: CompiledMap, node: SegmentNode): void {
  const mark: Mark = { fate: 'ignored', rule: `${map.id}-repeated` };
  for (let field = 1; field <= node.segment.fieldCount; field++) ignoreField(node, field, mark);
}

/** `""` deletes an element unless another field of the message fills it, or those that its rule names. */
function settleDeletions({ cumulative }: CompiledMap, draft: Draft): void {
  for (const { path, named, node, field, repetition, mark } of draft.deletions) {
    const unnamed = cumulative.has(path) ? [] : [path];
    // What a rule names or a selector tells apart goes from what is stored, whatever another field states in its place.
    const paths = named ?? unnamed.filter((each) => each.includes('[') || !isStated(draft.resource, each));
    if (paths.length === 0) continue;
    draft.removed.push(...paths.filter((each) => !draft.removed.includes(each)));
    markField(node, field, repetition, mark);
  }
}

/** In a snapshot, a field that is absent says that the sender holds no such value. */
function deleteAbsent({ snapshot }: CompiledMap, draft: Draft): void {
  for (const path of snapshot) {
    if (!draft.removed.includes(path) && !isStated(draft.resource, path)) draft.removed.push(path);
  }
}

function isStated(resource: Json, path: string): boolean {
  let at: unknown = resource;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Json)[name];
  }
  return at !== undefined;
}

function markIgnored({ ignored }: SelectedRows, nodes: readonly SegmentNode[], run: Run): void {
  for (const node of nodes) {
    const rows = ignored.get(node.segment.name);
    if (rows === undefined) continue;
    for (const row of rows) markRow(row, node, run);
  }
}

function markRow({ fields, condition, mark }: CompiledIgnore, node: SegmentNode, run: Run): void {
  let holds = condition === undefined;
  for (const field of fields) {
    if (field > 0 && !node.segment.has(field)) continue;
    // Asked only when there is something to ignore.
    holds ||= condition?.(node, run) === true;
    if (!holds) return;
    if (field > 0) ignoreField(node, field, mark);
    else for (let each = 1; each <= node.segment.fieldCount; each++) ignoreField(node, each, mark);
  }
}

function ignoreField(node: SegmentNode, field: number, mark: Mark): void {
  const count = node.segment.repetitions(field);
  for (let repetition = 1; repetition <= count; repetition++) markField(node, field, repetition, mark);
}
