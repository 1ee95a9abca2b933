/** Other resources that come with the matches (`_include`, `_revinclude`, FHIR R4 section 3.1.1.5.3). */
import { fail, ok, type Result } from '../../result.js';
import { findParameter, parameterisedTypes, parametersOf } from './definitions.js';
import { mayBeTo } from './terms.js';

/** References to follow. */
interface Followed {
  /** The parameters; several for `*`. */
  readonly codes: readonly string[];
  /** The only type that is wanted; absent for any. */
  readonly target?: string;
  /** Whether what was included is looked at too. */
  readonly isIterated: boolean;
}

/** Forwards, to what references name; `source` is the type that has them, absent where it may be any. */
export interface ForwardInclude extends Followed {
  readonly direction: 'forward';
  readonly source?: string;
}

/** Backwards, to the resources of a type that have the references. */
export interface BackwardInclude extends Followed {
  readonly direction: 'backward';
  readonly source: string;
}

export type Include = ForwardInclude | BackwardInclude;

/**
 * Reads the value of `_include` or `_revinclude`: `Source:parameter`, `Source:parameter:Target`, `Source:*` or `*`, which
 * with `:iterate` is all that any type refers to.
 *
 * @param type what is searched for
 */
export function parseInclude(
  direction: Include['direction'],
  value: string,
  isIterated: boolean,
  type: string,
  isServed: (type: string) => boolean,
): Result<Include, string> {
  const isAll = value === '*' && direction === 'forward';
  if (isAll && isIterated) return ok({ direction, codes: everyReference(), isIterated });
  const [source = '', code, target, ...more] = isAll ? [type, '*'] : value.split(':');
  if (!isServed(source) || code === undefined || more.length > 0 || target === '')
    return fail('Expected Type:parameter or Type:parameter:Target.');
  const definitions = code === '*' ? parametersOf(source) : [findParameter(source, code)];
  const wanted = direction === 'backward' && !isIterated ? type : target;
  const codes = definitions.flatMap((definition) => {
    if (definition?.type !== 'reference') return [];
    return wanted === undefined || mayBeTo(definition, wanted) ? [definition.code] : [];
  });
  if (codes.length === 0) return fail('The type has no such reference.');
  return ok({ direction, source, codes, isIterated, ...(target === undefined ? {} : { target }) });
}

/** The codes of the references of all types. */
function everyReference(): readonly string[] {
  const references = parameterisedTypes.flatMap(parametersOf).filter(({ type }) => type === 'reference');
  return [...new Set(references.map(({ code }) => code))];
}
