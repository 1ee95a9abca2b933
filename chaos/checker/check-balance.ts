/** Counts: each message that was sent is in exactly one class, and every promise was kept. */
import type { Hospital } from '../hospital/model.js';
import { at, textAt, type Json } from '../json.js';
import type { Answered, Evidence, Finding } from './evidence.js';

/** Compares what senders were told with the receipts. */
export function checkBalance(hospital: Hospital, evidence: Evidence): Finding[] {
  const receipts = new Map(evidence.receipts.map((receipt) => [textAt(receipt, 'id'), receipt]));
  const known = new Set<string>();
  const findings: Finding[] = [];
  for (const message of hospital.messages) {
    const answered = evidence.answers.get(message.number);
    if (answered === undefined) {
      findings.push({ kind: 'unbalanced', what: `message ${message.number} was never answered` });
      continue;
    }
    for (const id of answered.receiptIds) known.add(id);
    findings.push(...checkMessage(message, answered, receipts));
  }
  for (const id of receipts.keys()) {
    if (!known.has(id))
      findings.push({ kind: 'unbalanced', what: `a receipt that no sender was given: ${id}` });
  }
  for (const number of evidence.reusesAccepted) {
    findings.push({
      kind: 'doubled',
      what: `other bytes under the control id of message ${number} were accepted`,
    });
  }
  return [...findings, ...checkSenderReceipts(evidence, receipts)];
}

function checkMessage(
  { number, fate, event }: Hospital['messages'][number],
  answered: Answered,
  receipts: ReadonlyMap<string, Json>,
): Finding[] {
  const name = `message ${number} (${event})`;
  const [id, ...others] = [...answered.receiptIds];
  if (id === undefined) return [{ kind: 'unbalanced', what: `${name} was answered without a receipt` }];
  if (others.length > 0) return [{ kind: 'doubled', what: `${name} has ${others.length + 1} receipts` }];
  const receipt = receipts.get(id);
  if (receipt === undefined) return [{ kind: 'lost', what: `${name} was accepted and has no receipt` }];
  const status = textAt(receipt, 'status');
  if (status !== fate) {
    const code = textAt(receipt, 'errorCode');
    return [{ kind: 'lost', what: `${name} is ${status}${code === '' ? '' : ` (${code})`} and not ${fate}` }];
  }
  return checkRepetitions(name, answered, receipt);
}

/**
 * The receipt counts repetitions: at least those whose senders were told so, at most all but the first. Copies of what
 * failed at the reception are not told that they are copies.
 */
function checkRepetitions(name: string, answered: Answered, receipt: Json): Finding[] {
  const { accepted, duplicate, failed, unanswered } = answered;
  const counted = Number(at(receipt, 'duplicates') ?? 0);
  const most = accepted + duplicate + failed + unanswered - 1;
  const within = counted >= duplicate && counted <= most;
  const findings: Finding[] = [];
  if (accepted > 1) findings.push({ kind: 'doubled', what: `${name} was accepted as new ${accepted} times` });
  if (!within) {
    findings.push({
      kind: 'unbalanced',
      what: `${name}: ${counted} repetitions counted, ${duplicate} to ${most} were sent`,
    });
  }
  return findings;
}

function checkSenderReceipts(evidence: Evidence, receipts: ReadonlyMap<string, Json>): Finding[] {
  return [...evidence.senderReceipts]
    .filter(([id, seen]) => textAt(seen, 'status') !== textAt(receipts.get(id), 'status'))
    .map(([id]) => ({ kind: 'unbalanced', what: `its sender reads another status of receipt ${id}` }));
}
