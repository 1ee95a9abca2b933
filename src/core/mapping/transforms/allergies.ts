/** Allergies, and statements that there are none. */
import type { AllergyIntolerance, Annotation, CodeableConcept } from 'fhir/r4.js';
import type { CodedValue } from '../engine/pack.js';
import { textAt, trace, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { upperCase } from '../../upper-case.js';

const SNOMED_CT = 'http://snomed.info/sct';

/** What senders write when somebody has no known allergies, by the concept of SNOMED CT that says so. */
const NEGATIONS: readonly (readonly [code: string, display: string, words: readonly string[]])[] = [
  [
    '716186003',
    'No known allergy',
    [
      'NKA',
      // What SNOMED CT had before.
      '160244002',
      'NO ALLERGIES',
      'NO ALLERGIES KNOWN',
      'NO ALLERGY',
      'NO KNOWN ALLERGIES',
      'NO KNOWN ALLERGY',
      'NIL KNOWN',
      'NIL KNOWN ALLERGIES',
      'NONE KNOWN',
      'NO KNOWN',
      'NONE',
      'NIL',
    ],
  ],
  [
    '409137002',
    'No known drug allergy',
    [
      'NKDA',
      'NO DRUG ALLERGIES',
      'NO KNOWN DRUG ALLERGIES',
      'NO KNOWN DRUG ALLERGY',
      'NO KNOWN MEDICATION ALLERGIES',
    ],
  ],
  ['429625007', 'No known food allergy', ['NKFA', 'NO KNOWN FOOD ALLERGIES', 'NO KNOWN FOOD ALLERGY']],
  [
    '428607008',
    'No known environmental allergy',
    ['NKEA', 'NO KNOWN ENVIRONMENTAL ALLERGIES', 'NO KNOWN ENVIRONMENTAL ALLERGY'],
  ],
  ['716184000', 'No known latex allergy', ['NO KNOWN LATEX ALLERGIES', 'NO KNOWN LATEX ALLERGY']],
];

/** Concepts of SNOMED CT that say that somebody has no known allergies. */
export const NO_KNOWN_ALLERGY: ReadonlySet<string> = new Set(NEGATIONS.map(([code]) => code));

const BY_WORDS: ReadonlyMap<string, CodedValue> = new Map(
  NEGATIONS.flatMap(([code, display, words]) =>
    [code, ...words].map((word) => [word, { system: SNOMED_CT, code, display }] as const),
  ),
);

/**
 * The statement that a code or its text makes when it says that there are no allergies; undefined for an allergen. A
 * local code for none beside the name of something is no such statement: the allergy must not get lost.
 */
export function negatedAllergy(code: string, text: string): CodedValue | undefined {
  const byText = BY_WORDS.get(normalised(text));
  const byCode = BY_WORDS.get(normalised(code));
  if (byText !== undefined) return byText;
  return text === '' || byCode?.code === code ? byCode : undefined;
}

/** What senders write when nobody knows whether there are allergies. */
const UNKNOWN = new Set([
  'ALLERGIES NOT KNOWN',
  'ALLERGIES UNKNOWN',
  'NO ALLERGIES ON FILE',
  'NO ALLERGIES RECORDED',
  'NOT ASKED',
  'NOT KNOWN',
  'NOT ON FILE',
  'NOT RECORDED',
  'UNABLE TO ASSESS',
  'UNABLE TO OBTAIN',
  'UNK',
  'UNKNOWN',
  'UNKNOWN ALLERGIES',
]);

/** Whether a code or its text says that allergies are not known: neither an allergen nor that there are none. */
export const isUnknownAllergy = (code: string, text: string): boolean =>
  UNKNOWN.has(normalised(text === '' ? code : text));

/** What SNOMED CT puts behind a name in brackets. */
const SEMANTIC_TAGS = new Set(['CONTEXT-DEPENDENT CATEGORY', 'FINDING', 'QUALIFIER VALUE', 'SITUATION']);

/** Other words in brackets may be an exception (`except penicillin`), without which the rest would be wrong. */
const normalised = (words: string): string =>
  words
    .toUpperCase()
    .replace(/\.$/, '')
    .replace(/\s+\(([^()]*)\)$/, (whole, inside: string) =>
      SEMANTIC_TAGS.has(inside) || BY_WORDS.has(inside) ? '' : whole,
    );

/** `noKnownAllergy`: the statement of AL1-3 or IAM-3 that there are no allergies, with the sender's words. */
export const noKnownAllergy: TransformFactory =
  () =>
  (step): CodeableConcept | undefined => {
    const words = textAt(step, 2) || (textAt(step, 1) === '' ? textAt(step, 5) || textAt(step, 9) : '');
    const negated = negatedAllergy(textAt(step, 1), words);
    if (negated === undefined) return undefined;
    const { system, code, display } = negated;
    trace(step, 'coding[0].code');
    const text = textAt(step, 9) || words || textAt(step, 1);
    return {
      coding: [
        { ...(system === undefined ? {} : { system }), code, ...(display === undefined ? {} : { display }) },
      ],
      text,
    };
  };

/** Where a severity may be named: by codes, else in words. */
const SEVERITY_PARTS = [1, 4, 2, 5, 9] as const;

/** What a table of severities makes of AL1-4 or IAM-4, and of which component: senders have codes of their own beside words. */
export function severityOf(
  step: Step,
  table: ReadonlyMap<string, CodedValue>,
): readonly [severity: CodedValue, component: number] | undefined {
  for (const component of SEVERITY_PARTS) {
    const sent = textAt(step, component);
    const target = table.get(sent) ?? table.get(upperCase(sent));
    if (target !== undefined) return [target, component];
  }
  return undefined;
}

/** `severity(AllergyCriticality)`: what a table of severities makes of a field (`severityOf`). */
export const severity: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step) => {
    const found = severityOf(step, table);
    if (found === undefined) return undefined;
    trace(step, '', found[1]);
    return found[0].code;
  };
};

/** What says nothing about how severe an allergy is. */
const UNSAID = new Set(['', 'U', 'UNK', 'UNKNOWN']);

/** `severityNote(ReactionSeverity)`: how severe an allergy is said to be, where neither criticality nor a reaction says so. */
export const severityNote: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step): Annotation | undefined => {
    const { criticality, reaction = [] } = step.draft.resource as Partial<AllergyIntolerance>;
    if (criticality !== undefined || reaction.some((each) => each.severity !== undefined)) return undefined;
    const found = severityOf(step, table);
    const component = found?.[1] ?? [9, 2, 5, 1, 4].find((each) => textAt(step, each) !== '') ?? 1;
    const said = found?.[0].code ?? textAt(step, component);
    if (UNSAID.has(upperCase(said))) return undefined;
    trace(step, 'text', component);
    return { text: `Severity: ${said}` };
  };
};
