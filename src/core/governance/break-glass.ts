/** Who may break the glass, and for what reasons (docs/guides/break-glass.md). */
import type { AccessPolicy } from './access-policy.js';
import type { AccessPrincipal } from './access-request.js';
import type { Principal } from './access.js';
import type { ReasonCode } from './decision-reasons.js';
import { refusalOfRequest } from './request-rules.js';

const shortestReason = 10;
const longestReason = 500;
/** Of a word or two that say something; `asdasdasdasd` has three. */
const fewestDifferent = 5;
/** Characters that nobody sees, or that turn the direction of a text: the patient is to read what the officer reads. */
const unseen = /[^\P{C}\n\r\t]/u;

/**
 * The reason for breaking the glass, without the space around it.
 *
 * @returns undefined for one that says nothing: too short, too long, the same few characters again and again,
 *   or characters that nobody sees
 */
export function readReason(text: string): string | undefined {
  const reason = text.trim();
  const said = reason.toLowerCase().match(/[\p{L}\p{N}]/gu) ?? [];
  const isSense = said.length >= shortestReason && new Set(said).size >= fewestDifferent;
  return isSense && !unseen.test(reason) && reason.length <= longestReason ? reason : undefined;
}

/**
 * Why somebody may not break any glass; undefined when they may. For whom they would break it is not looked at: the answer
 * must not tell whether there is such a patient.
 *
 * @param now milliseconds since 1970
 */
export function refusalOfGlass(
  { subject, claims }: Principal,
  now: number,
  policy: AccessPolicy,
): ReasonCode | undefined {
  const principal = { ...claims, subject, ownRecord: undefined };
  const request = { principal, interaction: 'read', purpose: 'direct-care', now } as const;
  if (!claims.purposes.includes('direct-care')) return 'purpose-not-allowed';
  const refusal = refusalOfRequest({ ...request, breakGlass: undefined }, policy);
  if (refusal !== undefined) return refusal;
  return mayBreakGlass(claims, policy) ? undefined : 'break-glass-not-allowed';
}

/** Whether somebody is of those who may, when they ask for a patient's care. */
export const mayBreakGlass = (
  { kind, roles }: Pick<AccessPrincipal, 'kind' | 'roles'>,
  policy: Pick<AccessPolicy, 'roles'>,
): boolean =>
  kind === 'staff' &&
  policy.roles.some(
    (role) => role.mayBreakGlass && role.purposes.includes('direct-care') && roles.includes(role.code),
  );

/** When a glass that was broken closes, in milliseconds since 1970. */
export const closingTime = (openedAt: number, { breakGlass }: AccessPolicy): number =>
  openedAt + breakGlass.minutes * 60_000;
