/**
 * What governs records, in the `governance` container. What is known of a patient stands in one document of theirs, which
 * is one point read for each request; what was said of them, and the glass that was broken, are documents beside it.
 */
import type { Container, OperationInput, SqlParameter } from '@azure/cosmos';
import { ExchangeError } from '../../core/errors.js';
import {
  nothingKept,
  withAnswer,
  withProxy,
  withRelationship,
  type GlassReview,
  type KeptFacts,
  type KeptGlass,
  type Registered,
} from '../../core/governance/kept-facts.js';
import {
  placeOfGlass,
  type GlassPage,
  type GlassPageRequest,
  type GlassSearch,
  type GovernanceStore,
} from '../../ports/governance-store.js';
import { callCosmos, statusOf } from './errors.js';
import { fetchAll } from './query.js';
import { callBatch } from './throttling.js';

/** Beyond these one query is cheaper than point reads side by side. */
const maxPointReads = 5;
/** Patients that one query names. */
const patientsAtOnce = 200;
/** Whoever loses to other writers this often meets a fault, not a race. */
const maxAttempts = 20;
/** Somebody else came first. */
const conflicts = new Set([404, 409, 412]);

interface FactsDocument extends KeptFacts {
  readonly id: 'facts';
  readonly kind: 'facts';
  readonly patient: string;
}

interface GlassDocument extends KeptGlass {
  readonly kind: 'glass';
  /** `placeOfGlass`: the order of search results. */
  readonly place: string;
  readonly isReviewed: boolean;
}

type Tagged<T> = T & { readonly _etag: string };

/** What governs records, on Azure Cosmos DB for NoSQL. */
export function createCosmosGovernanceStore(container: Container): GovernanceStore {
  return {
    factsOf: (patients) => factsOf(container, patients),
    saveOptOut: (patient, answer) => change(container, patient, (facts) => withAnswer(facts, answer)),
    saveRelationship: (patient, said) =>
      change(container, patient, (facts) => withRelationship(facts, said), { kind: 'relationship', said }),
    saveProxy: (patient, said) =>
      change(container, patient, (facts) => withProxy(facts, said), { kind: 'proxy', said }),
    glassOf: async (subject, patient, organisation) =>
      (await searchGlass(container, { subject, patient, organisation }, { limit: 1 })).glass[0],
    findGlass: async (patient, id) => {
      const stored = await readGlass(container, patient, id);
      return stored && toGlass(stored);
    },
    saveGlass: async (glass) => {
      await callCosmos(() => container.items.create(glassDocument(glass)));
    },
    searchGlass: (search, page) => searchGlass(container, search, page),
    reviewGlass: (patient, id, review) => reviewGlass(container, patient, id, review),
  };
}

const toFacts = ({ optOut, relationships, proxies }: KeptFacts): KeptFacts => ({
  ...{ optOut, relationships, proxies },
});

async function factsOf(container: Container, patients: readonly string[]): Promise<readonly KeptFacts[]> {
  const different = [...new Set(patients)];
  const read = different.length > maxPointReads ? queryFacts : readFacts;
  const known = new Map((await read(container, different)).map((facts) => [facts.patient, toFacts(facts)]));
  return patients.map((patient) => known.get(patient) ?? nothingKept);
}

async function readFacts(container: Container, patients: readonly string[]): Promise<FactsDocument[]> {
  const read = await Promise.all(patients.map((patient) => readOwn(container, patient)));
  return read.filter((facts) => facts !== undefined);
}

async function queryFacts(container: Container, patients: readonly string[]): Promise<FactsDocument[]> {
  const found: FactsDocument[] = [];
  for (let from = 0; from < patients.length; from += patientsAtOnce) {
    const values = patients.slice(from, from + patientsAtOnce);
    const parameters = values.map((value, i): SqlParameter => ({ name: `@p${i}`, value }));
    const names = parameters.map(({ name }) => name).join(', ');
    const query = `SELECT * FROM c WHERE c.kind = 'facts' AND c.patient IN (${names})`;
    found.push(
      ...(await fetchAll<FactsDocument>(container, { query, parameters }, { maxItemCount: patientsAtOnce })),
    );
  }
  return found;
}

async function readOwn(container: Container, patient: string): Promise<Tagged<FactsDocument> | undefined> {
  const { resource } = await callCosmos(() => container.item('facts', patient).read<Tagged<FactsDocument>>());
  return resource;
}

/** What somebody said: kept as it was, whatever is said later. */
interface Statement {
  readonly kind: 'relationship' | 'proxy';
  readonly said: Registered;
}

