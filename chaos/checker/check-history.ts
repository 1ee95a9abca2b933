/** What each message did, read from versions, late statements and receipts in the store. */
import { recordName, type Expected } from '../expect/expected.js';
import type { Hospital, HospitalMessage } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';
import type { Evidence, Finding } from './evidence.js';

interface Store {
  /** By receipt id: the message. */
  readonly messages: ReadonlyMap<string, HospitalMessage>;
  /** Versions, current ones included, by partition, type and id. */
  readonly versions: ReadonlyMap<string, readonly Json[]>;
  readonly late: readonly Json[];
  /** Receipts in the patients' partitions, without those of parts. */
  readonly receipts: readonly Json[];
}

/** Checks that each message had its effect once, in order, and that receipts tell the truth about it. */
export function checkHistory(hospital: Hospital, expected: Expected, evidence: Evidence): Finding[] {
  const store = sortDocuments(hospital, evidence);
  return [
    ...[...store.versions].flatMap(([name, versions]) => checkVersions(name, versions, store, expected)),
    ...checkReceipts(store, evidence),
    ...checkLate(store, expected),
  ];
}

function sortDocuments({ messages }: Hospital, { answers, documents }: Evidence): Store {
  const byReceipt = new Map<string, HospitalMessage>();
  for (const message of messages) {
    for (const id of answers.get(message.number)?.receiptIds ?? []) byReceipt.set(id, message);
  }
  const people = new Set(
    documents
      .filter(({ kind, resourceType }) => kind === 'resource' && resourceType === 'Patient')
      .map(({ partition }) => partition),
  );
  const own = documents.filter(({ partition }) => people.has(partition));
  const versions = new Map<string, Json[]>();
  for (const document of own) {
    if (document['kind'] !== 'resource' && document['kind'] !== 'version') continue;
    const name = `${textAt(document, 'resourceType')}/${textAt(document, 'fhirId')}`;
    versions.set(name, [...(versions.get(name) ?? []), document]);
  }
  for (const list of versions.values()) list.sort((left, right) => versionOf(left) - versionOf(right));
  return {
    messages: byReceipt,
    versions,
    late: own.filter(({ kind }) => kind === 'late'),
    receipts: own.filter(
      (document) => document['kind'] === 'receipt' && document['id'] === `receipt:${sourceOf(document)}`,
    ),
  };
}

const versionOf = (document: Json): number => Number(document['versionId']);
const sourceOf = (document: Json): string => textAt(document, 'source', 'messageId');

function checkVersions(name: string, versions: readonly Json[], store: Store, expected: Expected): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const places = new Map<string, number>();
  for (const [index, version] of versions.entries()) {
    const source = sourceOf(version);
    const message = store.messages.get(source);
    const label = `${name} version ${versionOf(version)}`;
    if (versionOf(version) !== index + 1) {
      findings.push({ kind: 'lost', what: `${label} comes where version ${index + 1} should` });
      break;
    }
    if (message?.fate !== 'normalised') {
      findings.push({ kind: 'doubled', what: `${label} comes from a message that should do nothing` });
      continue;
    }
    if (seen.has(source)) {
      findings.push({ kind: 'doubled', what: `${label} is a second effect of message ${message.number}` });
    }
    seen.add(source);
    const place = expected.places.get(message.number) ?? 0;
    const lane = `${message.feed} ${message.facts?.person.id ?? ''}`;
    if (place < (places.get(lane) ?? -1)) {
      findings.push({
        kind: 'reordered',
        what: `${label}: message ${message.number} took effect after a later one`,
      });
    }
    places.set(lane, place);
  }
  return findings;
}

/** The receipt in the partition, the one that operators search, and the versions must tell the same. */
function checkReceipts(store: Store, evidence: Evidence): Finding[] {
  const findings: Finding[] = [];
  const made = effectsInStore(store);
  const told = new Map<string, string[]>();
  for (const receipt of store.receipts) {
    const source = sourceOf(receipt);
    told.set(source, [...(told.get(source) ?? []), ...changesOf(receipt, 'changes')]);
  }
  for (const receipt of evidence.receipts) {
    const id = textAt(receipt, 'id');
    const message = store.messages.get(id);
    if (message?.fate !== 'normalised' || textAt(receipt, 'status') !== 'normalised') continue;
    const name = `message ${message.number} (${message.event})`;
    const inStore = told.get(id);
    if (inStore === undefined) {
      findings.push({ kind: 'lost', what: `${name} is normalised and left no receipt with any patient` });
      continue;
    }
    const effects = made.get(id) ?? [];
    if (same(inStore) !== same(effects)) {
      findings.push({
        kind: inStore.every((effect) => effects.includes(effect)) ? 'doubled' : 'lost',
        what: `${name}: its receipt with the patient tells of other effects: ${differenceOf(inStore, effects)}`,
      });
    }
    if (same(changesOf(receipt, 'changes')) !== same(inStore)) {
      findings.push({ kind: 'unbalanced', what: `${name}: its two receipts tell of different effects` });
    }
  }
  return findings;
}

