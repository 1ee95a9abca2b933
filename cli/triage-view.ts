/** Messages as people read them on a terminal. */
import { printTable } from './table.js';

/** An issue as the exchange answers it. */
export interface IssueView {
  readonly severity: string;
  readonly code: string;
  readonly text: string;
  readonly location?: string;
  readonly detail?: string;
}

interface ActionView {
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly reason?: string;
  readonly failedWith?: string;
}

/** A receipt as the exchange answers it (docs/operations/triage.md). */
export interface MessageView {
  readonly id: string;
  readonly feed: string;
  readonly status: string;
  readonly receivedAt: string;
  readonly messageType?: string;
  readonly controlId?: string;
  readonly stage?: string;
  readonly errorCode?: string;
  readonly attempts: number;
  readonly finishedAt?: string;
  readonly pack?: { readonly name: string; readonly version: string };
  readonly archivePath: string;
  readonly traceparent?: string;
  readonly issues: readonly IssueView[];
  readonly changes: readonly {
    readonly resourceType: string;
    readonly id: string;
    readonly versionId: number;
    readonly change: string;
  }[];
  readonly unmapped?: readonly string[];
  /** How many there are, where the receipt names some only. */
  readonly issueCount?: number;
  readonly changeCount?: number;
  readonly unmappedCount?: number;
  readonly correctionOf?: string;
  readonly correctedBy?: string;
  readonly history: readonly ActionView[];
  /** Why it is not on the queue yet, in the answer to a decision. */
  readonly delayedBy?: string;
}

/** What `GET /triage/messages/{id}` answers, as far as it is printed. */
export interface ShownMessageView {
  readonly receipt: MessageView;
  readonly corrections: readonly { readonly id: string; readonly status: string }[];
  readonly raw: { readonly text: string; readonly charset: string };
  readonly bundle?: {
    readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
  };
  readonly issues: readonly IssueView[];
}

/** A table with a line for each message. */
export function printMessages(messages: readonly MessageView[]): string {
  const head = ['received', 'feed', 'type', 'control id', 'status', 'stage', 'tries', 'error', 'place', 'id'];
  return printTable(
    head,
    messages.map((message) => [
      message.receivedAt.slice(0, 19).replace('T', ' '),
      message.feed,
      message.messageType ?? '-',
      shown(message.controlId),
      message.status,
      message.stage ?? '-',
      message.attempts,
      message.errorCode ?? '-',
      message.issues.find(({ code }) => code === message.errorCode)?.location ?? '-',
      message.id,
    ]),
  );
}

/** All about one message, part by part. */
export function printMessage({ receipt, corrections, raw, bundle, issues }: ShownMessageView): string {
  const facts: [string, string | undefined][] = [
    ['id', receipt.id],
    ['feed', receipt.feed],
    ['status', receipt.status],
    ['stage', receipt.stage],
    ['type', receipt.messageType],
    ['control id', receipt.controlId === undefined ? undefined : shown(receipt.controlId)],
    ['received', receipt.receivedAt],
    ['finished', receipt.finishedAt],
    ['tries', String(receipt.attempts)],
    ['pack', receipt.pack === undefined ? undefined : `${receipt.pack.name}@${receipt.pack.version}`],
    ['archived at', receipt.archivePath],
    ['trace', receipt.traceparent],
    ['edited copy of', receipt.correctionOf],
    ['replaced by', receipt.correctedBy],
  ];
  const parts = [
    facts.map(([name, value]) => (value === undefined ? '' : `${name.padEnd(14)}  ${value}\n`)).join(''),
    section('Issues', receipt.issues.map(printIssueView), receipt.issueCount),
    section('History', receipt.history.map(printAction)),
    section('Edits', corrections.length < 2 ? [] : corrections.map(({ id, status }) => `${id}  ${status}`)),
    section(
      'Records',
      receipt.changes.map(
        ({ resourceType, id, versionId, change }) => `${change}  ${resourceType}/${id} version ${versionId}`,
      ),
      receipt.changeCount,
    ),
    section('Unmapped', receipt.unmapped ?? [], receipt.unmappedCount),
    section('Would be mapped to', recordsOf(bundle)),
    section('With issues', bundle === undefined ? [] : issues.map(printIssueView)),
    section(
      `Text (${raw.charset})`,
      raw.text
        .split(/\r\n|\r|\n/)
        .filter((line) => line !== '')
        .map(shown),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** @param count how many there are, where the lines are the first of them */
const section = (title: string, lines: readonly string[], count = lines.length): string => {
  const left = count - lines.length;
  const all = left > 0 ? [...lines, `and ${left} more`] : lines;
  return all.length === 0 ? '' : `${title}\n${all.map((line) => `  ${line}\n`).join('')}`;
};

/** Text of a sender must not speak to the terminal. */
export const shown = (text: string | undefined): string =>
  text === undefined ? '-' : text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');

const printIssueView = ({ severity, code, location, text, detail }: IssueView): string =>
  `${severity} ${code}${location === undefined ? '' : ` ${location}`}: ${text}` +
  (detail === undefined ? '' : ` (wanted: ${detail})`);

const printAction = ({ at, by, action, reason, failedWith }: ActionView): string =>
  `${at} ${shown(by)} ${action}` +
  (failedWith === undefined ? '' : ` after ${failedWith}`) +
  (reason === undefined ? '' : `: ${shown(reason)}`);

function recordsOf(bundle: ShownMessageView['bundle']): string[] {
  const counts = new Map<string, number>();
  for (const { resource } of bundle?.entry ?? [])
    counts.set(resource.resourceType, (counts.get(resource.resourceType) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count === 1 ? type : `${count} ${type}`));
}
