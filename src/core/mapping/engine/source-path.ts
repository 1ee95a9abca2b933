/** Source paths in rules, numbered as in the HL7 standard: `PID-5[*].1.2`, `NTE(*)-3[*]`, `PV1`. */

export interface SourcePath {
  readonly segment: string;
  /** `(*)`: every segment of the name below the one being mapped. */
  readonly every: boolean;
  /** 0 when the segment as such is meant. */
  readonly field: number;
  /** 0 for `[*]`. */
  readonly repetition: number;
  /** 0 when the whole repetition is meant. */
  readonly component: number;
  /** 0 when the whole component is meant. */
  readonly subcomponent: number;
}

const SOURCE_PATH = /^([A-Z][A-Z0-9]{2})(\(\*\))?(?:-(\d+)(?:\[(\*|\d+)\])?(?:\.(\d+)(?:\.(\d+))?)?)?$/;

/** Reads a source path; undefined when it is none. */
export function parseSourcePath(text: string): SourcePath | undefined {
  const match = SOURCE_PATH.exec(text);
  if (match === null) return undefined;
  const [, segment = '', every, field = '0', repetition = '1', component = '0', subcomponent = '0'] = match;
  return {
    segment,
    every: every !== undefined,
    field: Number(field),
    repetition: repetition === '*' ? 0 : Number(repetition),
    component: Number(component),
    subcomponent: Number(subcomponent),
  };
}

/** Names of places of a segment, by the numbers of which they are made. */
export type PlaceNames = Map<number, string>;

/** Names of places by the label of their segment: few places name nearly all that any message states. */
const names = new Map<string, PlaceNames>();
const NAMES_KEPT = 20_000;
let namesKept = 0;

/** The names of places that were asked for so far in segments of a label, such as `OBX(2)`. */
export function placesOf(label: string): PlaceNames {
  const known = names.get(label);
  if (known !== undefined) return known;
  const places: PlaceNames = new Map();
  if (namesKept < NAMES_KEPT) {
    names.set(label, places);
    namesKept++;
  }
  return places;
}

/** What a source path names, with the names that its segment has so far. */
export interface NamedSegment {
  readonly label: string;
  readonly places: PlaceNames;
}

/**
 * A place in a segment in the words of the standard: `PID-5[1]`, `PID-5[1].2`, `OBX(2)-5[1].1.2`.
 *
 * @param component 0 for the whole repetition
 * @param subcomponent 0 for the whole component
 */
export function nameSource(
  { label, places }: NamedSegment,
  field: number,
  repetition: number,
  component: number,
  subcomponent: number,
): string {
  if (field > 127 || repetition > 15 || component > 63 || subcomponent > 15)
    return label + writeSource(field, repetition, component, subcomponent);
  const place = (field << 14) | (repetition << 10) | (component << 4) | subcomponent;
  const known = places.get(place);
  if (known !== undefined) return known;
  const name = label + writeSource(field, repetition, component, subcomponent);
  if (namesKept < NAMES_KEPT) {
    places.set(place, name);
    namesKept++;
  }
  return name;
}

function writeSource(field: number, repetition: number, component: number, subcomponent: number): string {
  const base = `-${field}[${repetition}]`;
  if (component === 0) return base;
  return subcomponent === 0 ? `${base}.${component}` : `${base}.${component}.${subcomponent}`;
}
