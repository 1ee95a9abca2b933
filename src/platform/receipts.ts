/** `GET /ingest/receipts/{id}`: what became of a message. */
import { readReceipt } from '../app/read-receipt.js';
import { errors } from '../core/errors.js';
import { mayDo } from '../core/governance/access.js';
import type { MessageReceipt } from '../ports/message-store.js';
import { recordMessages } from './audit.js';
import { container } from './container.js';
import type { Route } from './http.js';

export const receiptRoute: Route = {
  name: 'ingest/receipts/{id}',
  async handle(exchange) {
    const { request, principal } = exchange;
    const messages = await container().messages();
    const receipt = await readReceipt({ messages }, principal, request.params['id'] ?? '');
    // Who sent a message knows what it says: to ask what became of it is access to nothing.
    const isOwn = mayDo(principal, { kind: 'send', feed: receipt.feed });
    if (!isOwn) await recordMessages(exchange, 'receipt-read', [receipt]);
    return { status: 200, jsonBody: present(receipt), headers: { 'cache-control': 'no-store' } };
  },
};

/** The receipt as its sender sees it: where it is archived and how it is queued is our business. */
function present(receipt: MessageReceipt): Record<string, unknown> {
  return {
    id: receipt.id,
    feed: receipt.feed,
    status: receipt.status,
    messageType: receipt.messageType,
    controlId: receipt.controlId,
    sha256: receipt.sha256,
    size: receipt.size,
    receivedAt: receipt.receivedAt,
    finishedAt: receipt.finishedAt,
    correctionOf: receipt.correctionOf,
    correctedBy: receipt.correctedBy,
    issues: receipt.issues.map((issue) => ({ ...issue, text: errors[issue.code].text })),
    issueCount: receipt.issueCount,
    records: receipt.changes,
    recordCount: receipt.changeCount,
    unmapped: receipt.unmapped ?? [],
    unmappedCount: receipt.unmappedCount,
  };
}
