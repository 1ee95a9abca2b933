/** Which messages are the authority on whom and what they mention. */
import type { ResourceMap } from '../../engine/pack.js';

/** Message types that are about orders, results, documents or appointments and carry a copy of who the patient is. */
const IN_PASSING = [
  'CCR',
  'CCU',
  'CRM',
  'CSU',
  'MDM',
  'OMB',
  'OMD',
  'OMG',
  'OMI',
  'OML',
  'OMN',
  'OMP',
  'OMQ',
  'OMS',
  'OPL',
  'ORB',
  'ORD',
  'ORF',
  'ORG',
  'ORI',
  'ORL',
  'ORM',
  'ORN',
  'ORP',
  'ORR',
  'ORS',
  'ORU',
  'OUL',
  'PGL',
  'PPG',
  'PPP',
  'PPR',
  'RAS',
  'RDE',
  'RDS',
  'REF',
  'RGV',
  'RRA',
  'RRD',
  'RRE',
  'RRG',
  'RRI',
  'SIU',
  'SUR',
  'VXU',
];

/**
 * A result is no authority on who the person is or on the visit: outside patient administration and accounts such
 * records are only made where there are none.
 */
export const createdInPassing: NonNullable<ResourceMap['modeByMessage']> = Object.fromEntries(
  IN_PASSING.map((type) => [type, 'create' as const]),
);
