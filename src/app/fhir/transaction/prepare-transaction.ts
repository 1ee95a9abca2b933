/** From the writes of a transaction to what each of them changes, with the links between them (FHIR R4 section 3.1.0.11.2). */
import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../../core/errors.js';
import { referencesIn } from '../../../core/fhir/references.js';
import type { IndexedRecord } from '../../../core/fhir/search/match.js';
import { indexResource } from '../../../core/fhir/search-index.js';
import { isConditional, isPlaceholder, linkResolver } from '../../../core/fhir/transaction/links.js';
import type { EntryRequest } from '../../../core/fhir/transaction/read-bundle.js';
import type { RecordStore } from '../../../ports/record-store.js';
import { visibleTo } from '../../access/guard-write.js';
import { type Criteria, findByCriteria } from '../criteria.js';
import { onceAllEnded } from '../../together.js';
import type { WriteDependencies } from '../write-dependencies.js';
import { prepareWrite, resolveWrite, type WriteInteraction, type WriteTarget } from '../write-interaction.js';
import type { PreparedWrite } from '../write-record.js';
import type { Alongside } from '../write-request.js';
import { decidedForEntry, forEntry } from './at-entry.js';

/** Conditional references of one transaction: each is a search. */
const mostReferred = 500;

/** Writes that are prepared at once. */
const preparedAtOnce = 16;

/** A write of a transaction, as its entry asks for it. */
export interface EntryWrite {
  readonly entry: EntryRequest;
  readonly write: WriteInteraction;
}

/** What a write of a transaction came to be. */
export interface PreparedEntry extends EntryWrite {
  /** Absent where there is nothing to be done. */
  readonly prepared: PreparedWrite | undefined;
}

/** What the entries of a transaction mean, as far as it is known. */
interface Meanings {
  readonly targets: Map<EntryRequest, WriteTarget>;
  /** By fullUrl, and by criteria for conditional references: `Type/id`. */
  readonly links: Map<string, string>;
  /** Conditional references that mean what an entry makes. */
  readonly referred: Map<EntryRequest, readonly string[]>;
  readonly patients: Set<string>;
  readonly deleted: Set<string>;
}

/**
 * Prepares all writes of a transaction for what stands. Patients come first, since the places of records about them follow
 * from theirs; then links are replaced, and all is prepared as single writes are.
 *
 * @throws ExchangeError whatever refuses one of them, with its place in the Bundle; HDE_BUNDLE_INVALID for two of one record
 */
export async function prepareTransaction(
  { records, ...others }: WriteDependencies,
  writes: readonly EntryWrite[],
): Promise<readonly PreparedEntry[]> {
  const deps = { ...others, records: rememberingPatients(records) };
  const meanings: Meanings = {
    ...{ targets: new Map(), links: new Map(), referred: new Map() },
    ...{ patients: new Set(), deleted: new Set() },
  };
  await findReferred(deps, writes, meanings);
  for (const each of inOrder(writes)) await findTarget(deps, each, meanings);
  requireDistinct(writes, meanings);
  const prepared: PreparedEntry[] = [];
  for (let start = 0; start < writes.length; start += preparedAtOnce) {
    const part = writes.slice(start, start + preparedAtOnce);
    // What is claimed after a refusal would not be given back.
    prepared.push(...(await onceAllEnded(part.map((each) => prepareEntry(deps, each, meanings)))));
  }
  return prepared;
}

async function prepareEntry(
  deps: WriteDependencies,
  { entry, write }: EntryWrite,
  meanings: Meanings,
): Promise<PreparedEntry> {
  const linked = await withLinks(deps, { entry, write }, meanings.links);
  requireLinked(entry, referencesIn(statementOf(linked)?.resource ?? nothing));
  const target = meanings.targets.get(entry) ?? { kind: 'nothing' };
  const prepared = await forEntry(entry.index, () =>
    prepareWrite(deps, linked, target, {
      ...alongsideOf(meanings),
      relink: relinking(deps, entry, meanings),
    }),
  );
  return {
    ...{ entry, write: linked },
    // What refuses the write when it is decided on tells its place, too.
    prepared: prepared && { ...prepared, decide: decidedForEntry(entry.index, prepared.decide) },
  };
}

