import type { DemoSummary, Failure } from './accounting.js';

function formatFailure({ sequence, controlId, code, location, text, expected }: Failure): string {
  const name = controlId === '' ? 'no control id' : controlId;
  const place = location === undefined ? '' : ` at ${location}`;
  return `  message ${sequence} (${name}): ${code}${place}: ${text}${expected ? '' : '  << unexpected'}`;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

function formatChanges(changes: DemoSummary['changes']): string {
  const kinds = Object.entries({ created: 0, updated: 0, ...changes });
  return kinds.map(([kind, count]) => `${count} ${kind}`).join(', ');
}

/** How to look at a patient, ready to be pasted into a shell. */
function formatPatient({ url, patientId }: DemoSummary, tokenCommand: string): readonly string[] {
  if (patientId === undefined) return [];
  const address = `${url}/fhir/Patient/${patientId}/$everything`;
  return [
    '',
    'A patient to look at:',
    `  ${address}`,
    `  curl -s -H "Authorization: Bearer $(${tokenCommand})" '${address}'`,
  ];
}

function formatVerdict({ complete, surprises, sent, outcomes }: DemoSummary): string {
  const { normalised, duplicate, failed, unsettled } = outcomes;
  const sum = `${sent} sent = ${normalised} normalised + ${duplicate} duplicate + ${failed} failed`;
  if (complete) return `Every message is accounted for: ${sum}.`;
  const rest = unsettled === 0 ? '' : ` + ${unsettled} unsettled`;
  const list = surprises
    .slice(0, 20)
    .map(
      ({ message, outcome }) =>
        `  message ${message.sequence} (${message.controlId}): ${outcome}, expected ${message.expected}`,
    );
  const more = surprises.length > list.length ? [`  and ${surprises.length - list.length} more`] : [];
  return [`NOT as expected: ${sum}${rest}.`, ...list, ...more].join('\n');
}

/**
 * The summary of a run as text, ending with a line end.
 *
 * @param tokenCommand shell command that prints a reader's token
 */
export function formatSummary(summary: DemoSummary, tokenCommand: string): string {
  const { outcomes, failures, acceptElapsed, elapsed, messagesPerSecond, retries } = summary;
  const shown = Object.entries(outcomes).filter(([outcome, count]) => outcome !== 'unsettled' || count > 0);
  const lines = [
    '',
    ...shown.map(([outcome, count]) => `  ${outcome.padEnd(12)} ${count.toString().padStart(5)}`),
    '',
    `  all answered after ${seconds(acceptElapsed)}, all settled after ${seconds(elapsed)}: ${messagesPerSecond.toFixed(1)} messages/s`,
    `  records: ${formatChanges(summary.changes)}`,
    ...(retries === 0 ? [] : [`  ${retries} requests had to be repeated`]),
    ...(failures.length === 0 ? [] : ['', 'Failed, with reason and place:', ...failures.map(formatFailure)]),
    ...formatPatient(summary, tokenCommand),
    '',
    formatVerdict(summary),
  ];
  return `${lines.join('\n')}\n`;
}
