/** PV1 as the NHS sends it (HL72UK, NHS Data Model and Dictionary). */
import type { ResourceMapExtension } from '../../engine/pack.js';
import { ADMISSION_TYPE } from '../hl7v2-base/encounter.js';

/** Admission methods; other codes in the field (table 0007) stay the type of the encounter. */
const ADMISSION_METHODS = '11, 12, 13, 21, 22, 23, 24, 25, 28, 2A, 2B, 2C, 2D, 31, 32, 81, 82, 83, 98, 99';
/** Discharge methods have one digit, discharge destinations two: some senders put the method into PV1-36. */
const DISCHARGE_METHODS = '1, 2, 3, 4, 5, 6, 7, 8, 9';

export const ukEncounter: ResourceMapExtension = {
  id: 'pv1-encounter',
  rules: [
    {
      id: 'pv1-2-pre-admission-status',
      to: 'status',
      using: 'constant(planned)',
      when: 'PV1-2 in P, W and event in A01, A04, A05',
    },
    // The NHS sends the admission method here.
    {
      id: 'pv1-4-admission-method',
      from: 'PV1-4',
      to: 'hospitalization.extension(AdmissionMethod).valueCodeableConcept',
      using: 'conceptIfKnown(AdmissionMethod)',
    },
    {
      id: 'pv1-4-type',
      from: 'PV1-4',
      to: 'type[+]',
      using: 'conceptBy(AdmissionType)',
      deletes: [ADMISSION_TYPE],
      when: `PV1-4 not in ${ADMISSION_METHODS}`,
    },
    // To HL7 v2 (table 0217) 1 is an emergency, to the NHS (PRIORITY TYPE) it is routine: only 2, urgent, is the same.
    { id: 'pv2-25-priority', from: 'PV2-25', to: 'priority', using: 'conceptBy(UrgentVisit)' },
    {
      id: 'pv1-16-sensitivity',
      from: 'PV1-16',
      to: 'meta.security[+]',
      using: 'securityLabel(PatientSensitivity)',
    },
    {
      id: 'pv1-36-discharge-method',
      from: 'PV1-36',
      to: 'extension(DischargeMethod).valueCodeableConcept',
      using: 'conceptIfKnown(DischargeMethod)',
      when: 'event not in A13',
    },
    {
      id: 'pv1-36-method-reopened',
      to: 'extension(DischargeMethod)',
      using: 'removeExtension(DischargeMethod)',
      when: 'event in A13',
    },
    {
      id: 'pv1-36-discharge-destination',
      from: 'PV1-36',
      to: 'hospitalization.dischargeDisposition',
      using: 'conceptBy(DischargeDisposition)',
      when: `event not in A13 and PV1-36 not in ${DISCHARGE_METHODS} or event not in A13 and PV1-37 empty`,
    },
    {
      id: 'pv1-37-discharge-destination',
      from: 'PV1-37',
      to: 'hospitalization.dischargeDisposition',
      using: 'conceptIfKnown(DischargeDisposition)',
      when: `event not in A13 and PV1-36 empty or event not in A13 and PV1-36 in ${DISCHARGE_METHODS}`,
    },
  ],
};
