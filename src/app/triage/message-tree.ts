/** A parsed message as plain data: segments, fields, repetitions and components, each with its place as its name. */
import type { Hl7Message, Hl7Segment } from '../../core/formats/hl7v2/types.js';

export interface TreeComponent {
  /** `PID-5[1].1`. */
  readonly place: string;
  /** With escapes resolved; that of the first subcomponent where there are several. */
  readonly value: string;
  /** Present where there are several: `PID-5[1].1.1` and so on. */
  readonly subcomponents?: readonly { readonly place: string; readonly value: string }[];
}

export interface TreeField {
  /** `PID-5`. */
  readonly place: string;
  readonly repetitions: readonly {
    /** `PID-5[1]`. */
    readonly place: string;
    /** Those that are not empty. */
    readonly components: readonly TreeComponent[];
  }[];
}

export interface TreeSegment {
  /** `PID`, or `OBX(2)` for the second. */
  readonly place: string;
  /** Those that are not empty. */
  readonly fields: readonly TreeField[];
}

/** The segments of a message in their order. */
export const treeOf = (message: Hl7Message): TreeSegment[] =>
  message.segments.map((segment) => {
    const place = segment.occurrence === 1 ? segment.name : `${segment.name}(${segment.occurrence})`;
    return { place, fields: fieldsOf(segment, place, message.delimiters.subcomponent) };
  });

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

function fieldsOf(segment: Hl7Segment, name: string, separator: string): TreeField[] {
  return numbers(segment.fieldCount)
    .filter((field) => segment.has(field))
    .map((field) => ({
      place: `${name}-${field}`,
      repetitions: numbers(segment.repetitions(field)).map((repetition) => {
        const place = `${name}-${field}[${repetition}]`;
        const components = numbers(segment.components(field, repetition))
          .filter((component) => segment.raw(field, repetition, component) !== '')
          .map((component) => componentOf(segment, [field, repetition, component], place, separator));
        return { place, components };
      }),
    }));
}

function componentOf(
  segment: Hl7Segment,
  [field, repetition, component]: readonly [number, number, number],
  within: string,
  separator: string,
): TreeComponent {
  const place = `${within}.${component}`;
  const value = segment.value(field, repetition, component);
  const isDelimiters = segment.name === 'MSH' && field <= 2;
  const count =
    separator === '' || isDelimiters ? 1 : segment.raw(field, repetition, component).split(separator).length;
  if (count === 1) return { place, value };
  const subcomponents = numbers(count).map((subcomponent) => ({
    place: `${place}.${subcomponent}`,
    value: segment.value(field, repetition, component, subcomponent),
  }));
  return { place, value, subcomponents };
}
