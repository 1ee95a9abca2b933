/** Languages that people speak, as FHIR requires them: BCP 47 codes. */
import type { CodeableConcept, Coding } from 'fhir/r4.js';
import type { CodedValue } from '../engine/pack.js';
import { textAt, trace, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';

const BCP_47 = 'urn:ietf:bcp:47';
/** A language that is stated and not understood (BCP 47 section 4.1: undetermined). */
const UNDETERMINED = 'und';
/** `en-GB`, `zh_TW`. */
const REGIONAL = /^([a-z]{2,3})[-_]([a-z]{2})$/i;

/**
 * `language(HumanLanguage)`: the language as BCP 47 knows it (UK Core requires that), found by the code or its name, and
 * what was sent. One that is not understood is `und` with the words of the sender.
 */
export const language: TransformFactory = ([tableName = ''], setting) => {
  const table = setting.table(tableName);
  return (step): CodeableConcept | undefined => {
    const text = wordsOf(step);
    if (text === '') return undefined;
    const [known, component] = find(step, table);
    trace(step, 'coding[0].code', component);
    return { coding: [known ?? { system: BCP_47, code: UNDETERMINED }], text };
  };
};

/** The original text of CWE, else a name, else a code. */
function wordsOf(step: Step): string {
  for (const component of [9, 2, 5, 1, 4]) {
    const text = textAt(step, component);
    if (text !== '') return text;
  }
  return '';
}

/** The first of the codes and names of CWE that names a language, and its component. */
function find(
  step: Step,
  table: ReadonlyMap<string, CodedValue>,
): readonly [Coding | undefined, number | undefined] {
  for (const component of [1, 4, 2, 5, 9]) {
    const text = textAt(step, component);
    if (text === '') continue;
    const known = codingOf(text, table);
    if (known !== undefined) return [known, component];
  }
  return [undefined, undefined];
}

function codingOf(text: string, table: ReadonlyMap<string, CodedValue>): Coding | undefined {
  const [, base, region] = REGIONAL.exec(text) ?? [];
  const known = table.get((base ?? text).toUpperCase());
  if (known === undefined) return undefined;
  const { code, display } = known;
  if (region !== undefined) return { system: BCP_47, code: `${code}-${region.toUpperCase()}` };
  return { system: BCP_47, code, ...(display === undefined ? {} : { display }) };
}

/** `communication(HumanLanguage, true)`: an entry of `communication`; `true` says that the person prefers it. */
export const communication: TransformFactory = ([tableName = '', preferred], setting) => {
  const read = language([tableName], setting);
  return (step) => {
    const before = step.draft.traces.length;
    const spoken = read(step) as CodeableConcept | undefined;
    if (spoken === undefined) return undefined;
    step.draft.traces.length = before;
    trace(step, 'language.coding[0].code');
    return { language: spoken, ...(preferred === 'true' ? { preferred: true } : {}) };
  };
};