/** By message: `created Patient/x 1`, from the documents themselves. */
function effectsInStore({ versions, late }: Store): Map<string, string[]> {
  const effects = new Map<string, string[]>();
  const add = (document: Json, change: string) => {
    const name = `${textAt(document, 'resourceType')}/${textAt(document, 'fhirId')}`;
    const source = sourceOf(document);
    effects.set(source, [...(effects.get(source) ?? []), `${change} ${name} ${versionOf(document)}`]);
  };
  for (const list of versions.values()) {
    for (const [index, version] of list.entries()) add(version, index === 0 ? 'created' : 'updated');
  }
  for (const statement of late) {
    const name = `${textAt(statement, 'resourceType')}/${textAt(statement, 'fhirId')}`;
    const filled = effects.get(sourceOf(statement))?.some((effect) => effect.includes(`updated ${name} `));
    // A late statement that adds something nobody had stated counts as an update.
    if (filled !== true) add(statement, 'late');
  }
  return effects;
}

const changesOf = (receipt: Json, member: string): string[] =>
  listAt(receipt, member).map(
    (change) =>
      `${textAt(change, 'change')} ${textAt(change, 'resourceType')}/${textAt(change, 'id')} ${Number(at(change, 'versionId'))}`,
  );

const same = (effects: readonly string[]): string => [...effects].sort().join('\n');

const mostNamed = 3;

/** What is told and not there, and what is there and not told, the first of each. */
function differenceOf(told: readonly string[], made: readonly string[]): string {
  const beyond = (some: readonly string[], others: readonly string[]): string => {
    const rest = some.filter((each) => !others.includes(each));
    const named = rest.slice(0, mostNamed).join(', ');
    return rest.length > mostNamed ? `${named} and ${rest.length - mostNamed} more` : named || 'nothing';
  };
  return `told and not there ${beyond(told, made)}, there and not told ${beyond(made, told)}`;
}

/** A message is late for a record exactly when something newer had been accepted before it. */
function checkLate({ late, messages }: Store, expected: Expected): Finding[] {
  const found = new Map<number, Set<string>>();
  for (const statement of late) {
    const message = messages.get(sourceOf(statement));
    if (message === undefined || message.event === 'A40') continue;
    const name = nameOf(message, statement);
    if (name !== undefined) found.set(message.number, (found.get(message.number) ?? new Set()).add(name));
  }
  const findings: Finding[] = [];
  for (const [number, names] of found) {
    const surplus = [...names].filter((name) => expected.late.get(number)?.has(name) !== true);
    for (const name of surplus) {
      findings.push({
        kind: 'reordered',
        what: `message ${number} came too late for ${name}: it was overtaken`,
      });
    }
  }
  for (const [number, names] of expected.late) {
    const missing = [...names].filter((name) => found.get(number)?.has(name) !== true);
    for (const name of missing) {
      findings.push({
        kind: 'reordered',
        what: `message ${number} was older than ${name} and is not kept as late`,
      });
    }
  }
  return findings;
}

/** The model's name of the record that a late statement is about; undefined where the model makes no prediction. */
function nameOf({ facts, feed }: HospitalMessage, statement: Json): string | undefined {
  if (facts === undefined) return undefined;
  const { person, panel } = facts;
  const code = textAt(statement, 'resource', 'code', 'coding', 0, 'code');
  switch (statement['resourceType']) {
    case 'Patient':
      return person.eastMrn === undefined ? recordName.patient(person) : undefined;
    case 'Encounter':
      return facts.visit === undefined ? undefined : recordName.visit(facts.visit.number);
    case 'AllergyIntolerance':
      return recordName.allergy(person, feed, code);
    case 'DiagnosticReport':
      return recordName.report(panel?.order ?? '');
    case 'Observation':
      return recordName.result(panel?.order ?? '', code);
    default:
      return undefined;
  }
}
