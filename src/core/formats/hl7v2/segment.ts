import { unescape } from './escapes.js';
import {
  countComponents,
  countRepetitions,
  type DelimiterCodes,
  findPart,
  type FoundPart,
  indexFields,
  type PartIndex,
} from './part-index.js';
import type { Hl7Delimiters, Hl7Segment, Span } from './types.js';

/** What a segment needs from its message. */
export interface SegmentHost extends DelimiterCodes {
  readonly text: string;
  readonly delimiters: Hl7Delimiters;
  /** Parts of those segments that were looked into. */
  readonly parts: PartIndex;
  /** Where the last search ended: one object for all of them, since most are for a text and not for its place. */
  readonly found: FoundPart;
  /** As `Hl7Message.isPlain`. */
  readonly isPlain: boolean;
  /** Whether `""`, which asks for deletion, stands anywhere. */
  readonly hasNulls: boolean;
  /** Calls `numberAs` of every segment. */
  numberSegments(): void;
}

/** Stands for a component or subcomponent that is not asked for: the whole of what it would be a part of. */
const whole = -1;

const everyField = 0x3fffffff;

/** Without the quotation mark, with which the delete value begins. */
const isVisibleAscii = (code: number): boolean => code > 0x22 && code < 0x7f;

/** Segments whose first two fields are the delimiters themselves (HL7 v2.5.1 section 2.5.4). */
const isHeaderName = (name: string): boolean => name === 'MSH' || name === 'BHS' || name === 'FHS';

/**
 * A segment that finds fields only as far as they are asked for. A class, although core prefers plain data: a
 * message makes one for each line, and a prototype spares eight closures for each of them.
 */
export class ParsedSegment implements Hl7Segment {
  readonly name: string;
  readonly index: number;
  private readonly host: SegmentHost;
  private readonly start: number;
  private readonly end: number;
  private readonly isHeader: boolean;
  /** Where each field starts, as far as `scanned`; [0] is the name. Undefined until a field is asked for. */
  private starts: number[] | undefined;
  private scanned = 0;
  /** Number of field 0 in the index of the message; undefined until a part of a field is asked for. */
  private origin: number | undefined;
  private ordinal = 0;

  constructor(host: SegmentHost, name: string, index: number, start: number, end: number) {
    this.name = name;
    this.index = index;
    this.host = host;
    this.start = start;
    this.end = end;
    this.isHeader = isHeaderName(name);
  }

  get span(): Span {
    return { start: this.start, end: this.end };
  }

  get occurrence(): number {
    if (this.ordinal === 0) this.host.numberSegments();
    return this.ordinal;
  }

  numberAs(ordinal: number): void {
    this.ordinal = ordinal;
  }

  get fieldCount(): number {
    return this.startsUpTo(everyField).length - 1;
  }

  has(field: number, repetition?: number, component = whole): boolean {
    return repetition === undefined
      ? this.fieldStart(field) < this.fieldEnd(field)
      : this.locate(field, repetition, component, whole);
  }

  isPopulated(field: number, repetition: number): boolean {
    if (!this.locate(field, repetition, whole, whole)) return false;
    const { text, found, componentCode, subcomponentCode } = this.host;
    for (let position = found.start; position < found.end; position++) {
      const code = text.charCodeAt(position);
      if (code !== componentCode && code !== subcomponentCode && code !== 0x20) return true;
    }
    return false;
  }

  repetitions(field: number): number {
    if (!this.has(field)) return 0;
    return this.isDelimiterField(field) ? 1 : countRepetitions(this.host.parts, this.numberOf(field));
  }

  components(field: number, repetition = 1): number {
    if (!this.locate(field, repetition, whole, whole)) return 0;
    return this.isDelimiterField(field)
      ? 1
      : countComponents(this.host.parts, this.numberOf(field), repetition);
  }

  raw(field: number, repetition = 1, component = whole, subcomponent = whole): string {
    if (!this.locate(field, repetition, component, subcomponent)) return '';
    const { text, found } = this.host;
    return text.slice(found.start, found.end);
  }

  plain(field: number, repetition: number, component = whole, subcomponent = whole): string | undefined {
    if (!this.locate(field, repetition, component, subcomponent)) return '';
    const { text, found } = this.host;
    // Kept here: whoever asks the message something may look for another part.
    const { start, end } = found;
    if (!isVisibleAscii(text.charCodeAt(start)) || !isVisibleAscii(text.charCodeAt(end - 1)))
      return undefined;
    return this.host.isPlain || this.isPlainBetween(start, end) ? text.slice(start, end) : undefined;
  }

