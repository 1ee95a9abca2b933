/** Shapes of a parsed HL7 v2 message. Numbers are those of the standard: fields, components and repetitions count from 1. */

/** Positions in `Hl7Message.text`, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** HL7 v2.5.1 section 2.5.4; a separator that the sender does not declare is the empty string. */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  /** Fifth encoding character, new in v2.7 (section 2.5.5.2): ends a value that was cut short. */
  readonly truncation: string;
}

/** How the bytes of a message were read; enough to write them again unchanged. */
export interface Hl7Source {
  /** `ascii`, `utf-8`, `windows-1252`, `utf-16le`, `utf-16be` or `iso-8859-2` to `-15`; `utf-8` for text input. */
  readonly charset: string;
  /** What stands before `text` (MLLP start block, byte order mark), one character a byte; mostly empty. */
  readonly before: string;
  /** What stands after `text` (MLLP end block), one character a byte; mostly empty. */
  readonly after: string;
}

export interface Hl7Segment {
  /** Three characters, upper case, such as `PID` or `ZU1`. */
  readonly name: string;
  /** Position among all segments of the message, from 0. */
  readonly index: number;
  /** Position among the segments of the same name, from 1. */
  readonly occurrence: number;
  readonly span: Span;
  /** Number of the last field present (MSH-1 counts as field 1 of MSH). */
  readonly fieldCount: number;
  /** Whether anything stands in a field, or in a repetition or component of it, be it only separators. */
  has(field: number, repetition?: number, component?: number): boolean;
  /** Whether anything but separators and spaces stands in a repetition. */
  isPopulated(field: number, repetition: number): boolean;
  /** How many repetitions a field has; 0 when it is empty or absent. */
  repetitions(field: number): number;
  /** How many components a repetition has; 0 when it is empty or absent. */
  components(field: number, repetition?: number): number;
  /**
   * Text as sent, escapes untouched; `''` when absent. Without `component` the whole repetition, without
   * `subcomponent` the whole component.
   */
  raw(field: number, repetition?: number, component?: number, subcomponent?: number): string;
  /**
   * As `raw`, where the text stands for itself: nothing in it is to be resolved, and it begins and ends with what is
   * seen. Undefined where it may be otherwise, or where it begins with a quotation mark, as the delete value does.
   */
  plain(field: number, repetition: number, component?: number, subcomponent?: number): string | undefined;
  /**
   * Text of one leaf with escapes resolved; `''` when absent. Component and subcomponent default to 1. The two
   * characters `""` (delete, HL7 v2.5.1 section 2.5.3) are returned as they are: see `isNull`.
   */
  value(field: number, repetition?: number, component?: number, subcomponent?: number): string;
  /** True when the sender asks to delete the value: the raw text is exactly `""`. */
  isNull(field: number, repetition?: number, component?: number, subcomponent?: number): boolean;
  /** Where `raw` with the same arguments comes from; undefined when absent. */
  spanOf(field: number, repetition?: number, component?: number, subcomponent?: number): Span | undefined;
}

export interface Hl7Message {
  /** The message as text, decoded by its character set, MLLP framing and BOM removed. */
  readonly text: string;
  readonly source: Hl7Source;
  /** Converts a position in `text` to a byte offset in the input. */
  byteOffset(position: number): number;
  readonly delimiters: Hl7Delimiters;
  readonly segments: readonly Hl7Segment[];
  /**
   * Whether no text of the message needs more than to be cut out: after the delimiters themselves there is no escape
   * character, no subcomponent separator and no control character but the ends of segments and tabs.
   */
  readonly isPlain: boolean;
  /** MSH, always `segments[0]`. */
  readonly msh: Hl7Segment;
  /** First segment of the name, or undefined. */
  first(name: string): Hl7Segment | undefined;
  /** All segments of the name in order of appearance. */
  all(name: string): readonly Hl7Segment[];
}
