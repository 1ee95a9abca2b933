/** From what a search asks for to where its records are looked for: who it is about, which ids, or one indexed query. */
import { ExchangeError } from '../../core/errors.js';
import { sharedTypes } from '../../core/fhir/interactions.js';
import { parseReference } from '../../core/fhir/references.js';
import { allOf, type Criterion } from '../../core/fhir/search/criteria.js';
import { matches } from '../../core/fhir/search/match.js';
import { referencesTo } from '../../core/fhir/search/parse-values.js';
import {
  type ChainTerm,
  type CriterionTerm,
  type HasTerm,
  type LinkTerm,
  patientCodes,
  patientParameterOf,
  type SearchTerm,
} from '../../core/fhir/search/terms.js';
import { pageRoom } from '../../core/fhir/weight.js';
import type { FhirDependencies } from './fhir-answer.js';
import { expandLinks, type LinkSet, maxLinkedPatients } from './link-set.js';
import { type Outline, outlineOf } from './outlines.js';
import {
  pageById,
  pageByPartitions,
  type PageReader,
  readMany,
  readSome,
  readWithin,
} from './page-records.js';

/** Records that are looked at together, to be sorted, counted or followed; more would make one request too costly. */
export const maxCollected = 2000;

/** References that a chain may lead to, since each becomes part of a query. */
const maxChained = 200;

/** How a search is carried out. */
export interface SearchPlan {
  readonly type: string;
  /** What the records themselves must be. */
  readonly criterion: Criterion;
  /** The only ids that they may have. */
  readonly ids?: readonly string[];
  /** The patients whom they must be about: those that the search names, and those linked to them. */
  readonly links?: LinkSet;
  readonly named?: readonly string[];
  /** What must be asked of each record that is found. */
  readonly rest: readonly LinkTerm[];
}

/**
 * Plans a search. Chains that lead to few resources are followed first and become conditions on references; the others
 * are asked of the records that the other terms leave.
 *
 * @throws ExchangeError HDE_SEARCH_UNSELECTIVE when no term leaves few records
 */
export async function planSearch(
  deps: FhirDependencies,
  type: string,
  terms: readonly SearchTerm[],
): Promise<SearchPlan> {
  const draft: PlanDraft = { criteria: [], rest: [], isSelective: false };
  for (const term of terms) {
    const read =
      term.kind === 'criterion'
        ? term
        : isSelectiveTerm(type, term)
          ? await follow(deps, type, term)
          : undefined;
    if (read !== undefined) await narrow(deps, draft, read);
    else if (term.kind !== 'criterion') draft.rest.push(term);
  }
  const { criteria, links, named, rest, isSelective } = draft;
  if (!isSelective && links === undefined) throw unselective(type);
  const ids = criteria.find((criterion) => criterion.kind === 'id')?.ids;
  const plan = { type, criterion: allOf(criteria), rest, ...(named === undefined ? {} : { named }) };
  return { ...plan, ...(ids === undefined ? {} : { ids }), ...(links === undefined ? {} : { links }) };
}

interface PlanDraft {
  readonly criteria: Criterion[];
  readonly rest: LinkTerm[];
  links?: LinkSet;
  named?: readonly string[];
  isSelective: boolean;
}

/** What a term says of the records themselves; `patients` stand for all who are linked to them. */
type Told = Pick<CriterionTerm, 'criterion' | 'isSelective'> & {
  readonly patients?: readonly string[];
  readonly definition: { readonly code: string };
};

async function narrow(deps: FhirDependencies, draft: PlanDraft, told: Told): Promise<void> {
  const { definition, patients, criterion, isSelective } = told;
  draft.isSelective ||= isSelective;
  if (patients === undefined) {
    draft.criteria.push(criterion);
    return;
  }
  const links = await expandAll(deps, patients);
  const targets = links.patients.map((id) => `Patient/${id}`);
  draft.criteria.push(referencesTo(definition.code, targets, deps.baseUrl));
  draft.links ??= links;
  draft.named ??= patients;
}