/** A patient about whom many entries are is asked for once. */
function rememberingPatients(records: RecordStore): RecordStore {
  const patients = new Map<string, ReturnType<RecordStore['readCurrent']>>();
  return {
    ...records,
    readCurrent: (type, id, partition) => {
      if (type !== 'Patient') return records.readCurrent(type, id, partition);
      const found = patients.get(id) ?? records.readCurrent(type, id, partition);
      patients.set(id, found);
      return found;
    },
  };
}

const alongsideOf = ({ patients, deleted }: Meanings): Alongside => ({ patients, deleted });

/** What has an id that others need comes before them. */
const inOrder = (writes: readonly EntryWrite[]): EntryWrite[] => [
  ...writes.filter(({ write }) => write.kind === 'delete'),
  ...writes.filter(({ write }) => write.kind !== 'delete' && write.type === 'Patient'),
  ...writes.filter(({ write }) => write.kind !== 'delete' && write.type !== 'Patient'),
];

/** Finds the resources that conditional references mean: exactly one each. */
async function findReferred(
  deps: WriteDependencies,
  writes: readonly EntryWrite[],
  { links, referred }: Meanings,
): Promise<void> {
  const seen = new Set<string>();
  let made: readonly MadeRecord[] | undefined;
  for (const { entry, write } of writes) {
    const statement = statementOf(write);
    if (statement === undefined) continue;
    for (const reference of referencesIn(statement.resource)) {
      if (!isConditional(reference) || seen.has(reference)) continue;
      if (seen.size === mostReferred)
        throw invalid(
          `Bundle.entry[${entry.index}].resource`,
          `at most ${mostReferred} different conditional references in a transaction`,
        );
      seen.add(reference);
      const [type = '', query = ''] = reference.split(/\?(.*)/s);
      const criteria = await forEntry(entry.index, () =>
        findByCriteria(visibleTo(deps, write.writer, write.kind), type, [...new URLSearchParams(query)], {
          ...{ mayRead: write.writer.mayRead, location: `${write.type}.reference` },
        }),
      );
      const meant = meantBy(criteria, type, writes, () => (made ??= madeBy(writes)));
      if (meant === undefined)
        throw new ExchangeError('HDE_PRECONDITION_FAILED', {
          location: `Bundle.entry[${entry.index}].resource`,
          detail: 'no resource, or several entries, meet the criteria of a conditional reference',
        });
      if (typeof meant === 'string') links.set(reference, meant);
      else referred.set(meant, [...(referred.get(meant) ?? []), reference]);
    }
  }
}

/**
 * What criteria mean when all is written, since conditional references are resolved last (FHIR R4 section 3.1.0.11.2): a
 * resource that is stored and stays, or the only one that the transaction makes.
 */
function meantBy(
  { match, isMet }: Criteria,
  type: string,
  writes: readonly EntryWrite[],
  made: () => readonly MadeRecord[],
): string | EntryRequest | undefined {
  const isDeleted = ({ write }: EntryWrite): boolean =>
    write.kind === 'delete' && write.type === type && write.id === match?.fhirId;
  if (match !== undefined && !writes.some(isDeleted)) return `${type}/${match.fhirId}`;
  const [only, another] = made().filter((record) => record.type === type && isMet(record));
  return another === undefined ? only?.entry : undefined;
}

/** What an entry creates or updates, as criteria are asked of it. */
interface MadeRecord extends IndexedRecord {
  readonly entry: EntryRequest;
  readonly type: string;
}

const madeBy = (writes: readonly EntryWrite[]): MadeRecord[] =>
  writes.flatMap(({ entry, write }): MadeRecord[] => {
    if (write.kind !== 'create' && write.kind !== 'update') return [];
    const { type, statement } = write;
    // What is to be created has no id yet.
    const fhirId = write.kind === 'update' ? write.id : '';
    return [{ entry, type, fhirId, lastUpdated: '', index: indexResource(statement.resource) }];
  });

const statementOf = (write: WriteInteraction) => ('statement' in write ? write.statement : undefined);

