import type { AccessPolicy, Consumer } from './access-policy.js';
import type { AccessRequest } from './access-request.js';

/**
 * What a consumer of changes asks for: to be told of records. Who may receive from its subscription Azure decides, so that
 * it counts as surely authenticated as the policy wants of systems.
 *
 * @param now milliseconds since 1970
 */
export const requestOfConsumer = (
  { id, organisation, roles, scopes, purpose }: Consumer,
  { assurance }: Pick<AccessPolicy, 'assurance'>,
  now: number,
): AccessRequest => ({
  principal: {
    ...{ subject: id, kind: 'system', organisation, roles, scopes, assurance: assurance.system },
    ...{ ownRecord: undefined, patientInContext: undefined },
  },
  interaction: 'event',
  purpose,
  now,
  breakGlass: undefined,
});
