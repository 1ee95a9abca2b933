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
