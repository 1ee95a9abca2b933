import { unescape } from './escapes.js';
import {
  countComponents,
  type FieldIndex,
  firstLeaf,
  firstRepetition,
  indexField,
  type InnerDelimiters,
  spanOfPart,
} from './field-index.js';
import type { Hl7Delimiters, Hl7Segment, Span } from './types.js';

/** What a segment needs from its message. */
export interface SegmentHost extends InnerDelimiters {
  readonly text: string;
  readonly delimiters: Hl7Delimiters;
  readonly fieldCode: number;
  /** Calls `numberAs` of every segment. */
  numberSegments(): void;
}

const everyField = 0x3fffffff;

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
  /** Indices of the fields that were looked into. */
  private fields: (FieldIndex | undefined)[] | undefined;
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

  repetitions(field: number): number {
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (start >= end) return 0;
    if (this.isDelimiterField(field)) return 1;
    return this.fieldIndex(field, start, end).repetitions.length - 1;
  }

  components(field: number, repetition = 1): number {
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (start >= end) return 0;
    if (this.isDelimiterField(field)) return repetition === 1 ? 1 : 0;
    const index = this.fieldIndex(field, start, end);
    const isEmpty = spanOfPart(index, repetition, undefined, undefined) === undefined;
    return isEmpty ? 0 : countComponents(index, repetition);
  }

  raw(field: number, repetition?: number, component?: number, subcomponent?: number): string {
    const span = this.spanOf(field, repetition, component, subcomponent);
    return span === undefined ? '' : this.host.text.slice(span.start, span.end);
  }

  value(field: number, repetition = 1, component = 1, subcomponent = 1): string {
    const raw = this.raw(field, repetition, component, subcomponent);
    return this.isDelimiterField(field) ? raw : unescape(raw, this.host.delimiters);
  }

  isNull(field: number, repetition?: number, component?: number, subcomponent?: number): boolean {
    const span = this.spanOf(field, repetition, component, subcomponent);
    return span !== undefined && span.end - span.start === 2 && this.host.text.startsWith('""', span.start);
  }

  spanOf(field: number, repetition = 1, component?: number, subcomponent?: number): Span | undefined {
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (start >= end) return undefined;
    if (this.isDelimiterField(field)) {
      const isWhole = repetition === 1 && (component ?? 1) === 1 && (subcomponent ?? 1) === 1;
      return isWhole ? { start, end } : undefined;
    }
    // What is read most often needs no index.
    if (repetition === 1) {
      if (component === undefined) return firstRepetition(this.host.text, start, end, this.host);
      if (component === 1 && subcomponent === 1) return firstLeaf(this.host.text, start, end, this.host);
    }
    return spanOfPart(this.fieldIndex(field, start, end), repetition, component, subcomponent);
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

  private fieldIndex(field: number, start: number, end: number): FieldIndex {
    const fields = (this.fields ??= []);
    let index = fields[field];
    if (index === undefined) {
      index = indexField(this.host.text, start, end, this.host);
      fields[field] = index;
    }
    return index;
  }
}
