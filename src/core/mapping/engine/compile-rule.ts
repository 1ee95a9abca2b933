/** One row of a map as a closure. */
import type { Coding } from 'fhir/r4.js';
import { compileCondition, type Condition } from './condition.js';
import { compileElementPath, type ElementWriter } from './element-path.js';
import { markField, type Mark } from './ledger.js';
import type { Rule } from './pack.js';
import { trace, type Draft, type Json, type Run, type Step } from './run.js';
import { findSegment, statedRepetition, type SegmentNode } from './segment-tree.js';
import { parseSourcePath, type SourcePath } from './source-path.js';
import { parseCall, type Transform, type TransformFactory, type TransformSetting } from './transform.js';

export interface CompiledRule {
  /** Element path without type and indices; empty when the absence of its field in a snapshot deletes nothing. */
  readonly path: string;
  /** Segment that it reads; empty for constants. */
  readonly segment: string;
  /** The field of the map's own segment that it reads: where that is empty it says nothing. 0 for any other source. */
  readonly field: number;
  /** The other segment that it reads: where the message has none it says nothing. Empty when it reads no other. */
  readonly elsewhere: string;
  readonly when: string | undefined;
  /** Call it only where `field` and `elsewhere` do not tell that the rule says nothing. */
  apply(node: SegmentNode, draft: Draft, run: Run): void;
}

/** Everything about a rule that does not change from message to message. */
interface RuleParts {
  readonly id: string;
  readonly condition: Condition | undefined;
  readonly writer: ElementWriter;
  readonly transform: Transform;
  readonly mapped: Mark;
  readonly ignored: Mark;
  readonly deletes: readonly string[] | undefined;
  readonly isLabel: boolean;
}

/** `period.end`, `telecom[use=work]`, `participant[type.0.coding.0.code=ATND]`: what the record layer can delete. */
const DELETABLE = /^[a-z]\w*(?:\.[a-z]\w*)*(?:\[\w+(?:\.\w+)*=[^\]]+\])?$/i;

/** `telecom[rule]`: those items of the list that the rule itself stated. */
const OWN_ITEMS = '[rule]';

/** Labels that restrict access: several fields state the same one, and each takes back what it stated itself. */
const LABELS = 'meta.security';

/** `address[0].district`: in a snapshot, nothing is known of other items of the list. */
const BELOW_ITEM = /\[\d+\]\./;

/** @returns the rule, or the sentences that say what is wrong with the row */
export function compileRule(
  rule: Rule,
  segment: string,
  resource: string,
  transforms: ReadonlyMap<string, TransformFactory>,
  setting: TransformSetting & { readonly extensions: ReadonlyMap<string, string> },
): CompiledRule | string[] {
  const source = rule.from === undefined ? undefined : parseSourcePath(rule.from);
  const writer = compileElementPath(rule.to, setting.extensions, resource);
  const transform = compileTransform(rule.using, transforms, setting);
  const condition = rule.when === undefined ? undefined : compileCondition(rule.when);
  const faults = Object.entries({ to: writer, using: transform, when: condition }).flatMap(([field, part]) =>
    typeof part === 'string' ? [`${field}: ${part}`] : [],
  );
  if (rule.from !== undefined && source === undefined)
    faults.push(`from: "${rule.from}" is not a source path`);
  const named = rule.deletes?.map((path) => deletedBy(path, rule.id, setting.extensions, faults));
  if (typeof writer === 'string' || typeof transform === 'string' || typeof condition === 'string')
    return faults;
  if (faults.length > 0) return faults;
  const isLabel = writer.path === LABELS;
  const parts: RuleParts = {
    id: rule.id,
    condition,
    writer,
    transform,
    mapped: { fate: 'mapped', rule: rule.id },
    ignored: { fate: 'ignored', rule: rule.id },
    deletes: named ?? ownLabels(rule.id, isLabel),
    isLabel,
  };
  return {
    path: snapshotPath(writer, rule.to, isLabel),
    segment: source?.segment ?? '',
    field: ownFieldOf(source, segment),
    elsewhere: elsewhereOf(source, segment),
    when: rule.when,
    apply: bindSource(parts, source, segment),
  };
}

/** What a rule that states labels takes back, unless it names something else. */
const ownLabels = (rule: string, isLabel: boolean): readonly string[] | undefined =>
  isLabel ? [`${LABELS}[rule=${rule}]`] : undefined;

/** Where a rule stands for an element in a snapshot: no item of a list, and no label, which nobody lifts by leaving it out. */
const snapshotPath = ({ path }: ElementWriter, to: string, isLabel: boolean): string =>
  isLabel || path.includes('[') || BELOW_ITEM.test(to) ? '' : path;

