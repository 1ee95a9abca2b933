/** What is wrong with a Bicep file. */
import type { Place } from '../ast.js';

export interface Finding {
  readonly file: string;
  readonly place: Place;
  /** Name of the rule, as in Bicep's linter where it has the same one. */
  readonly rule: string;
  readonly message: string;
}

/** Takes what a check finds in one file. */
export type Report = (place: Place, rule: string, message: string) => void;

export const findingText = ({ file, place, rule, message }: Finding): string =>
  `${file}:${place.line}:${place.column} ${rule}: ${message}`;
