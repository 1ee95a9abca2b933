/** Extensions that have parts. */
import type { CodeableConcept, Extension } from 'fhir/r4.js';
import { below, report, textAt, trace, type Step } from '../engine/run.js';
import type { Transform, TransformFactory } from '../engine/transform.js';
import { concept } from './coded-values.js';
import { parseDecimal } from './numbers.js';
import { readPart } from './parts.js';

/** `codedExtension(Citizenship, code)`: an extension whose part of this name holds the concept that was sent. */
export const codedExtension: TransformFactory = ([name = '', part], setting) => {
  if (part === undefined) throw new RangeError('codedExtension needs an extension and a part');
  const url = setting.extension(name);
  const readConcept = concept([], setting);
  return (step): Extension | undefined => {
    const valueCodeableConcept = conceptAt(step, 'extension[0].valueCodeableConcept', readConcept);
    return valueCodeableConcept && { url, extension: [{ url: part, valueCodeableConcept }] };
  };
};

/**
 * `deathNotice(deathNotificationStatus, system, code, display)`: a part of an extension that holds a constant concept, for
 * a person who is stated to be dead.
 */
export const deathNotice: TransformFactory = ([url, system, code, ...display]) => {
  if (url === undefined || system === undefined || code === undefined || display.length === 0)
    throw new RangeError('deathNotice needs a part, a system, a code and its display');
  const coding = { system, code, display: display.join(', ') };
  return ({ draft: { resource } }): Extension | undefined =>
    resource['deceasedDateTime'] !== undefined || resource['deceasedBoolean'] === true
      ? { url, valueCodeableConcept: { coding: [coding] } }
      : undefined;
};

/**
 * `animal(Animal)`: species (PID-35) and breed (PID-36). A message that calls its patient an animal is reported: the
 * records of a hospital are about people.
 */
export const animal: TransformFactory = ([name = ''], setting) => {
  const url = setting.extension(name);
  const readConcept = concept([], setting);
  return (step): Extension | undefined => {
    const species = conceptAt(step, 'extension[0].valueCodeableConcept', readConcept);
    if (species === undefined) return undefined;
    report(step, 'HDE_HL7_DATA_TYPE', 'a person: the message states the species of an animal');
    const breed = readPart(step, 36, 'extension[1].valueCodeableConcept', readConcept) as
      CodeableConcept | undefined;
    const parts: Extension[] = [{ url: 'species', valueCodeableConcept: species }];
    if (breed !== undefined) parts.push({ url: 'breed', valueCodeableConcept: breed });
    return { url, extension: parts };
  };
};

const conceptAt = (step: Step, path: string, read: Transform): CodeableConcept | undefined =>
  read(below(step, path)) as CodeableConcept | undefined;

/** Components of OG (since version 2.8.2; before, OBX-4 was the first of them alone) by the parts of the extension. */
const GROUPER = [
  ['original-sub-identifier', 'valueString'],
  ['group', 'valueDecimal'],
  ['sequence', 'valueDecimal'],
  ['identifier', 'valueString'],
] as const;

/** `subId(SubId)`: by what the results of an order that belong together are known (OBX-4). */
export const subId: TransformFactory = ([name = ''], setting) => {
  const url = setting.extension(name);
  return (step): Extension | undefined => {
    const parts: Extension[] = [];
    for (const [index, [part, key]] of GROUPER.entries()) {
      const sent = textAt(step, index + 1);
      const value = key === 'valueDecimal' ? parseDecimal(sent)?.value : sent || undefined;
      if (value === undefined) continue;
      trace(step, `extension[${parts.length}].${key}`, index + 1);
      parts.push({ url: part, [key]: value });
    }
    return parts.length === 0 ? undefined : { url, extension: parts };
  };
};
