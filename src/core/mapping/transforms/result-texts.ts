/** Texts of results, and notes. */
import type { Annotation, Extension, Reference } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { readPart } from './parts.js';
import { dateTime } from './simple-values.js';
import { practitioner } from './staff.js';

/** `structuredText`: SN that is neither number, ratio nor range (`^1^+`), part by part. */
export const structuredText: TransformFactory = () => (step) => {
  if (hasValue(step)) return undefined;
  const parts = [1, 2, 3, 4].map((component) => textAt(step, component)).filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(' ');
};

/** Whether the record has a value by another rule already. */
export const hasValue = (step: Step): boolean =>
  Object.keys(step.draft.resource).some((key) => key.startsWith('value') || key === 'component');

/** `lines`: every repetition of a text field, one below the other. */
export const lines: TransformFactory = () => (step) => {
  const parts: string[] = [];
  appendLines(step, parts);
  return parts.length === 0 ? undefined : parts.join('\n');
};

/** Adds the text of every repetition of a field, with lineage. */
export function appendLines(step: Step, parts: string[]): void {
  const count = step.node.segment.repetitions(step.field);
  for (let repetition = 1; repetition <= count; repetition++) {
    const at = { ...step, repetition };
    const line = wholeText(at);
    if (line === '') continue;
    trace(at, '');
    parts.push(line);
    markField(step.node, step.field, repetition, { fate: 'mapped', rule: step.rule });
  }
}

/**
 * `otherValue`: the text of a value that no rule before could read by its type. It is kept, and reported, so that a
 * result is never lost for the way it is written.
 */
export const otherValue: TransformFactory = (args, setting) => {
  const readLines = lines(args, setting);
  return (step) => {
    if (hasValue(step)) return undefined;
    if (isEmptyCode(step)) {
      report(step, 'HDE_HL7_DATA_TYPE', 'a code or its text');
      return undefined;
    }
    const sent = readLines(step);
    if (sent !== undefined) report(step, 'HDE_HL7_DATA_TYPE', 'a value of the data type that OBX-2 names');
    return sent;
  };
};

const CODED = new Set(['CE', 'CF', 'CNE', 'CWE', 'IS']);

/** A coded value that names a coding system and no code says nothing. */
function isEmptyCode(step: Step): boolean {
  return (
    CODED.has(step.node.segment.value(2)) &&
    [1, 2, 4, 5, 9].every((component) => textAt(step, component) === '')
  );
}

/**
 * `annotation`: a text as a note. `annotation(NameUse)`: a line of NTE with who entered it (NTE-5) and when (NTE-6).
 */
export const annotation: TransformFactory = ([useTable], setting) => {
  const readAuthor = useTable === undefined ? undefined : practitioner([useTable], setting);
  const readTime = dateTime([], setting);
  return (step): Annotation | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    const result: Annotation = { text };
    trace(step, 'text');
    if (readAuthor === undefined || step.node.segment.name !== 'NTE') return result;
    const author = readPart(step, 5, 'authorReference', readAuthor) as Reference | undefined;
    if (author !== undefined) result.authorReference = author;
    const time = readPart(step, 6, 'time', readTime) as string | undefined;
    if (time !== undefined) result.time = time;
    return result;
  };
};

/** `annotationExtension(ReportNote)`: a line of NTE where R4 has no note. */
export const annotationExtension: TransformFactory = ([name = ''], setting) => {
  const url = setting.extension(name);
  return (step): Extension | undefined => {
    const text = wholeText(step);
    if (text === '') return undefined;
    trace(step, 'valueAnnotation.text');
    return { url, valueAnnotation: { text } };
  };
};
