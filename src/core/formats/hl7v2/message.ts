import { byteOffsets } from './byte-offsets.js';
import type { DecodedText } from './decode.js';
import { createPartIndex, type PartIndex } from './part-index.js';
import type { ParsedSegment, SegmentHost } from './segment.js';
import type { Hl7Delimiters, Hl7Message, Hl7Segment, Hl7Source } from './types.js';

/** Without tab, line feed and carriage return. */
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/; // eslint-disable-line no-control-regex -- FHIR strings may not hold them

const none: readonly ParsedSegment[] = [];

/** A message whose segments are known by position; all else is found when asked for. */
export class ParsedMessage implements Hl7Message, SegmentHost {
  readonly text: string;
  readonly source: Hl7Source;
  readonly delimiters: Hl7Delimiters;
  readonly fieldCode: number;
  readonly repetitionCode: number;
  readonly componentCode: number;
  readonly subcomponentCode: number;
  readonly found = { start: 0, end: 0 };
  /** Filled once, by the parser. */
  readonly segments: ParsedSegment[] = [];
  private byName: Map<string, ParsedSegment[]> | undefined;
  /** The answer to the first `all`: most readers ask for one name only, which needs no groups. */
  private asked: { readonly name: string; readonly segments: readonly ParsedSegment[] } | undefined;
  private plain: boolean | undefined;
  private nulls: boolean | undefined;
  private partIndex: PartIndex | undefined;
  private toByteOffset: ((position: number) => number) | undefined;

  constructor(decoded: DecodedText, delimiters: Hl7Delimiters) {
    this.text = decoded.text;
    this.source = decoded.source;
    this.delimiters = delimiters;
    this.fieldCode = codeOf(delimiters.field);
    this.repetitionCode = codeOf(delimiters.repetition);
    this.componentCode = codeOf(delimiters.component);
    this.subcomponentCode = codeOf(delimiters.subcomponent);
  }

  get msh(): Hl7Segment {
    const [msh] = this.segments;
    if (msh === undefined) throw new Error('a message was used before its segments were found');
    return msh;
  }

  /** Made when it is needed: readers of whole fields need none. */
  get parts(): PartIndex {
    return (this.partIndex ??= createPartIndex(this.text.length));
  }

  get isPlain(): boolean {
    return (this.plain ??= this.hasNothingToResolve());
  }

  get hasNulls(): boolean {
    return (this.nulls ??= this.text.includes('""'));
  }

  private hasNothingToResolve(): boolean {
    const { text, delimiters } = this;
    const { escape, subcomponent } = delimiters;
    const start = this.msh.spanOf(2)?.end ?? 0;
    const holds = (delimiter: string): boolean => delimiter !== '' && text.includes(delimiter, start);
    return !holds(escape) && !holds(subcomponent) && !CONTROL_CHARACTERS.test(text);
  }

  first(name: string): Hl7Segment | undefined {
    for (const segment of this.segments) if (segment.name === name) return segment;
    return undefined;
  }

  all(name: string): readonly Hl7Segment[] {
    if (this.byName === undefined) {
      this.asked ??= { name, segments: this.select(name) };
      if (this.asked.name === name) return this.asked.segments;
    }
    return this.groups().get(name) ?? none;
  }

  private select(name: string): readonly ParsedSegment[] {
    const selected: ParsedSegment[] = [];
    for (const segment of this.segments) if (segment.name === name) selected.push(segment);
    return selected;
  }

  numberSegments(): void {
    this.groups();
  }

  byteOffset(position: number): number {
    this.toByteOffset ??= byteOffsets(this.text, this.source.charset, this.source.before.length);
    return this.toByteOffset(position);
  }

  private groups(): ReadonlyMap<string, readonly ParsedSegment[]> {
    if (this.byName !== undefined) return this.byName;
    const groups = new Map<string, ParsedSegment[]>();
    for (const segment of this.segments) {
      const group = groups.get(segment.name);
      if (group === undefined) groups.set(segment.name, [segment]);
      else group.push(segment);
      segment.numberAs(group?.length ?? 1);
    }
    this.byName = groups;
    return groups;
  }
}

const codeOf = (delimiter: string): number => (delimiter === '' ? -1 : delimiter.charCodeAt(0));
