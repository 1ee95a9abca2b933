/** How requests are recorded in the audit trail, and `/audit/...`, where privacy officers read it. */
import {
  audited,
  recordAccess,
  type Access,
  type AuditedDependencies,
  type Concerned,
} from '../app/audit/audited.js';
import { eventOfEntry, personSought } from '../app/audit/audit-events.js';
import { readTrail } from '../app/audit/read-trail.js';
import { searchTrail, type FoundEntry } from '../app/audit/search-trail.js';
import { isOwnId, Witness, type Named } from '../app/audit/witness.js';
import { findServedType, isWrite, type RouteMatch } from '../core/fhir/interactions.js';
import type { ExchangeError } from '../core/errors.js';
import { auditEventId } from '../core/governance/audit/audit-event.js';
import type { Role } from '../core/governance/access.js';
import { codeOfPurpose } from '../core/governance/access-vocabulary.js';
import { decisionReasons, type ReasonCode } from '../core/governance/decision-reasons.js';
import { patientOf } from '../app/access/record-facts.js';
import type { Decided, RequestAccess } from '../app/access/request-access.js';
import type { MessageReceipt } from '../ports/message-store.js';
import type { RecordStore } from '../ports/record-store.js';
import { mayAskFor } from './access.js';
import { accessOf, auditDependencies } from './audit-access.js';
import { auditLines, auditSearch } from './audit-requests.js';
import { container } from './container.js';
import type { Exchange } from './http.js';
import { jsonAnswer, privacyRoute } from './operator-route.js';
import { readJson } from './requests.js';

/** What was decided, most noteworthy first: the reason for which a request was given, or not given, what it asked for. */
const reasonOrder: readonly ReasonCode[] = [
  'break-glass',
  ...(Object.keys(decisionReasons) as ReasonCode[]).filter(
    (reason) => decisionReasons[reason].outcome === 'permit' && reason !== 'directory',
  ),
  'directory',
];

/** The reason why something was let out; undefined where nothing was. */
function reasonOf({ decided }: RequestAccess): string | undefined {
  const reasons = new Set(decided.map(({ decision }) => decision.reason));
  return reasonOrder.find((reason) => reasons.has(reason)) ?? [...reasons][0];
}

/** A request to the FHIR API as it is recorded. */
export interface FhirAccess {
  /** Undefined where nothing is served: then nothing is accessed, and nothing recorded. */
  readonly match: RouteMatch | undefined;
  readonly requestId: string;
  /** Sees what is answered. */
  readonly witness: Witness;
  /** Decides what is answered. */
  readonly access: RequestAccess;
  /** The store as the request reads it. */
  readonly records: RecordStore;
  /** Where it is recorded. */
  readonly recording: AuditedDependencies;
}

/** Answers a request to the FHIR API once it is recorded with what it is answered; changes are recorded before, too. */
export function auditedFhir<T>(
  exchange: Pick<Exchange, 'principal' | 'traceparent' | 'logger'>,
  { match, requestId, witness, access: decisions, records, recording }: FhirAccess,
  work: () => Promise<T>,
): Promise<T> {
  if (match === undefined || match.interaction === 'capabilities') return work();
  const isBundle = match.interaction === 'transaction';
  // Who may only read may have a Bundle of nothing but reads.
  const isWriter = isBundle ? mayAskFor(exchange.principal, 'write-records') : isWrite(match);
  const access = {
    ...accessOf(exchange, match.interaction, isWriter ? 'writer' : 'reader', requestId),
    ...purposeOf(decisions),
    decision: () => reasonOf(decisions),
    isChange: isBundle || isWrite(match),
    refusal: refusalBy(decisions),
    concerned: (error: unknown) =>
      error === undefined ? witness.tell(whomIn(records)) : concernedByRefusal(match, decisions),
  };
  return audited(recording, access, work).then((answer) => {
    alertTo(exchange, decisions);
    return answer;
  });
}

/** Whom a record is about, as far as it is there. */
const whomIn =
  (records: RecordStore) =>
  async ({ type, id }: Named): Promise<string | undefined> => {
    const latest = await records.readLatest(type, id);
    return latest && patientOf(latest);
  };

