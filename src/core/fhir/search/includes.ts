/** Other resources that come with the matches (`_include`, `_revinclude`, FHIR R4 section 3.1.1.5.3). */
import { fail, ok, type Result } from '../../result.js';
import { findParameter, parametersOf } from './definitions.js';
import { mayBeTo } from './terms.js';

/** A reference to follow, forwards to what it names or backwards to what has it. */
export interface Include {
  readonly direction: 'forward' | 'backward';
  /** The type that has the reference. */
  readonly source: string;
  /** The parameters; several for `*`. */
  readonly codes: readonly string[];
  /** The only type that is wanted; absent for any. */
  readonly target?: string;
  /** Whether what was included is looked at too. */
  readonly isIterated: boolean;
}

/**
 * Reads the value of `_include` or `_revinclude`: `Source:parameter`, `Source:parameter:Target`, `Source:*` or `*`.
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
