import { unescape } from './escapes.js';
import {
  countComponents,
  type CutRepetition,
  cutRepetition,
  type FieldIndex,
  findCutPart,
  findFirstLeaf,
  findIndexedPart,
  findRepetition,
  type FoundPart,
  indexField,
  type InnerDelimiters,
} from './field-index.js';
import type { Hl7Delimiters, Hl7Segment, Span } from './types.js';

/** What a segment needs from its message. */
export interface SegmentHost extends InnerDelimiters {
  readonly text: string;
  readonly delimiters: Hl7Delimiters;
  readonly fieldCode: number;
  /** Where the last search ended: one object for all of them, since most are for a text and not for its place. */
  readonly found: FoundPart;
  /** The repetition that was looked into last; undefined before the first. */
  cut: CutRepetition | undefined;
  /** Calls `numberAs` of every segment. */
  numberSegments(): void;
}

/** Stands for a component or subcomponent that is not asked for: the whole of what it would be a part of. */
const whole = -1;

const everyField = 0x3fffffff;

/**
 * Fields longer than this many characters are indexed when they are looked into. In shorter ones each part is found by
 * reading from the start, which costs less than an index and, being bounded, keeps everything linear.
 */
const longField = 256;

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

  has(field: number): boolean {
    return this.fieldStart(field) < this.fieldEnd(field);
  }

  repetitions(field: number): number {
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (start >= end) return 0;
    if (this.isDelimiterField(field)) return 1;
    if (end - start > longField) return this.fieldIndex(field, start, end).repetitions.length - 1;
    const { text, repetitionCode } = this.host;
    let count = 1;
    for (let position = start; position < end; position++) {
      if (text.charCodeAt(position) === repetitionCode) count++;
    }
    return count;
  }

  components(field: number, repetition = 1): number {
    const { text, componentCode, found } = this.host;
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (end - start > longField && !this.isDelimiterField(field)) {
      const index = this.fieldIndex(field, start, end);
      return findIndexedPart(index, repetition, whole, whole, found) ? countComponents(index, repetition) : 0;
    }
    if (!this.locate(field, repetition, whole, whole)) return 0;
    if (this.isDelimiterField(field)) return 1;
    let count = 1;
    for (let position = found.start; position < found.end; position++) {
      if (text.charCodeAt(position) === componentCode) count++;
    }
    return count;
  }

  raw(field: number, repetition = 1, component = whole, subcomponent = whole): string {
    if (!this.locate(field, repetition, component, subcomponent)) return '';
    const { text, found } = this.host;
    return text.slice(found.start, found.end);
  }

  value(field: number, repetition = 1, component = 1, subcomponent = 1): string {
    const raw = this.raw(field, repetition, component, subcomponent);
    return this.isDelimiterField(field) ? raw : unescape(raw, this.host.delimiters);
  }

  isNull(field: number, repetition = 1, component = whole, subcomponent = whole): boolean {
    if (!this.locate(field, repetition, component, subcomponent)) return false;
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
    const start = this.fieldStart(field);
    const end = this.fieldEnd(field);
    if (start >= end || repetition < 1 || component === 0 || subcomponent === 0) return false;
    const { host } = this;
    if (this.isDelimiterField(field)) {
      host.found.start = start;
      host.found.end = end;
      return repetition === 1 && component <= 1 && subcomponent <= 1;
    }
    const isShort = end - start <= longField;
    if (component === whole && (isShort || repetition === 1))
      return findRepetition(host, start, end, repetition);
    return isShort
      ? findCutPart(host, this.cut(field, repetition, start, end), component, subcomponent)
      : this.locateInLongField(field, repetition, component, subcomponent, start, end);
  }

  private cut(field: number, repetition: number, start: number, end: number): CutRepetition {
    const { host } = this;
    const cut = (host.cut ??= { segment: this, field: 0, repetition: 0, count: 0, starts: [] });
    if (cut.segment !== this || cut.field !== field || cut.repetition !== repetition) {
      cut.segment = this;
      cut.field = field;
      cut.repetition = repetition;
      cutRepetition(host, start, end, cut);
    }
    return cut;
  }

  private locateInLongField(
    field: number,
    repetition: number,
    component: number,
    subcomponent: number,
    start: number,
    end: number,
  ): boolean {
    const { host } = this;
    // What is read most often, the first of a field, needs no index however long it is.
    if (repetition === 1 && component === 1 && subcomponent === 1) return findFirstLeaf(host, start, end);
    return findIndexedPart(
      this.fieldIndex(field, start, end),
      repetition,
      component,
      subcomponent,
      host.found,
    );
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
