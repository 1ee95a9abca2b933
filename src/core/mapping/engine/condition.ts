/** Conditions of rules, compiled to predicates. */
import type { Run } from './run.js';
import { findSegment, statedRepetition, type SegmentNode } from './segment-tree.js';
import { parseSourcePath, type SourcePath } from './source-path.js';

export type Condition = (node: SegmentNode, run: Run) => boolean;

const CLAUSE = /^(\S+) (?:(valued|empty)|(not )?in (.+))$/;

/**
 * Compiles a condition: clauses joined by `and` and `or` (`and` binds closer), each one of
 *
 * - `PID-29 valued`, `PID-29 empty` (a field that only asks for deletion is empty; one whose first component is empty
 *   may well be valued: `^Jones^Ann`)
 * - `OBX-2 in NM, SN`, `OBX-2 not in ED, RP`
 * - `event in A01, A04` (trigger event), `message in ADT` (message type)
 *
 * Paths are looked up from the segment the rule reads.
 *
 * @returns the predicate, or a sentence that says what is wrong
 */
export function compileCondition(text: string): Condition | string {
  const alternatives: Condition[][] = [];
  for (const alternative of text.split(' or ')) {
    const clauses: Condition[] = [];
    for (const clause of alternative.split(' and ')) {
      const compiled = compileClause(clause.trim());
      if (typeof compiled === 'string') return compiled;
      clauses.push(compiled);
    }
    alternatives.push(clauses);
  }
  return eitherOf(alternatives.map(allOf));
}

/** What a message says it is: its type (MSH-9.1) and trigger event. */
export type MessageKind = Pick<Run, 'messageType' | 'event'>;

/** Whether a condition that compiles can hold anywhere in a message of a kind. */
export function canHold(text: string, kind: MessageKind): boolean {
  return text
    .split(' or ')
    .some((alternative) => alternative.split(' and ').every((clause) => clauseCanHold(clause.trim(), kind)));
}

function clauseCanHold(text: string, kind: MessageKind): boolean {
  const [, subject, presence, negation, list = ''] = CLAUSE.exec(text) ?? [];
  if (presence !== undefined || (subject !== 'event' && subject !== 'message')) return true;
  const said = subject === 'event' ? kind.event : kind.messageType;
  return valuesOf(list).has(said) === (negation === undefined);
}

const valuesOf = (list: string): ReadonlySet<string> => new Set(list.split(',').map((value) => value.trim()));

/** One clause, by far the commonest case, is the condition itself. */
function allOf(clauses: readonly Condition[]): Condition {
  const [only] = clauses;
  if (only !== undefined && clauses.length === 1) return only;
  return (node, run) => {
    for (const clause of clauses) if (!clause(node, run)) return false;
    return true;
  };
}

function eitherOf(alternatives: readonly Condition[]): Condition {
  const [only] = alternatives;
  if (only !== undefined && alternatives.length === 1) return only;
  return (node, run) => {
    for (const alternative of alternatives) if (alternative(node, run)) return true;
    return false;
  };
}

/** One condition for each clause, whichever rules state it. */
const clauses = new Map<string, Condition>();

/** Many rules of a segment share a clause (`OBX-2 in NM`), so the last answer is kept. */
function compileClause(text: string): Condition | string {
  const known = clauses.get(text);
  if (known !== undefined) return known;
  const compiled = compileNewClause(text);
  if (typeof compiled === 'string') return compiled;
  let last = 0;
  let answer = false;
  const clause: Condition = (node, run) => {
    if (node.number !== last) {
      answer = compiled(node, run);
      last = node.number;
    }
    return answer;
  };
  clauses.set(text, clause);
  return clause;
}

function compileNewClause(text: string): Condition | string {
  const match = CLAUSE.exec(text);
  if (match === null) return `"${text}" is not a condition`;
  const [, subject = '', presence, negation, list = ''] = match;
  const read = compileSubject(subject);
  if (read === undefined) return `"${subject}" is not a source path`;
  if (presence !== undefined) {
    const wanted = presence === 'valued';
    const path = parseSourcePath(subject);
    if (path === undefined || path.component > 0) return (node, run) => (read(node, run) !== '') === wanted;
    return (node, run) => (read(node, run) !== '' || isValued(node, path, run)) === wanted;
  }
  const values = valuesOf(list);
  const wanted = negation === undefined;
  return (node, run) => values.has(read(node, run)) === wanted;
}

function compileSubject(text: string): ((node: SegmentNode, run: Run) => string) | undefined {
  if (text === 'event') return (_node, run) => run.event;
  if (text === 'message') return (_node, run) => run.messageType;
  const path = parseSourcePath(text);
  if (path === undefined || path.every || path.field === 0 || path.repetition === 0) return undefined;
  return readerOf(text, path);
}

/** One reader for each path, whichever rules ask for it. */
const readers = new Map<string, (node: SegmentNode, run: Run) => string>();

/** Many rules of a segment ask for the same field (`OBX-2 in NM`), so the last answer is kept. */
function readerOf(text: string, path: SourcePath): (node: SegmentNode, run: Run) => string {
  const known = readers.get(text);
  if (known !== undefined) return known;
  let last = 0;
  let answer = '';
  const read = (node: SegmentNode, run: Run): string => {
    if (node.number !== last) {
      answer = readPath(node, path, run);
      last = node.number;
    }
    return answer;
  };
  readers.set(text, read);
  return read;
}

/** Whether any part of the field says something. */
function isValued(node: SegmentNode, path: SourcePath, { message }: Run): boolean {
  const { field } = path;
  const found = findSegment(node, path.segment);
  if (found === undefined) return false;
  const repetition = statedRepetition(found, path);
  const { segment } = found;
  if (!segment.has(field, repetition)) return false;
  const { component, subcomponent } = message.delimiters;
  for (const character of segment.raw(field, repetition))
    if (character !== component && character !== subcomponent && character !== '"' && character !== ' ')
      return true;
  return false;
}

/** The text at a path seen from a node; `''` when absent or deleted. */
function readPath(node: SegmentNode, path: SourcePath, { message }: Run): string {
  const found = findSegment(node, path.segment);
  if (found?.segment.has(path.field) !== true) return '';
  const { segment } = found;
  const repetition = statedRepetition(found, path);
  const component = path.component === 0 ? 1 : path.component;
  const subcomponent = path.subcomponent === 0 ? 1 : path.subcomponent;
  const value = message.isPlain
    ? segment.raw(path.field, repetition, component, subcomponent)
    : segment.value(path.field, repetition, component, subcomponent);
  return value === '""' ? '' : value.trim();
}