  private isPlainBetween(start: number, end: number): boolean {
    const { text, delimiters, subcomponentCode } = this.host;
    const escapeCode = delimiters.escape.charCodeAt(0);
    for (let index = start; index < end; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code === escapeCode || code === subcomponentCode) return false;
    }
    return true;
  }

  value(field: number, repetition = 1, component = 1, subcomponent = 1): string {
    const raw = this.raw(field, repetition, component, subcomponent);
    return this.isDelimiterField(field) ? raw : unescape(raw, this.host.delimiters);
  }

  isNull(field: number, repetition = 1, component = whole, subcomponent = whole): boolean {
    if (!this.host.hasNulls || !this.locate(field, repetition, component, subcomponent)) return false;
    const { text, found } = this.host;
    return found.end - found.start === 2 && text.startsWith('""', found.start);
  }

  spanOf(field: number, repetition = 1, component = whole, subcomponent = whole): Span | undefined {
    if (!this.locate(field, repetition, component, subcomponent)) return undefined;
    const { start, end } = this.host.found;
    return { start, end };
  }

  /** Finds a part and puts it in `host.found`. @returns whether there is such a part and anything in it */
  private locate(field: number, repetition: number, component: number, subcomponent: number): boolean {
    if (repetition < 1 || component === 0 || subcomponent === 0) return false;
    if (this.isDelimiterField(field))
      return repetition === 1 && component <= 1 && subcomponent <= 1 && this.locateFirst(field, false);
    if (this.origin === undefined && component === whole && repetition === 1)
      return this.locateFirst(field, true);
    const origin = (this.origin ??= this.indexParts());
    const { starts } = this;
    if (starts === undefined || field < 1 || field >= starts.length) return false;
    const { parts, found } = this.host;
    return findPart(parts, origin + field, repetition, component, subcomponent, found);
  }

  /** Finds a field, or its first repetition, without an index, which costs more than a reader of whole fields wants. */
  private locateFirst(field: number, hasRepetitions: boolean): boolean {
    const { text, repetitionCode, found } = this.host;
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    let position = start;
    if (hasRepetitions) while (position < end && text.charCodeAt(position) !== repetitionCode) position++;
    found.start = start;
    found.end = hasRepetitions ? position : end;
    return start < found.end;
  }

  private isDelimiterField(field: number): boolean {
    return this.isHeader && field <= 2;
  }

  /** Where a field starts; its end when there is no such field. */
  private fieldStart(field: number): number {
    return field < 1 ? this.end : (this.startsUpTo(field + 1)[field] ?? this.end);
  }

  /** Where a field ends, exclusive; call `fieldStart` first. */
  private fieldEnd(field: number): number {
    const starts = this.starts;
    if (starts === undefined || field + 1 >= starts.length) return this.end;
    // MSH-1 is itself the separator, so nothing stands between it and MSH-2.
    return (starts[field + 1] ?? 0) - (field === 1 && this.isHeader ? 0 : 1);
  }

  /** Field starts, at least up to the given field where the segment has that many. */
  private startsUpTo(field: number): readonly number[] {
    const starts = (this.starts ??= this.firstStarts());
    if (starts.length > field || this.scanned === this.end) return starts;
    const { text, fieldCode } = this.host;
    const end = this.end;
    let position = this.scanned;
    while (position < end && starts.length <= field) {
      if (text.charCodeAt(position++) === fieldCode) starts.push(position);
    }
    this.scanned = position;
    return starts;
  }

  private firstStarts(): number[] {
    const afterName = this.start + 3;
    if (this.isHeader && afterName < this.end) {
      this.scanned = afterName + 1;
      return [this.start, afterName, afterName + 1];
    }
    this.scanned = afterName;
    return [this.start];
  }

  /** The number of a field in the index of the message. */
  private numberOf(field: number): number {
    return (this.origin ??= this.indexParts()) + field;
  }

  private indexParts(): number {
    const { host } = this;
    // The first two fields of a header are no parts but delimiters.
    const from = this.isHeader ? 3 : 0;
    const starts = this.startsUpTo(from).slice(0, from + 1);
    this.starts = starts;
    const start = starts[from];
    this.scanned = this.end;
    if (start === undefined) return host.parts.counts.fields;
    return indexFields(host.parts, host.text, start, this.end, host, starts) - from;
  }
}
