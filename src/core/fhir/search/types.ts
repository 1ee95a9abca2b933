/**
 * The searchable values of a resource (FHIR R4 section 3.1.1.4), as they are stored beside it and indexed by Cosmos DB.
 * Each map is keyed by the code of the search parameter (`birthdate`) and holds no empty list, so that a key that is
 * absent means that the resource has no value for the parameter (`:missing`). `_id` and `_lastUpdated` are not among
 * them: the document has them itself.
 */
export interface SearchIndex {
  /** `system|value` and `|value` of every identifier, as written. */
  readonly identifier: readonly string[];
  /**
   * Of each coding: `system|code` (`|code` without a system), `*|code` for any system, `system|` for any code; in the
   * form of `tokenOf`. A ContactPoint has no system; of a telephone number there is also the form without punctuation.
   */
  readonly token?: ByCode<string>;
  /** Of each identifier with a type: `type system|type code|value`, in the form of `typedIdentifier`. */
  readonly ofType?: ByCode<string>;
  /** Texts of tokens for `:text`, normalised as strings are. */
  readonly text?: ByCode<string>;
  /**
   * In lower case, without accents, white space single: see `normaliseString`. Of `phonetic` the Soundex codes of the
   * words instead.
   */
  readonly string?: ByCode<string>;
  /** The same values as written, for `:exact`, cut at the same length. */
  readonly exact?: ByCode<string>;
  readonly date?: ByCode<DateRange>;
  /**
   * `Type/id` of a relative reference, else the URL or URN as written, both without a version; of a canonical both what
   * is written and what stands before its `|version`. An absolute address of this server stays one. `#` where a reference
   * is to nothing that a search can name, for `:missing` alone.
   */
  readonly reference?: ByCode<string>;
  /** Tokens (as in `token`) of the logical identifiers of references, for `:identifier`. */
  readonly referenceIdentifier?: ByCode<string>;
  readonly number?: ByCode<NumberEntry>;
  readonly quantity?: ByCode<QuantityEntry>;
  /** As written; of a canonical with a version also what stands before it. */
  readonly uri?: ByCode<string>;
  /** Of a Location. */
  readonly position?: ByCode<Place>;
  readonly composite?: ByCode<CompositeValue>;
}

export type ByCode<T> = Readonly<Record<string, readonly T[]>>;

/**
 * A place on a globe of radius 1 around its centre: `x` towards latitude 0 and longitude 0, `y` towards longitude 90
 * east, `z` towards the north pole.
 */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** From the first to the last millisecond that a date, dateTime, instant, Period or Timing covers, in UTC, both included. */
export interface DateRange {
  /** ISO instant with milliseconds; `0000-01-01T00:00:00.000Z` where it is open. */
  readonly lo: string;
  /** ISO instant with milliseconds; `9999-12-31T23:59:59.999Z` where it is open. */
  readonly hi: string;
}

/** A single number as written, or a range where only that is known. */
export type NumberEntry = { readonly value: number; readonly lo?: never; readonly hi?: never } | NumberBounds;

/** From the one bound to the other, both included; the largest number where it is open. */
export interface NumberBounds {
  readonly value?: never;
  readonly lo: number;
  readonly hi: number;
}

/** Of a comparator, a Range or sampled data a range, else a number; with its unit. */
export type QuantityEntry = NumberEntry & {
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
};

/**
 * Values that stand together in one element, by the position of the component in the parameter's definition. Each has
 * the component's values by its code, such as `{ token: { code: [...] } }`, without those for modifiers (`text`,
 * `exact`, `ofType`, `referenceIdentifier`), which composites do not have. A component is never empty.
 */
export type CompositeValue = readonly ComponentValue[];

/** The values of one component of a composite. */
export type ComponentValue = Pick<
  SearchIndex,
  'token' | 'string' | 'date' | 'reference' | 'number' | 'quantity' | 'uri'
>;
