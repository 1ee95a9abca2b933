/** Parts of Encounters. */
import type { Coding, Duration, Identifier, Narrative, Reference } from 'fhir/r4.js';
import { below, copyOf, report, textAt, trace, wholeText, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { identifier } from './identifiers.js';
import { parseDecimal } from './numbers.js';
import { odsOrganisation, odsSystemOf, organisation } from './organisations.js';
import { readPart } from './parts.js';
import { referenceTo } from './shared-records.js';
import { text } from './simple-values.js';
import { upperCase } from '../../upper-case.js';

/** `days`: NM as a Duration in days. */
export const days: TransformFactory =
  () =>
  (step): Duration | undefined => {
    const sent = wholeText(step);
    if (sent === '') return undefined;
    const value = parseDecimal(sent)?.value;
    if (value === undefined || value < 0) {
      report(step, 'HDE_HL7_DATA_TYPE', 'a number of days');
      return undefined;
    }
    const result: Duration = { unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' };
    copyOf(step, result, 'value', value, 1);
    return result;
  };

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** `narrative`: a text as the narrative of the record, beside its elements. */
export const narrative: TransformFactory =
  () =>
  (step): Narrative | undefined => {
    const sent = wholeText(step);
    if (sent === '') return undefined;
    trace(step, 'div');
    const escaped = sent.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
    return { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${escaped}</div>` };
  };

/** `episodeOfCare(53)`: CX as a reference to the episode of this number, described by another field. */
export const episodeOfCare: TransformFactory = ([fieldNumber], setting) => {
  const field = Number(fieldNumber);
  if (!Number.isInteger(field)) throw new RangeError('episodeOfCare needs the field of its description');
  const readNumber = identifier(['visit'], setting);
  const readText = text([], setting);
  return (step): Reference | undefined => {
    const number = readNumber(below(step, 'identifier')) as Identifier | undefined;
    if (number === undefined) return undefined;
    const display = readPart(step, field, 'display', readText);
    return {
      type: 'EpisodeOfCare',
      identifier: number,
      ...(typeof display === 'string' ? { display } : {}),
    };
  };
};

/** `dischargeDestination`: DLD as the place that the patient went to, by the sender's code. */
export const dischargeDestination: TransformFactory =
  () =>
  (step): Reference | undefined => {
    const code = textAt(step, 1);
    const name = textAt(step, 1, 2);
    const value = textAt(step, 1, 1);
    if (code === '') return undefined;
    trace(step, 'identifier.value', 1);
    return {
      type: 'Location',
      identifier: { system: step.run.feed.localSystems.location, value: value === '' ? code : value },
      display: name === '' ? code : name,
    };
  };

/** `servicingFacility`: an ODS code as its organisation or site; other codes as an organisation of this name. */
export const servicingFacility: TransformFactory = (args, setting) => {
  const readOrganisation = organisation(args, setting);
  return (step) => {
    const code = textAt(step, 1);
    if (odsSystemOf(code) === undefined) return readOrganisation(step);
    trace(step, 'reference', 1);
    return referenceTo(odsOrganisation(step, code, setting.profiles));
  };
};

/** `securityLabel(VisitProtection)`: a label by which access is restricted, where a table gives one. */
export const securityLabel: TransformFactory = ([name = ''], setting) => {
  const table = setting.table(name);
  return (step): Coding | undefined => {
    const label = table.get(upperCase(textAt(step, 1)));
    if (label === undefined) return undefined;
    trace(step, 'code', 1);
    return { ...label };
  };
};

/** `removeExtension(DischargeMethod)`: asks for an extension of the record to be deleted. */
export const removeExtension: TransformFactory = ([name = ''], setting) => {
  const url = setting.extension(name);
  return (step: Step) => {
    step.draft.removed.push(`extension[url=${url}]`);
    return undefined;
  };
};
