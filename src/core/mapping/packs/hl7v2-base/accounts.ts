/** PID-18: the account to which a visit is charged. */
import type { ResourceMap } from '../../engine/pack.js';
import { formerAccountRules } from './merges.js';

/** Messages about accounts (HL7 v2.5.1 chapter 6), and ADT events that merge, move or renumber them. */
const ABOUT_ACCOUNTS = [
  'PID-18 valued and message in BAR, DFT',
  'PID-18 valued and message in ADT and event in A35, A36, A41, A44, A49',
].join(' or ');

export const accountMaps: readonly ResourceMap[] = [
  {
    id: 'pid-account',
    segment: 'PID',
    resource: 'Account',
    identity: 'account',
    mode: 'merge',
    cumulative: ['identifier'],
    when: ABOUT_ACCOUNTS,
    rules: [
      { id: 'pid-18-account-number', from: 'PID-18', to: 'identifier[+]', using: 'identifier(visit, AN)' },
      ...formerAccountRules,
      // P02 purges accounts, P06 ends one: it stays, and takes no more charges.
      {
        id: 'account-ended',
        to: 'status',
        using: 'constant(inactive)',
        when: 'message in BAR and event in P02, P06',
      },
      { id: 'account-status', to: 'status', using: 'constant(active)' },
      { id: 'account-subject', from: 'PID', to: 'subject[+]', using: 'reference(Patient)' },
      { id: 'account-start', from: 'PV1-44', to: 'servicePeriod.start', using: 'dateTime' },
      { id: 'account-end', from: 'PV1-45', to: 'servicePeriod.end', using: 'dateTime' },
      { id: 'account-owner', to: 'owner', using: 'owner' },
    ],
  },
];
