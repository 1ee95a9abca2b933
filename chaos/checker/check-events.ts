/** What is published: an event of each commit that changed something, at least once, always the same. */
import { canonical, textAt, type Json } from '../json.js';
import type { Evidence, Finding } from './evidence.js';

export function checkEvents({ documents, events }: Evidence): Finding[] {
  const outbox = new Map(
    documents.filter(({ kind }) => kind === 'event').map((event) => [nameOf(event), event]),
  );
  const published = new Map<string, Set<string>>();
  for (const event of events) {
    published.set(nameOf(event), (published.get(nameOf(event)) ?? new Set()).add(canonical(event)));
  }
  const findings: Finding[] = [];
  for (const [name, event] of outbox) {
    const contents = published.get(name);
    if (contents === undefined) findings.push({ kind: 'lost', what: `event ${name} was never published` });
    else if (contents.size > 1 || !contents.has(canonical(withoutSystemProperties(event)))) {
      findings.push({ kind: 'unbalanced', what: `event ${name} was published with another content` });
    }
  }
  for (const name of published.keys()) {
    if (!outbox.has(name)) findings.push({ kind: 'unbalanced', what: `event ${name} tells of no commit` });
  }
  return [...findings, ...checkOutbox(documents, outbox)];
}

const nameOf = (event: Json): string => `${textAt(event, 'messageId')} in ${textAt(event, 'partition')}`;

const withoutSystemProperties = (document: Json): Json =>
  Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith('_')));

/** A receipt that tells of changes has an event that tells of the same, and no other has one. */
function checkOutbox(documents: readonly Json[], outbox: ReadonlyMap<string, Json>): Finding[] {
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const receipt of documents) {
    const id = textAt(receipt, 'id');
    const messageId = textAt(receipt, 'source', 'messageId');
    if (receipt['kind'] !== 'receipt' || id !== `receipt:${messageId}`) continue;
    const name = nameOf({ messageId, partition: receipt['partition'] });
    told.add(name);
    const changes = canonical(receipt['changes']);
    const announced = canonical(outbox.get(name)?.['changes'] ?? []);
    if (changes !== announced) {
      findings.push({ kind: 'unbalanced', what: `receipt and event ${name} tell of different changes` });
    }
  }
  for (const name of outbox.keys()) {
    if (!told.has(name))
      findings.push({ kind: 'unbalanced', what: `event ${name} has no receipt beside it` });
  }
  return findings;
}
