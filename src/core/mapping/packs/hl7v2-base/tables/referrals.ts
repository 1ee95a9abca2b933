/** Value tables of referrals. */
import type { Pack } from '../../../engine/pack.js';

export const referralTables: Pack['tables'] = {
  /** Table 0283; one that awaits its answer is a request like any other. */
  ReferralStatus: {
    A: 'active',
    C: 'revoked',
    E: 'revoked',
    P: 'active',
    R: 'revoked',
  },
  /** Table 0280. */
  ReferralPriority: { A: 'asap', R: 'routine', S: 'stat', U: 'urgent' },
};
