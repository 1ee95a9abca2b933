/** RXA of vaccinations, and what the observations (OBX) under it say. */
import type {
  Annotation,
  CodeableConcept,
  Immunization,
  ImmunizationEducation,
  ImmunizationReaction,
} from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { draftOf, textAt, trace, wholeText, type Step } from '../engine/run.js';
import type { SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { dateTime } from './simple-values.js';
import { upperCase } from '../../upper-case.js';

const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
/** Disease with presumed immunity (LOINC). */
const PRESUMED_IMMUNITY = '59784-9';

const draftAs = (step: Step): Partial<Immunization> => step.draft.resource as Partial<Immunization>;

/** `conceptNote(VaccinationSource)`: the text of a concept whose code the table does not know, as a note. */
export const conceptNote: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step): Annotation | undefined => {
    const code = textAt(step, 1);
    if (table.has(code) || table.has(upperCase(code))) return undefined;
    const component = [9, 2, 1].find((candidate) => textAt(step, candidate) !== '');
    if (component === undefined) return undefined;
    trace(step, 'text', component);
    return { text: textAt(step, component) };
  };
};

/** `notDoneReason`: why a vaccine was not given where RXA-18 says nothing (UK Core requires a reason). */
export const notDoneReason: TransformFactory =
  () =>
  (step): CodeableConcept | undefined => {
    if (draftAs(step).status !== 'not-done') return undefined;
    const immunity = observationsOf(step, PRESUMED_IMMUNITY)[0];
    if (immunity === undefined) return { text: 'Not stated' };
    trace(at(step, immunity, 3), 'coding[0].code', 1);
    return { coding: [{ system: ACT_REASON, code: 'IMMUNE', display: 'immunity' }] };
  };

/** `occurrenceNotStated`: FHIR requires a time of vaccination. */
export const occurrenceNotStated: TransformFactory = () => (step) =>
  draftAs(step).occurrenceDateTime === undefined ? 'Not stated' : undefined;

/** `doseNotStated`: FHIR requires a dose number where a series is stated. */
export const doseNotStated: TransformFactory = () => (step) => {
  const protocol = draftAs(step).protocolApplied?.[0];
  if (protocol === undefined || protocol.doseNumberPositiveInt !== undefined) return undefined;
  return 'Not stated';
};

/**
 * `countOf(number)`: a dose number or the doses of a series (OBX-5 of NM, SN, ST or a code); `countOf(text)`: one that is
 * no number (`Booster`).
 */
export const countOf: TransformFactory =
  ([kind]) =>
  (step) => {
    const isStructured = textAt(step, 1) === '' || textAt(step, 1) === '=';
    const component = isStructured ? 2 : 1;
    const count = textAt(step, component);
    const isNumber = /^0*[1-9]\d{0,5}$/.test(count);
    if (count === '' || isNumber !== (kind === 'number')) return undefined;
    if (!isNumber && hasCount(step)) return undefined;
    const shown = isNumber || textAt(step, 2) === '' ? component : 2;
    trace(step, '', shown);
    return isNumber ? Number(count) : textAt(step, shown);
  };

/** Whether the text that the step would write is there as a number. */
const hasCount = (step: Step): boolean => {
  const protocol = draftAs(step).protocolApplied?.[0];
  return step.element.endsWith('doseNumberString')
    ? protocol?.doseNumberPositiveInt !== undefined
    : protocol?.seriesDosesPositiveInt !== undefined;
};

/** `words`: what a code or a text says, in words where the sender gives them. */
export const words: TransformFactory = () => (step) => {
  const component = [9, 2].find((candidate) => textAt(step, candidate) !== '');
  if (component === undefined) return wholeText(step) || undefined;
  trace(step, '', component);
  return textAt(step, component);
};

/** `vaccineReaction`: when a reaction was seen (OBX-14), and the observation that says which. */
export const vaccineReaction: TransformFactory = (_args, setting) => {
  const readTime = dateTime([], setting);
  return (step): ImmunizationReaction | undefined => {
    const observation = draftOf(step.node, 'Observation');
    if (observation === undefined) return undefined;
    trace(step, 'detail.reference');
    const result: ImmunizationReaction = { detail: { reference: observation.reference } };
    const date = readTime({ ...at(step, step.node, 14), element: `${step.element}.date` });
    return date === undefined ? result : { date: date as string, ...result };
  };
};

/** Parts of Immunization.education by the LOINC code of the observation that states them. */
const EDUCATION: readonly (readonly [
  code: string,
  part: 'documentType' | 'publicationDate' | 'presentationDate',
])[] = [
  ['69764-9', 'documentType'],
  ['30956-7', 'documentType'],
  ['29768-9', 'publicationDate'],
  ['29769-7', 'presentationDate'],
];

/**
 * `education`: the documents about the vaccine that the patient was given, one for each sub-id (OBX-4) of the
 * observations that describe them.
 */
export const education: TransformFactory = (_args, setting) => {
  const readTime = dateTime([], setting);
  const readText = words([], setting);
  return (step): ImmunizationEducation[] | undefined => {
    const documents = new Map<string, ImmunizationEducation>();
    for (const [code, part] of EDUCATION) {
      for (const node of observationsOf(step, code)) {
        const document = textAt(at(step, node, 4), 1);
        const known = [...documents.keys()].indexOf(document);
        const index = known === -1 ? documents.size : known;
        const source = { ...at(step, node, 5), element: `${step.element}[${index}].${part}` };
        const value = part === 'documentType' ? readText(source) : readTime(source);
        if (value === undefined) continue;
        documents.set(document, { ...documents.get(document), [part]: value as string });
        markField(node, 5, 1, { fate: 'mapped', rule: step.rule });
      }
    }
    if (documents.size === 0) return undefined;
    return [...documents.values()].map((each) =>
      each.documentType === undefined ? { documentType: 'Vaccine information statement', ...each } : each,
    );
  };
};

/** Observations of this code that hold (OBX-11). */
function observationsOf(step: Step, code: string): SegmentNode[] {
  return step.node.children.filter(
    (node) =>
      node.segment.name === 'OBX' &&
      textAt(at(step, node, 3), 1) === code &&
      !['D', 'W', 'X'].includes(textAt(at(step, node, 11), 1)),
  );
}

/** The same rule at a field of another segment. */
const at = ({ run, draft, element, rule }: Step, node: SegmentNode, field: number): Step => ({
  run,
  node,
  field,
  repetition: 1,
  component: 0,
  draft,
  element,
  rule,
});
