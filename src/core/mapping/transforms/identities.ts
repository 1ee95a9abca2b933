/**
 * How records get their ids (docs/adr/0003). An identity is what the source itself calls the thing, so that a message
 * that is sent again, or a correction of it, meets the same record.
 */
import type { Identity } from '../engine/transform.js';
import { patient, priorPatient } from './identities/patients.js';
import { observation, report } from './identities/results.js';
import { allergy, diagnosis, visit } from './identities/visits.js';

/** Every identity that packs may name. */
export const identities: ReadonlyMap<string, Identity> = new Map(
  Object.entries({
    allergy,
    diagnosis,
    observation,
    patient,
    priorPatient,
    report,
    visit,
  }),
);
