/** A certificate for people, which holds the one for machines. */
import { isGenuine, type Certificate } from './certificate.js';

const meaning: Readonly<Record<keyof Certificate['statement']['outcome'], string>> = {
  lost: 'messages or records that were promised and are not there',
  doubled: 'effects that happened more than once',
  reordered: 'effects of one patient that happened in another order',
  'half-visible': 'messages that a reader saw in part',
  wrong: 'records that say something else than they should',
  unbalanced: 'counts of messages, receipts and events that do not add up',
};

const jsonBlock = /^```json\n([\s\S]*?)\n```$/m;

export function renderMarkdown(certificate: Certificate): string {
  const { statement } = certificate;
  const { run, versions, outcome, figures, findings, findingsLeftOff } = statement;
  const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    `# Chaos certificate: ${statement.passed ? 'passed' : 'FAILED'}`,
    '',
    `${run.messages} messages of ${run.patients} patients, ${run.kills} processes killed, ${Math.round(run.faultShare * 100)} % of the requests to the stores met a fault; seed \`${run.seed}\`${run.mutant === undefined ? '' : `, **broken on purpose: ${run.mutant}**`}.`,
    '',
    `Exchange ${versions.exchange}, Node ${versions.node}, function app SHA-256 \`${versions.app}\`. Finished ${statement.finishedAt} after ${statement.seconds} s.`,
    '',
    row('found', 'count', 'what it means'),
    row('---', '---', '---'),
    ...Object.entries(outcome).map(([kind, count]) =>
      row(kind, count, meaning[kind as keyof typeof meaning]),
    ),
    '',
    ...(findings.length === 0 ? [] : [...findings.map((finding) => `- ${finding}`), '']),
    ...(findingsLeftOff === 0 ? [] : [`And ${findingsLeftOff} more.`, '']),
    row('figure', 'count'),
    row('---', '---'),
    ...Object.entries(figures).map(([name, count]) => row(name, count)),
    '',
    'Signed; `npm run chaos -- verify FILE` checks this file as well as the JSON file:',
    '',
    '```json',
    JSON.stringify(certificate, null, 2),
    '```',
    '',
  ].join('\n');
}

/** The certificate in a file, JSON or Markdown; undefined when it is none, or was changed after it was signed. */
export function readCertificate(text: string): Certificate | undefined {
  try {
    const block = text.startsWith('{') ? text : (jsonBlock.exec(text)?.[1] ?? '');
    const certificate: unknown = JSON.parse(block);
    if (!isGenuine(certificate)) return undefined;
    // What people read must be what was signed.
    return block === text || renderMarkdown(certificate) === text ? certificate : undefined;
  } catch {
    return undefined;
  }
}
