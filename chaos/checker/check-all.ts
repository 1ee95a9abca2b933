/** All checks of a finished run. */
import type { Expected } from '../expect/expected.js';
import type { Hospital } from '../hospital/model.js';
import { checkBalance } from './check-balance.js';
import { checkEvents } from './check-events.js';
import { checkHistory } from './check-history.js';
import { checkLedger } from './check-ledger.js';
import { checkState } from './check-state.js';
import type { Evidence, Finding } from './evidence.js';

export function checkAll(hospital: Hospital, expected: Expected, evidence: Evidence): Finding[] {
  return [
    ...checkBalance(hospital, evidence),
    ...[...expected.people].flatMap(([id, person]) => checkState(person, evidence.records.get(id) ?? [])),
    ...checkHistory(hospital, expected, evidence),
    ...checkEvents(evidence),
    ...checkLedger(hospital, evidence),
  ];
}
