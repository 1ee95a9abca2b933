/** References between the records of one message. */
import type { Identifier } from 'fhir/r4.js';
import { findSegment } from '../engine/segment-tree.js';
import { draftOf, personOf, priorPersonOf, trace } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { conceptIfKnown } from './coded-values.js';
import { personIdentifier } from './identifiers.js';
import { readPart } from './parts.js';
import { positiveInt } from './simple-values.js';

/** `reference(Encounter)`: the record of this type that the source segment makes. */
export const reference: TransformFactory = ([type]) => {
  if (type === undefined) throw new RangeError('reference needs a resource type');
  return (step) => {
    const target = draftOf(step.node, type);
    return target === undefined ? undefined : { reference: `${type}/${target.resource.id}` };
  };
};

/** `diagnosis(DiagnosisRole)`: the Condition of a DG1 as an entry of Encounter.diagnosis, with its role and rank. */
export const diagnosis: TransformFactory = ([tableName = ''], setting) => {
  const readRole = conceptIfKnown([tableName], setting);
  const readRank = positiveInt([], setting);
  return (step) => {
    const target = draftOf(step.node, 'Condition');
    if (target === undefined) return undefined;
    trace(step, 'condition.reference');
    const use = readPart(step, 6, 'use', readRole);
    const rank = readPart(step, 15, 'rank', readRank);
    return {
      condition: { reference: `Condition/${target.resource.id}` },
      ...(use === undefined ? {} : { use }),
      ...(rank === undefined ? {} : { rank }),
    };
  };
};

/**
 * `mergeLink(replaces)`: the link between the surviving patient and the one that MRG-1 retires. Nothing moves: readers
 * follow the link. `mergeLink(seealso)`: between two who both stand, from either to the other.
 */
export const mergeLink: TransformFactory = ([type], setting) => {
  if (type !== 'replaces' && type !== 'replaced-by' && type !== 'seealso')
    throw new RangeError('mergeLink is replaces, replaced-by or seealso');
  const readIdentifier = personIdentifier(['IdentifierType'], setting);
  return (step) => {
    const survivor = personOf(step.node, step.run)?.patientKey;
    const prior = priorPersonOf(step.node, step.run)?.patientKey;
    if (survivor === undefined || prior === undefined || prior === survivor) return undefined;
    // A change of number makes a record of the old number only where it joins two.
    if (findSegment(step.node, 'MRG')?.drafts.some(({ resource }) => resource.id === prior) !== true)
      return undefined;
    if (step.draft.resource.id === prior) return { other: { reference: `Patient/${survivor}` }, type };
    const retired = readIdentifier({ ...step, element: `${step.element}.other.identifier` }) as
      Identifier | undefined;
    return {
      other: {
        reference: `Patient/${prior}`,
        ...(retired === undefined ? {} : { identifier: retired }),
      },
      type,
    };
  };
};
