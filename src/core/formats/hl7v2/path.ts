import type { Hl7Message, Hl7Segment, Span } from './types.js';

/** A number from 1, or `*` for every one there is. */
export type Ordinal = number | '*';

/** A place in a message, numbered as in the standard: `PID-3[2].4.1`, `OBX(3)-5`, `PID-3[*].1`, `ZU1`. */
export interface Hl7Path {
  readonly segment: string;
  /** Among segments of the same name; the first when absent. */
  readonly occurrence?: Ordinal;
  readonly field?: number;
  /** The first when absent. */
  readonly repetition?: Ordinal;
  readonly component?: number;
  readonly subcomponent?: number;
}

/** What a path found: a populated place. */
export interface Hl7Match {
  /** The path with the numbers of this occurrence and repetition. */
  readonly path: Hl7Path;
  readonly segment: Hl7Segment;
  readonly span: Span;
  /** Text as sent. */
  readonly raw: string;
}

const number = '[1-9]\\d{0,8}';
const grammar = new RegExp(
  `^([A-Z][A-Z0-9]{2})(?:\\((\\*|${number})\\))?` +
    `(?:-(${number})(?:\\[(\\*|${number})\\])?(?:\\.(${number})(?:\\.(${number}))?)?)?$`,
);

/** Reads a path; undefined when the text is none. */
export function parsePath(text: string): Hl7Path | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, segment = '', occurrence, field, repetition, component, subcomponent] = match;
  return {
    segment,
    ...(occurrence === undefined ? {} : { occurrence: ordinal(occurrence) }),
    ...(field === undefined ? {} : { field: Number(field) }),
    ...(repetition === undefined ? {} : { repetition: ordinal(repetition) }),
    ...(component === undefined ? {} : { component: Number(component) }),
    ...(subcomponent === undefined ? {} : { subcomponent: Number(subcomponent) }),
  };
}

/** Writes a path as `parsePath` reads it. */
export function printPath(path: Hl7Path): string {
  const { segment, occurrence, field, repetition, component, subcomponent } = path;
  let text = segment;
  if (occurrence !== undefined) text += `(${occurrence})`;
  if (field === undefined) return text;
  text += `-${field}`;
  if (repetition !== undefined) text += `[${repetition}]`;
  if (component === undefined) return text;
  text += `.${component}`;
  return subcomponent === undefined ? text : `${text}.${subcomponent}`;
}

/** Every populated place that a path names, in order of appearance. */
export function findPath(message: Hl7Message, path: Hl7Path): readonly Hl7Match[] {
  const segments = message.all(path.segment);
  const { occurrence = 1 } = path;
  const chosen = occurrence === '*' ? segments : segments.slice(occurrence - 1, occurrence);
  return chosen.flatMap((segment) => findInSegment(message, segment, path));
}

function findInSegment(message: Hl7Message, segment: Hl7Segment, path: Hl7Path): readonly Hl7Match[] {
  const { field, repetition = 1, component, subcomponent } = path;
  const here = { ...path, occurrence: segment.occurrence };
  const { text } = message;
  if (field === undefined) {
    const { span } = segment;
    return [{ path: here, segment, span, raw: text.slice(span.start, span.end) }];
  }
  const matches: Hl7Match[] = [];
  const last = repetition === '*' ? segment.repetitions(field) : repetition;
  for (let i = repetition === '*' ? 1 : repetition; i <= last; i++) {
    const span = segment.spanOf(field, i, component, subcomponent);
    if (span === undefined) continue;
    matches.push({ path: { ...here, repetition: i }, segment, span, raw: text.slice(span.start, span.end) });
  }
  return matches;
}

const ordinal = (text: string): Ordinal => (text === '*' ? '*' : Number(text));
