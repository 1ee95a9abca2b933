/**
 * How records get their ids (docs/adr/0003). An identity is what the source itself calls the thing, so that a message
 * that is sent again, or a correction of it, meets the same record.
 */
import type { Identity } from '../engine/transform.js';
import { document } from './identities/documents.js';
import {
  administration,
  dispense,
  immunization,
  prescription,
  prescriptionState,
} from './identities/medications.js';
import { place, staffMember, staffRole, unitRole } from './identities/master-files.js';
import { referral } from './identities/referrals.js';
import { goal, pathway, problem } from './identities/care-plans.js';
import { appointment } from './identities/appointments.js';
import { allergy, diagnosis, disability, noKnownAllergy, procedure } from './identities/clinical.js';
import {
  advanceDirective,
  coverage,
  guarantor,
  insured,
  livingWill,
  mother,
  relative,
  withdrawnDirective,
  withdrawnLivingWill,
} from './identities/people.js';
import { patient, priorPatient } from './identities/patients.js';
import { charge, order, orderedSpecimen, orderState, specimen } from './identities/orders.js';
import { observation, report } from './identities/results.js';
import { account, careTeam, priorAccount, priorVisit, visit } from './identities/visits.js';

/** Every identity that packs may name. */
export const identities: ReadonlyMap<string, Identity> = new Map(
  Object.entries({
    administration,
    dispense,
    document,
    immunization,
    prescription,
    prescriptionState,
    place,
    staffMember,
    staffRole,
    unitRole,
    referral,
    goal,
    pathway,
    problem,
    account,
    advanceDirective,
    allergy,
    appointment,
    careTeam,
    charge,
    order,
    orderedSpecimen,
    orderState,
    specimen,
    coverage,
    diagnosis,
    disability,
    guarantor,
    insured,
    livingWill,
    mother,
    noKnownAllergy,
    observation,
    patient,
    priorAccount,
    priorPatient,
    priorVisit,
    procedure,
    relative,
    report,
    visit,
    withdrawnDirective,
    withdrawnLivingWill,
  }),
);
