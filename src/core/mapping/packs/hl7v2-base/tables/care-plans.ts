/** Value tables of problems, goals and pathways. Life cycle statuses are the sender's own; these are common names. */
import type { Pack } from '../../../engine/pack.js';
import { translated } from '../../table.js';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

const CONFIRMED = ['confirmed', 'Confirmed'] as const;
const PROVISIONAL = ['provisional', 'Provisional'] as const;
const UNCONFIRMED = ['unconfirmed', 'Unconfirmed'] as const;
const REFUTED = ['refuted', 'Refuted'] as const;
const ACTIVE = ['active', 'Active'] as const;
const INACTIVE = ['inactive', 'Inactive'] as const;
const RESOLVED = ['resolved', 'Resolved'] as const;

export const carePlanTables: Pack['tables'] = {
  /** Those of ProblemStatus that a problem with an end can have. */
  ProblemEnded: translated(CLINICAL, {
    CLOSED: RESOLVED,
    I: INACTIVE,
    INACTIVE,
    R: RESOLVED,
    REMISSION: ['remission', 'Remission'],
    RESOLVED,
  }),
  ProblemStatus: translated(CLINICAL, {
    A: ACTIVE,
    ACTIVE,
    CLOSED: RESOLVED,
    I: INACTIVE,
    INACTIVE,
    R: RESOLVED,
    RECURRENCE: ['recurrence', 'Recurrence'],
    RELAPSE: ['relapse', 'Relapse'],
    REMISSION: ['remission', 'Remission'],
    RESOLVED,
  }),
  ProblemVerification: translated(VERIFICATION, {
    C: CONFIRMED,
    CONFIRMED,
    D: ['differential', 'Differential'],
    DIFFERENTIAL: ['differential', 'Differential'],
    'ENTERED-IN-ERROR': ['entered-in-error', 'Entered in Error'],
    P: PROVISIONAL,
    PROVISIONAL,
    EXCLUDED: REFUTED,
    'RULED OUT': REFUTED,
    'RULED-OUT': REFUTED,
    REFUTED,
    SUSPECTED: PROVISIONAL,
    U: UNCONFIRMED,
    UNCONFIRMED,
  }),
  GoalStatus: {
    A: 'active',
    ACCEPTED: 'accepted',
    ACHIEVED: 'completed',
    ACTIVE: 'active',
    CANCELLED: 'cancelled',
    CLOSED: 'completed',
    COMPLETED: 'completed',
    'ON-HOLD': 'on-hold',
    PLANNED: 'planned',
    PROPOSED: 'proposed',
    REJECTED: 'rejected',
  },
  PathwayStatus: {
    A: 'active',
    ACTIVE: 'active',
    CANCELLED: 'revoked',
    CLOSED: 'completed',
    COMPLETED: 'completed',
    DRAFT: 'draft',
    'ON-HOLD': 'on-hold',
    PLANNED: 'draft',
    SUSPENDED: 'on-hold',
  },
};
