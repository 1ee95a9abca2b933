/** ZU3: what came of an attendance. */
import type { PackExtension, Rule } from '../../engine/pack.js';
import { codesOf } from '../table.js';

/** Rules of the map of PV1. */
export const attendanceRules: readonly Rule[] = [
  {
    id: 'zu3-4-outcome',
    from: 'ZU3-4',
    to: 'extension(OutcomeOfAttendance).valueCodeableConcept',
    using: 'conceptIfKnown(OutcomeOfAttendance)',
  },
];

export const attendanceTables: NonNullable<PackExtension['tables']> = {
  OutcomeOfAttendance: codesOf('https://fhir.hl7.org.uk/CodeSystem/UKCore-OutcomeOfAttendanceEngland', {
    '1': "Discharged from consultant's care (last attendance)",
    '2': 'Another appointment given',
    '3': 'Appointment to be made at a later date',
  }),
};