async function concernedByRefusal(match: RouteMatch, decisions: RequestAccess): Promise<Concerned> {
  const { records, patients } = await askedFor(match);
  return { records, patients: [...new Set([...patients, ...patientsDenied(decisions)])] };
}

/** Statuses by which the policy refuses: what may not be had is answered as what is not there. */
const refusingStatuses: ReadonlySet<number> = new Set([403, 404, 422]);

const isDenied = ({ decision }: Decided): boolean => decision.outcome !== 'permit';

/** Why a request was refused that was about one record, or any. */
const refusalBy =
  (decisions: RequestAccess) =>
  ({ definition }: ExchangeError): string | undefined =>
    refusingStatuses.has(definition.http) ? decisions.decided.find(isDenied)?.decision.reason : undefined;

const patientsDenied = ({ decided }: RequestAccess): string[] =>
  decided.filter(isDenied).flatMap(({ patient }) => patient ?? []);

/** Tells whoever watches the log of what a privacy officer is to look at; whom it was about the audit trail says. */
function alertTo(
  { principal, logger }: Pick<Exchange, 'principal' | 'logger'>,
  { decided }: RequestAccess,
): void {
  const alerts = decided.filter(({ decision }) => decision.obligations.includes('alert'));
  if (alerts.length === 0) return;
  for (const reason of new Set(alerts.map(({ decision }) => decision.reason)))
    logger.warn('access-alert', {
      status: reason,
      actor: principal.subject,
      organisation: principal.claims.organisation,
      count: alerts.filter(({ decision }) => decision.reason === reason).length,
    });
}

const purposeOf = ({ asker: { purpose } }: RequestAccess): Pick<Access, 'purpose'> =>
  purpose === undefined ? {} : { purpose: codeOfPurpose[purpose] };

/** Of what was refused only ids that are ours: what a client made up may be anything, also the name of a person. */
function askedFor({ type, id, versionId }: RouteMatch): Concerned | Promise<Concerned> {
  const witness = new Witness('');
  if (isOwnId(id) && findServedType(type) !== undefined)
    witness.named({ type, id }, /^\d{1,15}$/.test(versionId) ? versionId : '');
  return witness.tell(() => Promise.resolve(undefined));
}

const record = async (access: Access, concerned: Concerned): Promise<void> =>
  recordAccess(await auditDependencies(), access, 'done', concerned);

/** Records which operator was shown messages as they were received, or what became of them: before they are shown. */
export const recordMessages = async (
  exchange: Exchange,
  interaction: string,
  receipts: readonly MessageReceipt[],
): Promise<void> => record(accessOf(exchange, interaction, 'operator'), await concernedBy(receipts));

/** Messages, the records that they made, and whom they are about. */
async function concernedBy(receipts: readonly MessageReceipt[]): Promise<Concerned> {
  const witness = new Witness('');
  for (const { changes } of receipts)
    for (const { resourceType, id } of changes) witness.named({ type: resourceType, id });
  const claims = await patientsNamed(receipts);
  const { records, patients } = await witness.tell(() => Promise.resolve(undefined));
  return {
    records: [...receipts.map(({ id }) => `message/${id}`), ...records],
    patients: [...new Set([...patients, ...claims])],
  };
}

/**
 * Does what an operator decides about messages. It is recorded before, so that nothing is changed of which the trail does
 * not tell, and again with the messages that were changed.
 *
 * @param work tells of each message that it has changed
 */
export async function auditedDecision<T>(
  exchange: Exchange,
  interaction: string,
  work: (changed: (receipt: MessageReceipt) => void) => Promise<T>,
): Promise<T> {
  const receipts: MessageReceipt[] = [];
  const access = accessOf(exchange, interaction, 'operator');
  return audited(
    await auditDependencies(),
    { ...access, isChange: true, concerned: () => concernedBy(receipts) },
    () => work((receipt) => receipts.push(receipt)),
  );
}

interface AuditedOperation {
  readonly interaction: string;
  /** The one that allows it; default `operator`. */
  readonly role?: Role;
  readonly isChange: boolean;
}

/**
 * Does what somebody asks for about the records of many people.
 *
 * @param work may tell whom it has concerned so far: that stands in the trail when it fails
 * @param concerned whom the answer tells of
 */