async function change(
  container: Container,
  patient: string,
  next: (facts: KeptFacts) => KeptFacts,
  statement?: Statement,
): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const stored = await readOwn(container, patient);
    const facts = next(stored === undefined ? nothingKept : toFacts(stored));
    const operations = [
      writeOf({ id: 'facts', kind: 'facts', patient, ...facts }, stored?._etag),
      ...(statement === undefined ? [] : [keep(patient, statement)]),
    ];
    const { code, result = [] } = await callBatch((options) =>
      container.items.batch(operations, patient, options),
    );
    if (code === 200) return;
    // 424 marks the operations that only went down with another one.
    const cause = result
      .map(({ statusCode }) => statusCode)
      .find((status) => status >= 400 && status !== 424);
    if (cause === undefined || !conflicts.has(cause))
      throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', {
        detail: `Cosmos DB batch status ${cause ?? code ?? 500}`,
      });
  }
  throw new ExchangeError('HDE_CONCURRENT_UPDATE');
}

// The SDK's JSON types know no readonly arrays; the documents are plain JSON.
const writeOf = (document: FactsDocument, etag: string | undefined): OperationInput =>
  etag === undefined
    ? { operationType: 'Create', resourceBody: document as never }
    : { operationType: 'Replace', id: document.id, resourceBody: document as never, ifMatch: etag };

const keep = (patient: string, { kind, said }: Statement): OperationInput => ({
  operationType: 'Upsert',
  resourceBody: { ...said, id: `${kind}.${said.id}.${said.at}`, kind, patient } as never,
});

const glassDocument = (glass: KeptGlass): GlassDocument => ({
  ...glass,
  kind: 'glass',
  place: placeOfGlass(glass),
  isReviewed: glass.review !== undefined,
});

const toGlass = (document: KeptGlass): KeptGlass => {
  const { id, patient, subject, organisation, reason, openedAt, review } = document;
  return { id, patient, subject, organisation, reason, openedAt, review };
};

async function searchGlass(
  container: Container,
  search: GlassSearch,
  { limit, continuation }: GlassPageRequest,
): Promise<GlassPage> {
  const { patient, subject, organisation, isReviewed, from, to } = search;
  const conditions = [
    { left: 'c.kind =', value: 'glass' },
    { left: 'c.patient =', value: patient },
    { left: 'c.subject =', value: subject },
    { left: 'c.organisation =', value: organisation },
    { left: 'c.isReviewed =', value: isReviewed },
    // An instant is less than every place within it, so both bounds are compared as they are.
    { left: 'c.place >=', value: from === undefined ? undefined : new Date(from).toISOString() },
    { left: 'c.place <', value: to === undefined ? undefined : new Date(to).toISOString() },
    { left: 'c.place <', value: continuation },
  ].filter(({ value }) => value !== undefined);
  const parameters = conditions.map(({ value }, i): SqlParameter => ({ name: `@p${i}`, value: value ?? '' }));
  const where = conditions.map(({ left }, i) => `${left} @p${i}`).join(' AND ');
  const query = `SELECT TOP ${limit + 1} * FROM c WHERE ${where} ORDER BY c.place DESC`;
  const scope = { partition: patient, maxItemCount: limit + 1 };
  const found = await fetchAll<GlassDocument>(container, { query, parameters }, scope);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isMore = found.length > limit && last !== undefined;
  return { glass: page.map(toGlass), ...(isMore ? { continuation: last.place } : {}) };
}

async function readGlass(
  container: Container,
  patient: string,
  id: string,
): Promise<Tagged<GlassDocument> | undefined> {
  const { resource } = await callCosmos(() => container.item(id, patient).read<Tagged<GlassDocument>>());
  return resource?.kind === 'glass' ? resource : undefined;
}

async function reviewGlass(
  container: Container,
  patient: string,
  id: string,
  review: GlassReview,
): Promise<KeptGlass | undefined> {
  const stored = await readGlass(container, patient, id);
  if (stored === undefined || stored.isReviewed) return stored && toGlass(stored);
  const reviewed = glassDocument({ ...toGlass(stored), review });
  const accessCondition = { type: 'IfMatch', condition: stored._etag };
  try {
    await callCosmos(() => container.item(id, patient).replace(reviewed, { accessCondition }));
    return toGlass(reviewed);
  } catch (error) {
    // Nothing changes a glass but its first review: somebody else has made it.
    if (statusOf(error) !== 412) throw error;
    return reviewGlass(container, patient, id, review);
  }
}
