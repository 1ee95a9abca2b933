/** Value tables of appointments. */
import type { Pack } from '../../../engine/pack.js';
import { codesOf } from '../../table.js';

/** What senders write of somebody who did not come. */
const MISSED = {
  'DID NOT ARRIVE': 'noshow',
  'DID NOT ATTEND': 'noshow',
  DNA: 'noshow',
  'NO SHOW': 'noshow',
  'NO-SHOW': 'noshow',
  NOSHOW: 'noshow',
  'NOT ATTENDED': 'noshow',
};

/** What senders write of an appointment that somebody cancelled. */
const CANCELLED = {
  CAN: 'cancelled',
  CANCELED: 'cancelled',
  CANCELLED: 'cancelled',
  'CANCELLED BY HOSPITAL': 'cancelled',
  'CANCELLED BY PATIENT': 'cancelled',
  'COULD NOT ATTEND': 'cancelled',
  CNA: 'cancelled',
  'HOSPITAL CANCELLED': 'cancelled',
  'PATIENT CANCELLED': 'cancelled',
};

/** Table 0278 as Appointment.status; systems of the NHS send when patients come and go too. */
const APPOINTMENT_STATUS = {
  ARRIVED: 'arrived',
  ATTENDED: 'fulfilled',
  BOOKED: 'booked',
  ...CANCELLED,
  'CHECKED IN': 'checked-in',
  'CHECKED-IN': 'checked-in',
  'CHECKED OUT': 'fulfilled',
  COMP: 'fulfilled',
  COMPLETE: 'fulfilled',
  COMPLETED: 'fulfilled',
  CONFIRMED: 'booked',
  DEPARTED: 'fulfilled',
  DELETED: 'entered-in-error',
  // The guide translates neither of these two; both mean that the rest does not take place, or that it does.
  DC: 'cancelled',
  DISCONTINUED: 'cancelled',
  ...MISSED,
  OVERBOOK: 'booked',
  PENDING: 'pending',
  SCH: 'booked',
  SCHEDULED: 'booked',
  SEEN: 'fulfilled',
  STARTED: 'checked-in',
  WAITLIST: 'waitlist',
};

export const appointmentTables: Pack['tables'] = {
  AppointmentStatus: APPOINTMENT_STATUS,
  /** What an appointment that does not take place may be. */
  AppointmentEnded: {
    ...CANCELLED,
    DC: 'cancelled',
    DELETED: 'entered-in-error',
    DISCONTINUED: 'cancelled',
    ...MISSED,
  },
  /** Table 0278 as the answer of one who takes part. */
  ParticipationStatus: {
    ACCEPTED: 'accepted',
    BOOKED: 'accepted',
    CANCELLED: 'declined',
    COMPLETE: 'accepted',
    CONFIRMED: 'accepted',
    DC: 'declined',
    DECLINED: 'declined',
    DELETED: 'declined',
    DISCONTINUED: 'declined',
    PENDING: 'needs-action',
    STARTED: 'accepted',
    TENTATIVE: 'tentative',
    WAITLIST: 'needs-action',
  },
  /** Table 0276. */
  AppointmentReason: codesOf('http://terminology.hl7.org/CodeSystem/v2-0276', {
    CHECKUP: 'A routine check-up, such as an annual physical',
    EMERGENCY: 'Emergency appointment',
    FOLLOWUP: 'A follow up visit from a previous appointment',
    ROUTINE: 'Routine appointment - default if not valued',
    WALKIN: 'A previously unscheduled walk-in visit',
  }),
  /** Table 0277. */
  AppointmentType: {
    ...codesOf('http://terminology.hl7.org/CodeSystem/v2-0277', {
      Complete: 'Complete',
      Normal: 'Normal',
      Tentative: 'Tentative',
    }),
  },
};