export async function auditedOperation<T>(
  exchange: Exchange,
  { interaction, role = 'operator', isChange }: AuditedOperation,
  work: (tell: (concerned: Concerned) => void) => Promise<T>,
  concerned: (answer: T) => Concerned,
): Promise<T> {
  let told: Concerned = { records: [], patients: [] };
  const tell = ({ records, patients }: Concerned) => {
    told = {
      records: [...new Set([...told.records, ...records])],
      patients: [...new Set([...told.patients, ...patients])],
    };
  };
  const access = accessOf(exchange, interaction, role);
  return audited(
    await auditDependencies(),
    { ...access, isChange, concerned: () => Promise.resolve(told) },
    async () => {
      const answer = await work(tell);
      told = concerned(answer);
      return answer;
    },
  );
}

/** Whoever is known by an identifier of the messages, as far as anybody is. */
async function patientsNamed(receipts: readonly MessageReceipt[]): Promise<readonly string[]> {
  const tokens = [...new Set(receipts.flatMap(({ subjects }) => subjects))];
  // A list shows what became of messages, and nothing of what they say.
  if (receipts.length !== 1 || tokens.length === 0) return [];
  const claims = await (await container().identities()).find(tokens);
  return [...claims.values()].map(({ patientKey }) => patientKey);
}

/** What is read of records beside the FHIR API, by the access policy. */
export interface PolicyAccess {
  readonly interaction: string;
  /** Decides what is answered. */
  readonly access: RequestAccess;
  /** Whom the answer concerns; asked for once it is there, or refused. */
  readonly concerned: () => Concerned;
}

/** Answers what the access policy decides once it is recorded, refusals too. */
export async function auditedAccess<T>(
  exchange: Exchange,
  { interaction, access, concerned }: PolicyAccess,
  work: () => Promise<T>,
): Promise<T> {
  const asked = {
    ...{ ...accessOf(exchange, interaction, 'reader'), ...purposeOf(access) },
    ...{ isChange: false, decision: () => reasonOf(access), refusal: refusalBy(access) },
    concerned: (error: unknown) =>
      error === undefined
        ? concerned()
        : { ...concerned(), patients: [...new Set([...concerned().patients, ...patientsDenied(access)])] },
  };
  const answer = await audited(await auditDependencies(), asked, work);
  alertTo(exchange, access);
  return answer;
}

/** `POST /audit/search`: who saw or changed what, and why. */
export const auditSearchRoute = privacyRoute('audit/search', async (exchange) => {
  const { patient, limit, continuation, fhir, ...criteria } = await readJson(exchange.request, auditSearch);
  const { audit, records, baseUrl } = {
    audit: await container().audit(),
    records: await container().records(),
    baseUrl: `${container().config.publicUrl ?? new URL(exchange.request.url).origin}/fhir`,
  };
  // A person may have several records, which are read together.
  const person = patient === undefined ? undefined : await personSought({ records, baseUrl }, patient);
  const search = { ...given(criteria), ...(person === undefined ? {} : { patients: person.patients }) };
  const found = await searchTrail({ audit }, search, { limit, continuation });
  const shown = found.entries.flatMap(({ entry }) => entry.patients);
  const concerned = { records: [], patients: [...new Set([...(person?.named ?? []), ...shown])] };
  await record(accessOf(exchange, 'audit-search', 'privacy-officer'), concerned);
  exchange.logger.info('audit-searched', { actor: exchange.principal.subject, count: found.entries.length });
  const entries = fhir ? found.entries.map(eventOfEntry) : found.entries.map(asAccess);
  return jsonAnswer(200, { entries, continuation: found.continuation });
});

/** Without what is undefined. */
const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const asAccess = ({ key, sequence, entry }: FoundEntry) => ({ id: auditEventId(key, sequence), ...entry });

/** `POST /audit/lines`: the trail itself, for exports and for whoever verifies it. */
export const auditLinesRoute = privacyRoute('audit/lines', async (exchange) => {
  const { continuation, ...range } = await readJson(exchange.request, auditLines);
  const deps = { audit: await container().audit(), clock: container().clock };
  const page = await readTrail(deps, range, continuation);
  // Each page by itself: where one goes on is for anybody to write.
  await record(accessOf(exchange, 'audit-read', 'privacy-officer'), { records: [], patients: [] });
  return jsonAnswer(200, page);
});
