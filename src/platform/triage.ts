/** `/triage/...`: operators find, read, correct, resubmit and dismiss messages. */
import type { HttpRequest } from '@azure/functions';
import { correctMessage } from '../app/triage/correct-message.js';
import { dismissMessage } from '../app/triage/dismiss-message.js';
import { resubmitMessage, resubmitMessages } from '../app/triage/resubmit-messages.js';
import { searchMessages, type TriagePage } from '../app/triage/search-messages.js';
import { showMessage } from '../app/triage/show-message.js';
import type { TakenUp } from '../app/triage/take-up.js';
import type { TriageCriteria } from '../app/triage/criteria.js';
import type { TriageDependencies } from '../app/triage/triage-dependencies.js';
import { errors, type Issue } from '../core/errors.js';
import type { MessageReceipt } from '../ports/message-store.js';
import { auditedDecision, recordMessages } from './audit.js';
import { container } from './container.js';
import type { Exchange, HttpAnswer } from './http.js';
import { jsonAnswer, operatorRoute } from './operator-route.js';
import { readJson, readQuery } from './requests.js';
import {
  addressSearch,
  bodySearch,
  correction,
  dismissal,
  resubmission,
  resubmissions,
} from './triage-requests.js';

/** `GET /triage/messages?feed=&from=&...`. */
export const triageListRoute = operatorRoute('triage/messages', (exchange) =>
  search(exchange, readQuery(exchange.request, addressSearch)),
);

/** `POST /triage/search`: as the list, and by an identifier of a person, which must not stand in an address. */
export const triageSearchRoute = operatorRoute('triage/search', async (exchange) =>
  search(exchange, await readJson(exchange.request, bodySearch)),
);

async function search(
  exchange: Exchange,
  { limit, continuation, ...criteria }: TriageCriteria & TriagePage,
): Promise<HttpAnswer> {
  const { principal, logger } = exchange;
  const found = await searchMessages(await dependencies(), principal, criteria, { limit, continuation });
  await recordMessages(exchange, 'triage-search', found.receipts);
  logger.info('messages-searched', { actor: principal.subject, count: found.receipts.length });
  return jsonAnswer(200, { messages: found.receipts.map(present), continuation: found.continuation });
}

/** `GET /triage/messages/{id}`. */
export const triageMessageRoute = operatorRoute('triage/messages/{id}', async (exchange) => {
  const { receipt, corrections, issues, ...reading } = await showMessage(
    await dependencies(),
    exchange.principal,
    idOf(exchange.request),
  );
  await recordMessages(exchange, 'triage-show', [receipt]);
  logDecision(exchange, 'message-shown', receipt);
  return jsonAnswer(200, {
    receipt: present(receipt),
    corrections: corrections.map(presentEdit),
    ...reading,
    issues: issues.map(explain),
  });
});

/** `POST /triage/messages/{id}/resubmit`. */
export const triageResubmitRoute = operatorRoute('triage/messages/{id}/resubmit', async (exchange) => {
  const { reason } = await readJson(exchange.request, resubmission);
  const deps = await dependencies();
  const taken = await auditedDecision(exchange, 'triage-resubmit', async (changed) => {
    const done = await resubmitMessage(deps, exchange.principal, idOf(exchange.request), reason);
    changed(done.receipt);
    return done;
  });
  logDecision(exchange, 'message-resubmitted', taken.receipt);
  return jsonAnswer(202, presentTaken(taken));
});

/** `POST /triage/messages/{id}/correct`. */
export const triageCorrectRoute = operatorRoute('triage/messages/{id}/correct', async (exchange) => {
  const { request, principal, traceparent } = exchange;
  const edit = await readJson(request, correction, largestCorrection());
  const deps = await dependencies();
  const taken = await auditedDecision(exchange, 'triage-correct', async (changed) => {
    const done = await correctMessage(deps, principal, idOf(request), { ...edit, traceparent });
    changed(done.receipt);
    return done;
  });
  logDecision(exchange, 'message-corrected', taken.receipt);
  const answer = jsonAnswer(201, presentTaken(taken));
  return { ...answer, headers: { ...answer.headers, location: `/triage/messages/${taken.receipt.id}` } };
});

/** `POST /triage/messages/{id}/dismiss`. */
export const triageDismissRoute = operatorRoute('triage/messages/{id}/dismiss', async (exchange) => {
  const { reason } = await readJson(exchange.request, dismissal);
  const deps = await dependencies();
  const receipt = await auditedDecision(exchange, 'triage-dismiss', async (changed) => {
    const done = await dismissMessage(deps, exchange.principal, idOf(exchange.request), reason);
    changed(done);
    return done;
  });
  logDecision(exchange, 'message-dismissed', receipt);
  return jsonAnswer(200, present(receipt));
});

/** `POST /triage/resubmit`. */
export const triageResubmitManyRoute = operatorRoute('triage/resubmit', async (exchange) => {
  const { request, principal, logger } = exchange;
  const { filter, ...page } = await readJson(request, resubmissions);
  const deps = await dependencies();
  const done = await auditedDecision(exchange, 'triage-resubmit', (changed) =>
    resubmitMessages(deps, principal, filter, page, changed),
  );
  logger.info('messages-resubmitted', { actor: principal.subject, count: done.resubmitted });
  return jsonAnswer(200, done);
});

const dependencies = async (): Promise<TriageDependencies> => ({
  ...(await container().acceptDependencies()),
  feeds: container().config.feeds,
  records: await container().records(),
});

const idOf = (request: HttpRequest): string => request.params['id'] ?? '';

/** JSON writes a line end as two characters and some others as six; twice the size has room for what people type. */
const largestCorrection = (): number =>
  2 * Math.max(...[...container().config.feeds.values()].map(({ maxBytes }) => maxBytes)) + 65_536;

/** Who did what with which message: reading one is access to a patient's data and leaves its trace, too. */
function logDecision({ principal, logger }: Exchange, event: string, receipt: MessageReceipt): void {
  logger.info(event, { actor: principal.subject, messageId: receipt.id, feed: receipt.feed });
}

const explain = (issue: Issue) => ({ ...issue, text: errors[issue.code].text });

const presentTaken = ({ receipt, delayedBy }: TakenUp) => ({
  ...present(receipt),
  ...(delayedBy === undefined ? {} : { delayedBy: delayedBy.code }),
});

/** A receipt as operators see it: all of it but the hashes, which say nothing to people. */
function present({ subjects, sessionKey, ...receipt }: MessageReceipt) {
  return { ...receipt, issues: receipt.issues.map(explain) };
}

/** Enough of a message to know which edit it is, and where its bytes are. */
const presentEdit = ({
  id,
  status,
  sha256,
  archivePath,
  receivedAt,
  correctionOf,
  correctedBy,
  history,
}: MessageReceipt) => ({
  id,
  status,
  sha256,
  archivePath,
  receivedAt,
  correctionOf,
  correctedBy,
  history,
});