/** Reads the records of a plan page by page, as far as they are told by themselves; not for a plan by ids. */
export function readerOf(
  { records, room }: Pick<FhirDependencies, 'records' | 'room'>,
  { type, criterion, links }: SearchPlan,
): PageReader {
  const search = { resourceType: type, criterion };
  return links === undefined
    ? pageById((page) => records.findRecords(search, page), room)
    : pageByPartitions(
        (partition, page) => records.findRecords({ ...search, partition }, page),
        links.patients,
        room,
      );
}

/**
 * All records of a plan, whole, or all their outlines where they are too large together for a page; undefined when there
 * are more than `most` to look at.
 */
export async function collect(
  deps: FhirDependencies,
  plan: SearchPlan,
  most: number,
): Promise<readonly Outline[] | undefined> {
  const { type, ids, criterion, links, rest } = plan;
  if (ids === undefined) {
    const found = await readOutlines(readerOf(deps, plan), most);
    return found && filterByTerms(deps, type, found, rest);
  }
  if (ids.length > most) return undefined;
  const named = await readNamed(
    deps,
    ids.map((id) => ({ type, id })),
  );
  const found = named.filter(
    (document) => matches(document, criterion) && (links?.patients.includes(document.partition) ?? true),
  );
  return filterByTerms(deps, type, found, rest);
}

async function readOutlines(read: PageReader, most: number): Promise<readonly Outline[] | undefined> {
  const { documents, next } = await read(most + 1, undefined);
  if (documents.length > most) return undefined;
  if (next === undefined) return documents;
  // There was no room for all of them in a page.
  const first = documents.map(outlineOf);
  const { kept, isComplete } = await readSome(read, most - first.length, outlineOf, next);
  return isComplete ? [...first, ...kept] : undefined;
}

async function readNamed(
  { records, room = pageRoom }: FhirDependencies,
  wanted: readonly { readonly type: string; readonly id: string }[],
): Promise<readonly Outline[]> {
  const { documents, isComplete } = await readWithin(records, wanted, room);
  return isComplete ? documents : readMany(records, wanted, outlineOf);
}

/** The refusal of a search that would have to look at too many records. */
export const tooMany = (detail: string): ExchangeError =>
  new ExchangeError('HDE_SEARCH_UNSELECTIVE', { detail });

function unselective(type: string): ExchangeError {
  const patient = patientParameterOf(type);
  const advice = sharedTypes.has(type)
    ? 'Give a parameter that names some of them, such as identifier or name.'
    : patient === undefined
      ? 'Give _id, identifier, a name, a telephone number or a full birth date.'
      : `Give ${patient.code}, _id, identifier, or a reference to a record of one person.`;
  return tooMany(advice);
}

async function expandAll(deps: FhirDependencies, ids: readonly string[]): Promise<LinkSet> {
  if (ids.length > maxLinkedPatients)
    throw tooMany(`At most ${maxLinkedPatients} patients are searched at once.`);
  const sets = await Promise.all(ids.map((id) => expandLinks(deps, id)));
  const patients = [...new Set(sets.flatMap((set) => set.patients))];
  return {
    patients: patients.slice(0, maxLinkedPatients),
    isKnown: sets.some(({ isKnown }) => isKnown),
    isComplete: patients.length <= maxLinkedPatients && sets.every(({ isComplete }) => isComplete),
  };
}

/** Whether a term of a type can be answered by itself. */
function isSelectiveTerm(type: string, term: SearchTerm): boolean {
  switch (term.kind) {
    case 'criterion':
      return term.isSelective || term.patients !== undefined;
    case 'chain':
      return term.targets.every(
        ({ type: target, term: inner }) =>
          (sharedTypes.has(type) || !sharedTypes.has(target)) && isSelectiveTerm(target, inner),
      );
    case 'has':
      return isSelectiveTerm(term.type, term.term);
  }
}

