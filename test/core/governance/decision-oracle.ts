/**
 * The rules of docs/reference/access-model.md written down once more, without any thought of cost: what `decide` and
 * its compiled form must agree with. Consents and scopes' syntax have tests of their own.
 */
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { AccessRequest, RecordFacts, Term } from '../../../src/core/governance/access-request.js';
import {
  actionsOfInteraction,
  type Action,
  type Label,
} from '../../../src/core/governance/access-vocabulary.js';
import { compileConsents } from '../../../src/core/governance/consent.js';
import type { ReasonCode } from '../../../src/core/governance/decision-reasons.js';

const shared = ['Practitioner', 'PractitionerRole', 'Organization', 'Location'];
const writing = ['c', 'u', 'd'];
const isIn = ({ start, end }: Term, now: number) => (start ?? -Infinity) <= now && now < (end ?? Infinity);

/** The reason, by trying the rules one after another. */
export function expectedReason(
  request: AccessRequest & { readonly record: RecordFacts },
  policy: AccessPolicy,
): ReasonCode {
  const { principal, purpose, interaction, now, record, breakGlass } = request;
  const { patient, type } = record;
  const { kind } = principal;
  const actions: readonly Action[] = actionsOfInteraction[interaction];
  const isWriting = actions.some((action) => writing.includes(action));
  const isSecondary = purpose === 'planning' || purpose === 'research';
  const isCare = purpose === 'direct-care' || purpose === 'care-administration';

  if (principal.subject === '') return 'not-authenticated';
  if (principal.assurance < policy.assurance[kind]) return 'authentication-too-weak';
  if (purpose === undefined) return 'purpose-missing';
  if (kind === 'patient' && purpose !== 'patient-access') return 'purpose-not-allowed';
  if (kind !== 'patient' && purpose === 'patient-access') return 'purpose-not-allowed';
  if (isSecondary && isWriting) return 'purpose-not-allowed';
  const ours = policy.organisations.filter(({ ods, isActive }) => ods === principal.organisation && isActive);
  if (kind !== 'patient' && ours.length === 0) return 'organisation-unknown';

  const fitting = principal.scopes.filter(
    (scope) =>
      (scope.type === '*' || scope.type === type) && (kind === 'system') === (scope.context === 'system'),
  );
  for (const action of actions)
    if (!fitting.some((scope) => scope.actions.includes(action))) return 'scope-missing';
  const roles = policy.roles.filter(
    (role) =>
      principal.roles.includes(role.code) &&
      role.purposes.includes(purpose) &&
      (role.types.includes('*') || role.types.includes(type)) &&
      role.actions.some((action) => actions.includes(action)),
  );
  if (kind === 'staff')
    for (const action of actions)
      if (!roles.some((role) => role.actions.includes(action))) return 'role-missing';

  if (patient === undefined && isWriting && kind === 'patient') return 'outside-scope';
  const context = principal.patientInContext;
  for (const action of actions) {
    const reached = fitting.some((scope) => {
      if (!scope.actions.includes(action)) return false;
      const isContext =
        context === undefined
          ? kind === 'patient'
          : [patient?.id, ...(patient?.linked ?? [])].includes(context);
      if (scope.context === 'patient' && patient !== undefined && !isContext) return false;
      const isDirectory = !isWriting && shared.includes(type);
      if (scope.context === 'patient' && patient === undefined && !isDirectory) return false;
      return scope.restrictions.every(({ parameter, values }) =>
        values.some((value) => record.codes[parameter]?.includes(value)),
      );
    });
    if (!reached) return 'outside-scope';
  }

  const groundOfSharing = (): ReasonCode => {
    if (record.organisation === undefined) return 'custodian-unknown';
    if (record.organisation === principal.organisation) return 'own-organisation';
    const agreed = policy.agreements.filter(
      (agreement) =>
        agreement.from === record.organisation &&
        agreement.with.some((ods) => ods === principal.organisation) &&
        (agreement.types.includes('*') || agreement.types.includes(type)) &&
        agreement.purposes.includes(purpose) &&
        actions.every((action) => agreement.actions.includes(action)),
    );
    if (agreed.length === 0) return 'no-agreement';
    return agreed.some((agreement) => isIn(agreement, now)) ? 'sharing-agreement' : 'agreement-not-in-force';
  };

  if (patient === undefined) {
    if (shared.includes(type) && isWriting) {
      const ground = groundOfSharing();
      if (ground !== 'own-organisation' && ground !== 'sharing-agreement') return ground;
    }
    const isOwn = record.organisation !== undefined && record.organisation === principal.organisation;
    if (!shared.includes(type) && !(isOwn && isCare)) return 'patient-unknown';
    const opened = isCare ? roles.flatMap(({ clearance }) => clearance) : [];
    for (const label of ['very-restricted', 'restricted', 'sensitive'] as const)
      if (record.labels.includes(label) && !opened.includes(label)) return label;
    if (kind === 'patient' && record.labels.includes('not-for-patient')) return 'not-for-patient';
    return shared.includes(type) ? 'directory' : 'own-organisation';
  }
  let ground: ReasonCode;
  if (kind === 'patient') {
    if (principal.ownRecord !== undefined && [patient.id, ...patient.linked].includes(principal.ownRecord))
      ground = 'own-record';
    else if (patient.proxies.some((proxy) => proxy.subject === principal.subject && isIn(proxy, now)))
      ground = 'proxy-record';
    else return 'not-own-record';
  } else {
    const shared = groundOfSharing();
    if (shared !== 'own-organisation' && shared !== 'sharing-agreement') return shared;
    ground = shared;
  }

  if (isSecondary && patient.optOut !== 'may-be-used') return 'opted-out';
  const held = new Set<Label>([...patient.labels, ...record.labels]);
  if (ground === 'own-record') return held.has('not-for-patient') ? 'not-for-patient' : 'own-record';
  if (isCare)
    for (const role of roles)
      for (const label of role.clearance) if (label !== 'not-for-patient') held.delete(label);

  let glass: ReasonCode | 'open' | 'closed' = 'closed';
  if (breakGlass?.patient === patient.id) {
    const until = breakGlass.openedAt + policy.breakGlass.minutes * 60_000;
    if (kind !== 'staff' || purpose !== 'direct-care') glass = 'break-glass-not-allowed';
    else if (interaction === 'export' || interaction === 'event') glass = 'break-glass-not-allowed';
    else if (!roles.some(({ mayBreakGlass }) => mayBreakGlass)) glass = 'break-glass-not-allowed';
    else if (breakGlass.reason.trim() === '') glass = 'break-glass-without-reason';
    else if (now < breakGlass.openedAt || now >= until) glass = 'break-glass-not-in-force';
    else glass = 'open';
  }
  const isKnown =
    kind !== 'staff' ||
    !isCare ||
    patient.relationships.some(
      (each) =>
        each.organisation === principal.organisation &&
        [undefined, principal.subject].includes(each.subject) &&
        isIn(each, now),
    );
  if (held.has('very-restricted')) return 'very-restricted';
  if (held.has('restricted') && glass !== 'open') return glass === 'closed' ? 'restricted' : glass;
  if (!isKnown && glass !== 'open') return glass === 'closed' ? 'no-relationship' : glass;
  const asker = { subject: principal.subject, organisation: principal.organisation, purpose, actions, now };
  const refuses = compileConsents(patient.consents, asker);
  const isRefused = refuses?.(type, [...patient.labels, ...record.labels]) === true;
  if (isRefused && (glass !== 'open' || !policy.breakGlass.overridesConsent)) return 'consent-denies';
  if (held.has('sensitive') && glass !== 'open') return 'sensitive';
  if (kind === 'patient' && held.has('not-for-patient')) return 'not-for-patient';
  const isOpened = held.has('restricted') || held.has('sensitive') || !isKnown || isRefused;
  return isOpened ? 'break-glass' : ground;
}
