/**
 * Which criteria leave few of all records that are stored, so that one indexed query over all partitions is bounded by
 * what it finds. Whatever names a patient, or a record by id, needs no such query.
 */
import { sharedTypes } from '../interactions.js';
import { parseReference } from '../references.js';
import type { Comparison, Criterion, RangeTest, TextTest } from './criteria.js';
import type { ParameterDefinition } from './definitions.js';

/** People are told apart by these; of other types the same words may be many records' (a town, a code). */
const peoplesNames: ReadonlySet<string> = new Set([
  'family',
  'given',
  'name',
  'phonetic',
  'address-postalcode',
]);
const peoplesTokens: ReadonlySet<string> = new Set(['email', 'phone', 'telecom']);
const people: ReadonlySet<string> = new Set(['Patient', 'RelatedPerson']);

/** Characters of a name from which on few enough people have it. */
const shortestName = 2;

/** Whether a criterion of a parameter alone is selective among all records of a type. */
export function isSelective(type: string, definition: ParameterDefinition, criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'any':
      return criterion.of.every((each) => isSelective(type, definition, each));
    case 'all':
      return criterion.of.some((each) => isSelective(type, definition, each));
    case 'id':
      return true;
    case 'text':
      return isSelectiveText(type, definition, criterion.part, criterion.test);
    case 'range':
      return people.has(type) && definition.code === 'birthdate' && isWithinADay(criterion.test);
    case 'near':
    case 'composite':
      return sharedTypes.has(type);
    case 'not':
    case 'present':
    case 'lastUpdated':
      return false;
  }
}

function isSelectiveText(
  type: string,
  { code, url }: ParameterDefinition,
  part: string,
  { text }: TextTest,
): boolean {
  // What every resource has (`_tag`, `_profile`) says nothing about one.
  if (url.includes('/Resource-')) return false;
  // Organisations, staff and places are few, and needed by many kinds of question.
  if (sharedTypes.has(type)) return text !== '';
  if (part === 'ofType') return true;
  if (part === 'referenceIdentifier') return !text.endsWith('|');
  if (part === 'reference') return isAboutAPerson(text);
  if (part === 'token')
    return (code === 'identifier' || isPeoples(type, peoplesTokens, code)) && !text.endsWith('|');
  if (part === 'string' || part === 'exact')
    return isPeoples(type, peoplesNames, code) && text.length >= shortestName;
  return false;
}

const isPeoples = (type: string, codes: ReadonlySet<string>, code: string): boolean =>
  people.has(type) && codes.has(code);

/** A reference to a record of one person; to an organisation or a member of staff there may be thousands. */
function isAboutAPerson(target: string): boolean {
  const [, relative = target] = /([A-Z][A-Za-z]+\/[^/]+)$/.exec(target) ?? [];
  const reference = parseReference(relative, '');
  return reference !== undefined && !sharedTypes.has(reference.type);
}

/** The day on which clocks go back is the longest. */
const longestDay = 25 * 60 * 60 * 1000;

/** `eq` with a day: the stored date lies between its ends. */
function isWithinADay(test: RangeTest): boolean {
  return test.every((comparisons) => {
    const from = boundOf(comparisons, 'lo', '>=');
    const to = boundOf(comparisons, 'hi', '<=');
    return from !== undefined && to !== undefined && Date.parse(to) - Date.parse(from) < longestDay;
  });
}

function boundOf(
  comparisons: readonly Comparison[],
  field: Comparison['field'],
  operator: Comparison['operator'],
): string | undefined {
  const found = comparisons.find((each) => each.field === field && each.operator === operator)?.value;
  return typeof found === 'string' ? found : undefined;
}