/** What a chain says of the records themselves; undefined when it leads to too many resources. */
async function follow(deps: FhirDependencies, type: string, term: LinkTerm): Promise<Told | undefined> {
  const definition = { code: term.code };
  if (term.kind === 'has') {
    const referring = await find(deps, term.type, term.term);
    if (referring === undefined) return undefined;
    const keys = [...referencesOf(deps, referring, term.code, type)];
    const criterion = { kind: 'id', ids: keys.map((key) => key.slice(type.length + 1)) } as const;
    return { definition, criterion, isSelective: true };
  }
  const { code, targets } = term;
  const found = await Promise.all(targets.map(({ type: target, term: inner }) => find(deps, target, inner)));
  if (!found.every((documents) => documents !== undefined)) return undefined;
  const documents = found.flat();
  const isAboutPatients = targets.every(({ type: target }) => target === 'Patient');
  const isScope = isAboutPatients && patientCodes.has(code) && documents.length <= maxLinkedPatients;
  return {
    definition,
    criterion: referencesTo(code, documents.map(keyOf), deps.baseUrl),
    isSelective: true,
    ...(isScope ? { patients: documents.map(({ fhirId }) => fhirId) } : {}),
  };
}

async function find(
  deps: FhirDependencies,
  type: string,
  term: SearchTerm,
): Promise<readonly Outline[] | undefined> {
  return collect(deps, await planSearch(deps, type, [term]), maxChained);
}

const keyOf = ({ resourceType, fhirId }: Outline): string => `${resourceType}/${fhirId}`;

/** The records that meet terms which the database cannot be asked. */
async function filterByTerms(
  deps: FhirDependencies,
  type: string,
  documents: readonly Outline[],
  terms: readonly SearchTerm[],
): Promise<readonly Outline[]> {
  let left = documents;
  for (const term of terms) {
    if (left.length === 0) return left;
    if (term.kind === 'criterion') left = left.filter((document) => matches(document, term.criterion));
    else if (term.kind === 'chain') left = await filterByChain(deps, left, term);
    else left = await filterByReferrers(deps, type, left, term);
  }
  return left;
}

async function filterByChain(
  deps: FhirDependencies,
  documents: readonly Outline[],
  { code, targets }: ChainTerm,
): Promise<readonly Outline[]> {
  const met = new Set<string>();
  for (const { type, term } of targets) {
    const keys = referencesOf(deps, documents, code, type);
    if (keys.size > maxCollected) throw tooMany('These refer to more records than can be looked at.');
    const wanted = [...keys].map((key) => ({ type, id: key.slice(type.length + 1) }));
    const referred = await readMany(deps.records, wanted, outlineOf);
    for (const document of await filterByTerms(deps, type, referred, [term])) met.add(keyOf(document));
  }
  return documents.filter((document) =>
    [...referencesOf(deps, [document], code)].some((key) => met.has(key)),
  );
}

/** References that one query asks for. */
const referencesAtOnce = 50;

async function filterByReferrers(
  deps: FhirDependencies,
  type: string,
  documents: readonly Outline[],
  { type: resourceType, code, term }: HasTerm,
): Promise<readonly Outline[]> {
  const met = new Set<string>();
  const own = term.kind === 'criterion' ? [term.criterion] : [];
  for (let start = 0; start < documents.length; start += referencesAtOnce) {
    const keys = documents.slice(start, start + referencesAtOnce).map(keyOf);
    const criterion = allOf([referencesTo(code, keys, deps.baseUrl), ...own]);
    const read = pageById((page) => deps.records.findRecords({ resourceType, criterion }, page));
    const { kept, isComplete } = await readSome(read, maxCollected, outlineOf);
    if (!isComplete) throw tooMany('More records than can be looked at refer to these.');
    const referring = await filterByTerms(deps, resourceType, kept, [term]);
    for (const key of referencesOf(deps, referring, code, type)) met.add(key);
  }
  return documents.filter((document) => met.has(keyOf(document)));
}

/** What records refer to on this server by a parameter, of one type or any, as `Type/id`. */
export function referencesOf(
  { baseUrl }: FhirDependencies,
  documents: readonly Outline[],
  code: string,
  type?: string,
): Set<string> {
  const references = documents.flatMap(({ index }) => index.reference?.[code] ?? []);
  return new Set(
    references.flatMap((text) => {
      const reference = parseReference(text, baseUrl);
      if (reference === undefined || (type !== undefined && reference.type !== type)) return [];
      return [`${reference.type}/${reference.id}`];
    }),
  );
}
