/** What an operator should look at where a message meets what is stored. */
import type { Issue } from '../errors.js';
import { formerOf } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { goesOn } from './hand-on.js';
import { doubtAboutResult } from './result-status.js';
import { dependsOn, isOutdated, linksOf, verdictOf } from './standing.js';
import type { StandingContext } from './statement.js';
import type { CurrentDocument } from './types.js';

/** A doubt, because a message meets a record that was retired, one that nobody knows, or a result that says otherwise. */
export function doubtAbout(
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: StandingContext,
): Issue | undefined {
  switch (record.resource.resourceType) {
    case 'Patient':
      return stored === undefined ? undefined : doubtAboutMerge(record, stored, context);
    case 'Encounter':
      return doubtAboutMove('PV1', record, stored, context);
    case 'Account':
      return doubtAboutMove('PID-18', record, stored, context);
    default:
      return doubtAboutResult(record, stored, context.eventTime);
  }
}

/** A merge into somebody whom an earlier one has retired may be a mistake. */
function doubtAboutMerge(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
): Issue | undefined {
  if (verdictOf(record) !== 'stands' || isOutdated(stored.standing, context)) return undefined;
  const named = dependsOn(record);
  const isRetired = linksOf(stored.resource).some(
    ({ type, other }) => type === 'replaced-by' && !named.includes(other?.reference ?? ''),
  );
  if (!isRetired) return undefined;
  const detail = 'a patient whom no earlier merge has retired; the latest merge holds, and all stay linked';
  return { code: 'HDE_IDENTITY_CONFLICT', severity: 'warning', location: 'PID-3', detail };
}

function doubtAboutMove(
  location: string,
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: StandingContext,
): Issue | undefined {
  const doubt = (detail: string): Issue => ({
    code: 'HDE_VISIT_MOVED',
    severity: 'warning',
    location,
    detail,
  });
  if (record.isHandedOn === true) return undefined;
  const former = formerOf(record.removed);
  if (former !== undefined)
    return context.others?.has(former) === true
      ? undefined
      : doubt('a visit or account that is known where it was before: its state there is not');
  if (record.mode !== 'merge' || stored?.standing?.isRetired !== true) return undefined;
  if (goesOn(record, stored, context)) return undefined;
  return doubt('the number and patient under which the visit or account goes on: the record stays ended');
}
