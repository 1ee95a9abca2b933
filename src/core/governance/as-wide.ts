/** Whether what was made for a token may be given to another one of the same client. */
import type { AccessPolicy } from './access-policy.js';
import type { AccessPrincipal } from './access-request.js';
import { actionsOfInteraction, type Interaction } from './access-vocabulary.js';
import { allows, type SmartScope } from './smart-scopes.js';

/**
 * Whether a token reaches all that another one may have reached of a type: by its scopes, and by the clearances of its
 * roles. In doubt it does not.
 */
export function isAsWide(
  now: AccessPrincipal,
  then: AccessPrincipal,
  { interaction, type }: { readonly interaction: Interaction; readonly type: string },
  { roles }: Pick<AccessPolicy, 'roles'>,
): boolean {
  const areScopesHeld = actionsOfInteraction[interaction].every((action) => {
    const allowing = ({ scopes }: AccessPrincipal) => scopes.filter((scope) => allows(scope, type, [action]));
    return allowing(then).every((former) => allowing(now).some((scope) => reachesAllOf(scope, former)));
  });
  const clearing = roles.filter(({ code, clearance }) => then.roles.includes(code) && clearance.length > 0);
  return now.kind === then.kind && areScopesHeld && clearing.every(({ code }) => now.roles.includes(code));
}

/** A scope that asks for nothing that the other one does not ask for. */
function reachesAllOf(scope: SmartScope, other: SmartScope): boolean {
  const asked = other.restrictions.map((restriction) => JSON.stringify(restriction));
  return (
    scope.context === other.context &&
    scope.restrictions.every((restriction) => asked.includes(JSON.stringify(restriction)))
  );
}