async function findTarget(
  deps: WriteDependencies,
  { entry, write }: EntryWrite,
  meanings: Meanings,
): Promise<void> {
  const { targets, links, patients, deleted } = meanings;
  const linked = { ...(await withLinks(deps, { entry, write }, links)), alongside: alongsideOf(meanings) };
  const target = await forEntry(entry.index, () => resolveWrite(deps, linked));
  targets.set(entry, target);
  const id = idOf(target);
  if (id === undefined) return;
  const key = `${write.type}/${id}`;
  if (write.kind === 'delete') deleted.add(key);
  else if (write.type === 'Patient' && write.kind !== 'patch') patients.add(id);
  // A conditional create that finds something makes nothing.
  const referring = isFound(target) ? [] : (meanings.referred.get(entry) ?? []);
  for (const reference of referring) links.set(reference, key);
  const { fullUrl, index } = entry;
  if (fullUrl === undefined || write.kind === 'delete') return;
  if (links.has(fullUrl)) throw invalid(`Bundle.entry[${index}].fullUrl`, 'one that no other entry has');
  links.set(fullUrl, key);
}

/** Whether a conditional create has found what it means. */
const isFound = (target: WriteTarget): boolean => target.kind === 'place' && target.place.kind === 'match';

function idOf(target: WriteTarget): string | undefined {
  if (target.kind === 'nothing') return undefined;
  return target.kind === 'record' ? target.id : target.place.id;
}

/** A write with the links of its resource replaced, as far as what they lead to is known. */
async function withLinks(
  { baseUrl }: WriteDependencies,
  { entry: { fullUrl }, write }: EntryWrite,
  links: ReadonlyMap<string, string>,
): Promise<WriteInteraction> {
  if (!('statement' in write)) return write;
  const isNew = write.kind === 'create';
  const resource = await replaceLinks(
    write.statement.resource,
    linkResolver(links, baseUrl, { fullUrl, isNew }),
  );
  return { ...write, statement: { ...write.statement, resource } };
}

async function replaceLinks<T extends Resource>(
  resource: T,
  resolve: ReturnType<typeof linkResolver>,
): Promise<T> {
  // The table of elements is large: only who writes pays for it.
  const { rewriteLinks } = await import('../../../core/fhir/transaction/rewrite-links.js');
  return rewriteLinks(resource, resolve);
}

/** Where a patch puts links is known when it was applied; what stood before is as somebody has written it. */
const relinking =
  (
    { baseUrl }: WriteDependencies,
    entry: EntryRequest,
    { links }: Meanings,
  ): NonNullable<Alongside['relink']> =>
  async (patched, before) => {
    const linked = await replaceLinks(patched, linkResolver(links, baseUrl));
    const held = new Set(referencesIn(before));
    requireLinked(
      entry,
      referencesIn(linked).filter((reference) => !held.has(reference)),
    );
    return linked;
  };

/**
 * One resource is written once (FHIR R4 section 3.1.0.11.2): also where criteria lead to one that another entry names.
 * Several conditional creates may find one resource that is there already, since none of them writes it. Of several that
 * would create one resource it depended on their order which of them does: they are refused.
 */
function requireDistinct(writes: readonly EntryWrite[], { targets }: Meanings): void {
  const seen = new Map<string, 'found' | 'written'>();
  for (const { entry, write } of writes) {
    const target = targets.get(entry);
    const id = target === undefined ? undefined : idOf(target);
    if (target === undefined || id === undefined) continue;
    const key = `${write.type}/${id}`;
    const use = isFound(target) ? 'found' : 'written';
    const other = seen.get(key);
    if (other === 'written' || (other === 'found' && use === 'written'))
      throw invalid(`Bundle.entry[${entry.index}].request.url`, 'a resource that no other entry writes');
    seen.set(key, use);
  }
}

/** What has no statement refers to nothing. */
const nothing: Resource = { resourceType: 'Basic' };

/** A placeholder that no entry explains, or criteria in a patch, would be stored as a reference to nothing. */
function requireLinked({ index }: EntryRequest, references: readonly string[]): void {
  if (references.some((reference) => isPlaceholder(reference) || isConditional(reference)))
    throw invalid(`Bundle.entry[${index}].resource`, 'references whose urn is the fullUrl of an entry');
}

const invalid = (location: string, detail: string): ExchangeError =>
  new ExchangeError('HDE_BUNDLE_INVALID', { location, detail });
