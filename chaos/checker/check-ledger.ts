/** The account that the exchange gives of itself must be that of the hospital, and must balance. */
import { feedIds, type FeedId, type Hospital } from '../hospital/model.js';
import { at, textAt } from '../json.js';
import type { Account, Evidence, Finding } from './evidence.js';

export function checkLedger(hospital: Hospital, evidence: Evidence): Finding[] {
  const names = namesOf(hospital, evidence);
  return feedIds.flatMap((feed) => {
    const account = evidence.accounts.get(feed);
    if (account === undefined) return [unbalanced(`there is no account of ${feed}`)];
    return [
      ...compareCounts(feed, account, expectedAccount(feed, hospital, evidence)),
      ...account.differences.map(({ messageId, problem }) =>
        unbalanced(`the account of ${feed}: ${names.get(messageId) ?? messageId} is ${problem}`),
      ),
    ];
  });
}

const unbalanced = (what: string): Finding => ({ kind: 'unbalanced', what });

function namesOf({ messages }: Hospital, { answers }: Evidence): Map<string, string> {
  const ids = (number: number) => [...(answers.get(number)?.receiptIds ?? [])];
  return new Map(
    messages.flatMap(({ number, event }) =>
      ids(number).map((id): [string, string] => [id, `message ${number} (${event})`]),
    ),
  );
}

/** Everything that was sent, once; other bytes under a used control id are archived before they are refused. */
function expectedAccount(feed: FeedId, hospital: Hospital, evidence: Evidence): Record<string, number> {
  const own = hospital.messages.filter((message) => message.feed === feed);
  const reused = new Set(
    hospital.lanes
      .filter((lane) => lane.feed === feed)
      .flatMap(({ sends }) =>
        sends.filter(({ way }) => way === 'reuse').map(({ message }) => message.number),
      ),
  );
  const receiptIds = new Set(
    own.flatMap(({ number }) => [...(evidence.answers.get(number)?.receiptIds ?? [])]),
  );
  const repetitions = evidence.receipts
    .filter((receipt) => receiptIds.has(textAt(receipt, 'id')))
    .reduce((sum, receipt) => sum + Number(at(receipt, 'duplicates') ?? 0), 0);
  return {
    normalised: own.filter(({ fate }) => fate === 'normalised').length,
    failed: own.filter(({ fate }) => fate === 'failed').length,
    repetitions,
    archived: own.length + reused.size,
  };
}

/** Whatever the account counts and nobody expects must be nothing. */
function compareCounts(
  feed: FeedId,
  { counts, duplicates, archived }: Account,
  expected: Record<string, number>,
): Finding[] {
  const found: Record<string, number> = { ...Object.fromEntries(counts), repetitions: duplicates, archived };
  return [...new Set([...Object.keys(found), ...Object.keys(expected)])]
    .filter((name) => (found[name] ?? 0) !== (expected[name] ?? 0))
    .map((name) =>
      unbalanced(`the account of ${feed} counts ${found[name] ?? 0} ${name} and not ${expected[name] ?? 0}`),
    );
}
