/** What a pack's rules may call, and how such calls are read (`code(AdministrativeSex)`). */
import type { CodedValue } from './pack.js';
import type { Run, Step } from './run.js';
import type { SegmentNode } from './segment-tree.js';

/** Makes the value of an element and notes its lineage; undefined when the source states nothing. */
export type Transform = (step: Step) => unknown;

/** The parts of a pack that transforms are made from, once, when the pack is compiled. */
export interface TransformSetting {
  /** @throws RangeError naming the table when the pack has none of this name */
  readonly table: (name: string) => ReadonlyMap<string, CodedValue>;
  /** @throws RangeError naming the extension when the pack has none of this name */
  readonly extension: (name: string) => string;
  /** URI of a coding system by the name in CWE-3, in upper case. */
  readonly codeSystems: ReadonlyMap<string, string>;
  /** Canonical of the profile that records of a type declare. */
  readonly profiles: ReadonlyMap<string, string>;
}

/** @throws RangeError when the arguments do not fit */
export type TransformFactory = (args: readonly string[], setting: TransformSetting) => Transform;

/** Where a record is kept. */
export interface Place {
  readonly id: string;
  readonly partition: string;
  /** The id under which the same thing is kept where the message tells less, or more, of it: see `MappedRecord.twin`. */
  readonly twin?: string;
  /** The id of what another kind of request is kept under by the same number: see `MappedRecord.kin`. */
  readonly kin?: string;
  /** The id of the prescription by which it was dispensed or given: see `MappedRecord.prescription`. */
  readonly prescription?: string;
  /** The segment only says what became of something: see `MappedRecord.isState`. */
  readonly isState?: boolean;
}

/** Gives a record its place; undefined when the segment does not say enough, with an issue in `run`. */
export type Identity = (node: SegmentNode, run: Run) => Place | undefined;

export interface Call {
  readonly name: string;
  readonly args: readonly string[];
}

const CALL = /^([a-zA-Z]\w*)(?:\((.*)\))?$/;

/** Reads `name` or `name(first, second)`; undefined when it is neither. */
export function parseCall(text: string): Call | undefined {
  const match = CALL.exec(text);
  if (match === null) return undefined;
  const [, name = '', args] = match;
  return { name, args: args === undefined ? [] : args.split(',').map((part) => part.trim()) };
}
