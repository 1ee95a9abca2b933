/** What two lists of scopes both allow, and how scopes are written. */
import type { SmartScope } from './smart-scopes.js';

/**
 * The scopes that allow what a scope of each list allows, and nothing else: in both contexts alike, for the narrower
 * type, the common actions, and records that meet the restrictions of both.
 */
export function commonScopes(some: readonly SmartScope[], others: readonly SmartScope[]): SmartScope[] {
  const common = some.flatMap((one) => others.flatMap((other) => commonScope(one, other) ?? []));
  return [...new Map(common.map((scope) => [writeScope(scope), scope])).values()];
}

function commonScope(one: SmartScope, other: SmartScope): SmartScope | undefined {
  if (one.context !== other.context) return undefined;
  if (one.type !== other.type && one.type !== '*' && other.type !== '*') return undefined;
  const actions = one.actions.filter((action) => other.actions.includes(action));
  if (actions.length === 0) return undefined;
  const type = one.type === '*' ? other.type : one.type;
  const restrictions = [...one.restrictions, ...other.restrictions];
  const unique = new Map(restrictions.map((each) => [JSON.stringify(each), each]));
  return { context: one.context, type, actions, restrictions: [...unique.values()] };
}

/** A scope as version 2 of SMART App Launch writes it. */
export function writeScope({ context, type, actions, restrictions }: SmartScope): string {
  const query = restrictions.map(
    ({ parameter, values }) => `${encodeURIComponent(parameter)}=${values.map(encodeURIComponent).join(',')}`,
  );
  return `${context}/${type}.${actions.join('')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}
