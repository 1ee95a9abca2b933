import { encodeMessage } from './charset.js';
import { standardDelimiters } from './delimiters.js';
import type { Hl7Delimiters, Hl7Message, Hl7Segment } from './types.js';

/** Text as it stands in the message, or the subcomponents of a component. */
export type ComponentContent = string | readonly string[];
/** Text as it stands in the message, or components. */
export type RepetitionContent = string | readonly ComponentContent[];
/** Text as it stands in the message, or repetitions. */
export type FieldContent = string | readonly RepetitionContent[];

/** A segment to write. Texts are written as they are: values must be escaped first (`escape`). */
export interface SegmentContent {
  readonly name: string;
  /** Field 1, 2, ...; for MSH, FHS and BHS they begin with the separator and the encoding characters. */
  readonly fields: readonly FieldContent[];
}

const isHeader = (name: string): boolean => name === 'MSH' || name === 'FHS' || name === 'BHS';

/** Writes a message as it was received, byte by byte: character set, frame, mark, line ends and blank lines kept. */
export function writeHl7v2(message: Hl7Message): Uint8Array {
  return encodeMessage(message.text, message.source);
}

/** Writes segments, each ended by CR (HL7 v2.5.1 section 2.5.4). */
export function writeSegments(
  segments: readonly SegmentContent[],
  delimiters: Hl7Delimiters = standardDelimiters,
): string {
  return segments.map((segment) => `${writeSegment(segment, delimiters)}\r`).join('');
}

/** MSH-1 and MSH-2 for these delimiters. */
export function delimiterFields(delimiters: Hl7Delimiters): [string, string] {
  const { field, component, repetition, escape, subcomponent, truncation } = delimiters;
  return [field, component + repetition + escape + subcomponent + truncation];
}

/** Everything a segment says, in the shape that `writeSegments` takes: to change a part and write it again. */
export function contentOf(segment: Hl7Segment, delimiters: Hl7Delimiters): SegmentContent {
  const fields: FieldContent[] = [];
  const { fieldCount } = segment;
  for (let field = 1; field <= fieldCount; field++) {
    const isDelimiters = field <= 2 && isHeader(segment.name);
    fields.push(isDelimiters ? segment.raw(field) : repetitionsOf(segment, field, delimiters));
  }
  return { name: segment.name, fields };
}

function repetitionsOf(segment: Hl7Segment, field: number, { subcomponent }: Hl7Delimiters): FieldContent {
  return numbers(segment.repetitions(field)).map((repetition) =>
    numbers(segment.components(field, repetition)).map((component) => {
      const raw = segment.raw(field, repetition, component);
      return subcomponent === '' ? [raw] : raw.split(subcomponent);
    }),
  );
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

function writeSegment({ name, fields }: SegmentContent, delimiters: Hl7Delimiters): string {
  const written = fields.map((field) => writeField(field, delimiters));
  if (!isHeader(name)) return [name, ...written].join(delimiters.field);
  // MSH-1 is the separator that follows the name.
  const [separator = delimiters.field, ...rest] = written;
  return name + separator + rest.join(delimiters.field);
}

function writeField(field: FieldContent, { repetition, component, subcomponent }: Hl7Delimiters): string {
  const writeComponent = (content: ComponentContent): string =>
    typeof content === 'string' ? content : content.join(subcomponent);
  const writeRepetition = (content: RepetitionContent): string =>
    typeof content === 'string' ? content : content.map(writeComponent).join(component);
  return typeof field === 'string' ? field : field.map(writeRepetition).join(repetition);
}
