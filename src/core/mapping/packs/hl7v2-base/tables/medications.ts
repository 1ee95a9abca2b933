/** Value tables of medications, vaccinations and documents. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf, translated } from '../../table.js';

const hl7 = (table: string): string => `http://terminology.hl7.org/CodeSystem/v2-${table}`;

export const medicationTables: Pack['tables'] = {
  /** Table 0322 as Immunization.status. */
  VaccinationStatus: { CP: 'completed', PA: 'completed', RE: 'not-done', NA: 'not-done' },
  /** NIP001 as Immunization.primarySource: whether whoever reports it gave the vaccine. */
  VaccinationSource: {
    '00': 'true',
    '01': 'false',
    '02': 'false',
    '03': 'false',
    '04': 'false',
    '05': 'false',
    '06': 'false',
    '07': 'false',
    '08': 'false',
  },
  /** Table 0322 as MedicationAdministration.status: a part that was given was given. */
  AdministrationStatus: { CP: 'completed', PA: 'completed', RE: 'not-done', NA: 'not-done' },
  /** Order control (table 0119) that ends a prescription, as MedicationRequest.status. */
  PrescriptionEnded: {
    UA: 'cancelled',
    CA: 'cancelled',
    CR: 'cancelled',
    OC: 'cancelled',
    DC: 'stopped',
    DR: 'stopped',
    OD: 'stopped',
    DF: 'stopped',
    RP: 'stopped',
    RQ: 'stopped',
    RU: 'stopped',
  },
  /** Order control that does not end it, where ORC-5 says nothing. A change (XO, XR, XX, UX) revives nothing. */
  PrescriptionControl: {
    NW: 'active',
    AF: 'active',
    RL: 'active',
    RO: 'active',
    RF: 'active',
    PY: 'active',
    OE: 'active',
    OR: 'active',
    // What was asked for could not be done: the order goes on as it was.
    UC: 'active',
    UD: 'active',
    UH: 'active',
    UR: 'on-hold',
    HD: 'on-hold',
    HR: 'on-hold',
    OH: 'on-hold',
    FU: 'completed',
    OF: 'completed',
  },
  /** Order status (table 0038) as MedicationRequest.status. */
  PrescriptionStatus: {
    A: 'active',
    CA: 'cancelled',
    CM: 'completed',
    DC: 'stopped',
    ER: 'entered-in-error',
    HD: 'on-hold',
    IP: 'active',
    RP: 'stopped',
    SC: 'active',
  },
  /** Order control as the status of what was dispensed or administered. */
  DeliveryControl: {
    CA: 'cancelled',
    OC: 'cancelled',
    CR: 'cancelled',
    DC: 'stopped',
    OD: 'stopped',
    DR: 'stopped',
  },
  /**
   * Order control as MedicationAdministration.status where RXA-20 says nothing: what is cancelled was asked not to be done
   * at all, what is discontinued had begun (HL7 v2.8.2 table 0119).
   */
  AdministrationControl: {
    CA: 'not-done',
    OC: 'not-done',
    CR: 'not-done',
    UA: 'not-done',
    DC: 'stopped',
    OD: 'stopped',
    DR: 'stopped',
    HD: 'on-hold',
    HR: 'on-hold',
    OH: 'on-hold',
  },
  /** No code is known: everything is said in words. */
  Nothing: {},
  /**
   * Table 0177. What a sender marks as about HIV, psychiatry, addiction or its staff is sensitive to the access model, which
   * knows such labels by v3-ActCode; the guide puts some into v3-Confidentiality, whose codes are levels.
   */
  OrderConfidentiality: {
    ...codesOf('http://terminology.hl7.org/CodeSystem/v3-Confidentiality', {
      V: 'very restricted',
      R: 'restricted',
    }),
    ...translated('http://terminology.hl7.org/CodeSystem/v3-ActCode', {
      AID: ['HIV', 'HIV/AIDS information sensitivity'],
      EMP: ['EMP', 'employee information sensitivity'],
      ETH: ['ETH', 'substance abuse information sensitivity'],
      HIV: ['HIV', 'HIV/AIDS information sensitivity'],
      PSY: ['PSY', 'psychiatry disorder information sensitivity'],
    }),
  },
  /** Table 0161. */
  AllowSubstitution: codesOf(hl7('0161'), {
    N: 'Substitutions are NOT authorized. (This is the default - null.)',
    G: 'Allow generic substitutions.',
    T: 'Allow therapeutic substitutions',
  }),
  /** Table 0167. */
  SubstitutionStatus: codesOf(hl7('0167'), {
    '0': 'No product selection indicated',
    '1': 'Substitution not allowed by prescriber',
    '2': 'Substitution allowed - patient requested product dispensed',
    '3': 'Substitution allowed - pharmacist selected product dispensed',
    '4': 'Substitution allowed - generic drug not in stock',
    '5': 'Substitution allowed - brand drug dispensed as a generic',
    '7': 'Substitution not allowed - brand drug mandated by law',
    '8': 'Substitution allowed - generic drug not available in marketplace',
    G: 'A generic substitution was dispensed.',
    N: 'No substitute was dispensed. This is equivalent to the default (null) value.',
    T: 'A therapeutic substitution was dispensed.',
  }),
  /** Table 0271 as DocumentReference.docStatus. */
  DocumentCompletion: {
    DI: 'preliminary',
    DO: 'preliminary',
    IP: 'preliminary',
    IN: 'preliminary',
    PA: 'preliminary',
    AU: 'final',
    LA: 'final',
  },
  /** Table 0273 as DocumentReference.status. */
  DocumentAvailability: { AV: 'current', UN: 'current', CA: 'entered-in-error', OB: 'superseded' },
  /** Table 0273. */
  DocumentAvailabilityCode: codesOf(hl7('0273'), {
    CA: 'Deleted',
    OB: 'Obsolete',
    UN: 'Unavailable for patient care',
  }),
  /** Table 0272. */
  DocumentConfidentiality: codesOf(hl7('0272'), {
    V: 'Very restricted',
    R: 'Restricted',
    U: 'Usual control',
  }),
};
