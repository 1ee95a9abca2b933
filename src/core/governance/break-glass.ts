/** Who may break the glass, and for what reasons (docs/guides/break-glass.md). */
import type { AccessPolicy } from './access-policy.js';
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
  const mayBreak = policy.roles.some(
    ({ code, purposes, mayBreakGlass }) =>
      mayBreakGlass && purposes.includes('direct-care') && claims.roles.includes(code),
  );
  return claims.kind === 'staff' && mayBreak ? undefined : 'break-glass-not-allowed';
}

/** When a glass that was broken closes, in milliseconds since 1970. */
export const closingTime = (openedAt: number, { breakGlass }: AccessPolicy): number =>
  openedAt + breakGlass.minutes * 60_000;
