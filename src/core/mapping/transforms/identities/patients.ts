/** Ids of Patients. */
import { personOf, priorPersonOf } from '../../engine/run.js';
import type { Identity } from '../../engine/transform.js';

export const patient: Identity = (node, run) => {
  const key = personOf(node, run)?.patientKey;
  return key === undefined ? undefined : { id: key, partition: key };
};

/** The person whom a merge retires; a merge of a key with itself retires nobody. */
export const priorPatient: Identity = (node, run) => {
  const prior = priorPersonOf(node, run)?.patientKey;
  return prior === undefined || prior === personOf(node, run)?.patientKey
    ? undefined
    : { id: prior, partition: prior };
};