/** `extension(Religion)` by its url; a fault when the record layer cannot delete the path. */
function deletedBy(
  path: string,
  rule: string,
  extensions: ReadonlyMap<string, string>,
  faults: string[],
): string {
  if (path.endsWith(OWN_ITEMS)) return `${path.slice(0, -1)}=${rule}]`;
  if (DELETABLE.test(path)) return path;
  const writer = path.includes('extension(') ? compileElementPath(path, extensions) : '';
  if (typeof writer !== 'string') return writer.path;
  faults.push(`deletes: "${path}" cannot be deleted`);
  return path;
}

const ownFieldOf = (source: SourcePath | undefined, segment: string): number =>
  source?.segment === segment && !source.every ? source.field : 0;

const elsewhereOf = (source: SourcePath | undefined, segment: string): string =>
  source === undefined || source.segment === segment ? '' : source.segment;

function compileTransform(
  using: string,
  transforms: ReadonlyMap<string, TransformFactory>,
  setting: TransformSetting,
): Transform | string {
  const call = parseCall(using);
  if (call === undefined) return `"${using}" is not a transform`;
  const factory = transforms.get(call.name);
  if (factory === undefined) return `there is no transform ${call.name}`;
  try {
    return factory(call.args, setting);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Chooses how the source is read: the commonest case, a field of the segment itself, does the least. */
function bindSource(
  parts: RuleParts,
  source: SourcePath | undefined,
  segment: string,
): CompiledRule['apply'] {
  const holds = (node: SegmentNode, run: Run): boolean =>
    parts.condition === undefined || parts.condition(node, run);
  if (source === undefined) {
    return (node, draft, run) => {
      if (holds(node, run)) state(parts, node, 0, 0, 0, draft, run);
    };
  }
  if (source.every) {
    return (node, draft, run) => {
      for (const child of node.children) {
        // A rule over children decides for each child by what that child says.
        if (child.segment.name === source.segment && holds(child, run))
          read(parts, source, child, draft, run);
      }
    };
  }
  if (source.segment === segment) {
    return (node, draft, run) => {
      if (holds(node, run)) read(parts, source, node, draft, run);
    };
  }
  return (node, draft, run) => {
    const from = findSegment(node, source.segment);
    if (from === undefined || (source.field > 0 && !from.segment.has(source.field))) return;
    if (holds(node, run)) read(parts, source, from, draft, run);
  };
}

function read(parts: RuleParts, source: SourcePath, from: SegmentNode, draft: Draft, run: Run): void {
  if (source.field === 0) {
    state(parts, from, 0, 0, 0, draft, run);
    return;
  }
  if (source.repetition > 0) {
    state(parts, from, source.field, statedRepetition(from, source), source.component, draft, run);
    return;
  }
  const count = from.segment.repetitions(source.field);
  for (let repetition = 1; repetition <= count; repetition++) {
    state(parts, from, source.field, repetition, source.component, draft, run);
  }
}

/** Writes one value. */
function state(
  parts: RuleParts,
  node: SegmentNode,
  field: number,
  repetition: number,
  component: number,
  draft: Draft,
  run: Run,
): void {
  const { writer, mapped } = parts;
  if (field > 0) {
    const { segment } = node;
    const part = component === 0 ? undefined : component;
    const isStated = segment.has(field, repetition, part);
    // Who deletes a field deletes all of its components.
    if (isStated ? segment.isNull(field, repetition, part) : segment.isNull(field, repetition)) {
      draft.deletions.push({
        path: writer.path,
        named: parts.deletes,
        node,
        field,
        repetition,
        mark: mapped,
      });
      return;
    }
    if (!isStated) return;
  }
  if (writer.isFilled(draft.resource)) {
    if (field > 0) markField(node, field, repetition, parts.ignored);
    return;
  }
  const element = writer.locate(draft.resource);
  const step: Step = { run, node, field, repetition, component, draft, element, rule: parts.id };
  const before = draft.traces.length;
  const value = parts.transform(step);
  if (value === undefined) {
    // What a transform noted before it gave up leads nowhere.
    draft.traces.length = before;
    return;
  }
  if (draft.traces.length === before) trace(step, '');
  const held = parts.isLabel ? placeOfLabel(draft.resource, value) : -1;
  if (held < 0) writer.write(draft.resource, value);
  else {
    // Another field states the same: the label is there for both reasons.
    draft.traces.length = before;
    parts.transform({ ...step, element: `${draft.resource.resourceType}.${LABELS}[${held}]` });
  }
  if (field > 0) markField(node, field, repetition, mapped);
}

/** Where among the labels of a resource one stands already; -1 when it does not. */
function placeOfLabel({ meta }: Json, label: unknown): number {
  const { security = [] } = (meta ?? {}) as { readonly security?: readonly Coding[] };
  const { system, code } = label as Coding;
  return security.findIndex((each) => each.system === system && each.code === code);
}
