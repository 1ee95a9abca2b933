/** Stores with known records, and requests to the FHIR API over them. */
import type { Bundle, Resource } from 'fhir/r4.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { type FhirAnswer } from '../../../src/app/fhir/fhir-answer.js';
import { handleFhirRequest } from '../../../src/app/fhir/handle-fhir-request.js';
import { indexResource } from '../../../src/core/fhir/search-index.js';
import { currentId, partitionOf, replacedId } from '../../../src/core/records/ids.js';
import type { CurrentDocument, RecordDocument, VersionDocument } from '../../../src/core/records/types.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { findingPlaces } from '../../../src/app/fhir/record-places.js';
import { createTurns, type InTurn } from '../../../src/app/in-turn.js';
import type { RequestAccess } from '../../../src/app/access/request-access.js';
import type { IdentityStore } from '../../../src/ports/identity-store.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { anAccess } from '../../support/access.js';

export const baseUrl = 'https://hde.example/fhir';
export const mrn = 'https://trust.example/id/mrn';

type Fields = Readonly<Record<string, unknown>>;

/** `aResource('Encounter/p.e', { status: 'finished' })`. */
export function aResource(reference: string, fields: Fields = {}): Resource & { id: string } {
  const [resourceType = '', id = ''] = reference.split('/');
  return { resourceType, id, ...fields };
}

/** A patient with an MRN and links such as `{ replaces: 'other' }`. */
export function aPatient(
  id: string,
  { value, links = {} }: { value?: string; links?: Record<string, string> } = {},
): Resource & { id: string } {
  const link = Object.entries(links).map(([type, other]) => ({
    other: { reference: `Patient/${other}` },
    type,
  }));
  return aResource(`Patient/${id}`, {
    ...(value === undefined ? {} : { identifier: [{ system: mrn, value }] }),
    ...(link.length === 0 ? {} : { link }),
  });
}

/** The document of a resource as a commit writes it. */
export function asCurrent(resource: Resource & { id: string }, versionId = 1): CurrentDocument {
  const { resourceType, id } = resource;
  const lastUpdated = `2026-11-25T09:00:0${versionId}.500Z`;
  return {
    id: currentId(resourceType, id),
    kind: 'resource',
    partition: partitionOf(id),
    resourceType,
    fhirId: id,
    versionId,
    lastUpdated,
    eventTime: lastUpdated,
    source: { messageId: 'm1', feed: 'rzz-tie', pack: { name: 'hl7v2-uk', version: '1.0.0' } },
    resource: { ...resource, meta: { versionId: String(versionId), lastUpdated } },
    lineage: { messages: [], rows: [] },
    index: indexResource(resource),
  };
}

/** The document of a version that was replaced. */
export function asVersion(resource: Resource & { id: string }, versionId: number): VersionDocument {
  const { index: _index, ...stored } = asCurrent(resource, versionId);
  return { ...stored, id: replacedId(resource.resourceType, resource.id, versionId), kind: 'version' };
}

/** Adds documents to a store. */
export async function store(records: RecordStore, ...documents: RecordDocument[]): Promise<void> {
  for (const document of documents) {
    const outcome = await records.commit(document.partition, [{ kind: 'create', document }]);
    if (outcome !== 'committed') throw new Error(`${document.id} is there already`);
  }
}

/** A store that holds the first version of these resources. */
export async function aStoreWith(...resources: (Resource & { id: string })[]): Promise<RecordStore> {
  const records = createMemoryRecordStore();
  await store(records, ...resources.map((resource) => asCurrent(resource)));
  return records;
}

/** Texts among the arguments of a call, and where it searches for what: `p Observation`, `* Patient`. */
function namesIn(argument: unknown): string[] {
  if (typeof argument === 'string') return [argument];
  const { resourceType, partition = '*' } = (argument ?? {}) as Partial<Record<string, string>>;
  return resourceType === undefined ? [] : [partition, resourceType];
}

/** What the access policy asks for; test/app/access says how often. */
const askedByPolicy: ReadonlySet<string | symbol> = new Set(['listGoverning', 'whereStated']);

/** The store with a list of the calls made to it, such as `listPartition p`. */
export function observe(records: RecordStore): { records: RecordStore; calls: string[] } {
  const calls: string[] = [];
  const observed = new Proxy(records, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || askedByPolicy.has(name)) return method;
      return (...args: unknown[]): unknown => {
        calls.push([name, ...args.flatMap(namesIn)].join(' '));
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { records: observed, calls };
}

export const identitySecret = 'a secret that only this test knows';

/** What a test asks the API over. */
export interface Api {
  readonly records: RecordStore;
  readonly identities: IdentityStore;
  /** Of a process of its own; default: one for all. */
  readonly inTurn?: InTurn;
}

/** A request: `{ method: 'PUT', target: 'Patient/a', body }`. */
export interface Asked {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Resource | readonly object[];
  /** Whether the client may read, too; it may by default. */
  readonly mayRead?: boolean;
  /** Whether the client may write; asked for each entry of a Bundle. */
  readonly mayWrite?: boolean;
  /** Who asks; default a system of the trust whose records all of them are. */
  readonly access?: (records: RecordStore) => RequestAccess;
  /** The body of a search by POST. */
  readonly form?: string;
  /** Default: a minute later than the request before. */
  readonly now?: () => Date;
  /** What the ids of new records follow from; default: one that no other request has. */
  readonly requestId?: string;
}

let requests = 0;
const oneProcess = createTurns();

/** Sends a request to the FHIR API over stores; each is of the client `app-7` and a minute later than the one before. */
export function send({ records, identities, inTurn = oneProcess }: Api, asked: Asked): Promise<FhirAnswer> {
  const { method = 'GET', target, headers = {}, body, form, now, mayRead = true, mayWrite = true } = asked;
  const [path = '', query = ''] = target.split('?');
  const request = ++requests;
  const { requestId = `request-${request}` } = asked;
  const places = { identities, identitySecret };
  const found = findingPlaces(records, places);
  const access = (asked.access ?? anAccess)(found);
  return handleFhirRequest(
    {
      ...places,
      records: found,
      clock: { now: now ?? (() => new Date(Date.UTC(2026, 10, 26, 9, request))) },
      inTurn,
      baseUrl,
      software: { name: 'Exchange', version: '1.0.0' },
    },
    {
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'content-type': 'application/fhir+json', ...headers },
      writer: { client: 'app-7', requestId, access, mayRead, mayWrite },
      readBytes: () => Promise.resolve(Buffer.from(form ?? JSON.stringify(body ?? null))),
    },
  );
}

/** `ask(records, 'Patient?_id=a')`. */
export function ask(
  records: RecordStore,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<FhirAnswer> {
  return send({ records, identities: createMemoryIdentityStore() }, { method, target, headers });
}

/** The Bundle that answers a search. */
export async function search(
  records: RecordStore,
  target: string,
  headers: Record<string, string> = {},
): Promise<Bundle> {
  return (await ask(records, target, headers)).resource as Bundle;
}

/** `Type/id` of the entries with this mode, in order. */
export function entriesOf({ entry = [] }: Bundle, mode: 'match' | 'include' | 'outcome' = 'match'): string[] {
  return entry
    .filter(({ search: how }) => how?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`);
}

/** The address of a link below the base. */
export function linkOf(bundle: Bundle, relation: 'self' | 'next'): string | undefined {
  return bundle.link?.find((link) => link.relation === relation)?.url.slice(baseUrl.length + 1);
}

/** Follows the next links to the end; `between` runs before each further page. */
export async function pagesOf(
  records: RecordStore,
  target: string,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<Bundle[]> {
  const bundles: Bundle[] = [];
  for (let next: string | undefined = target; next !== undefined;) {
    if (bundles.length > 1000) throw new Error('the pages do not end');
    if (bundles.length > 0) await between();
    const bundle: Bundle = await search(records, next);
    bundles.push(bundle);
    next = linkOf(bundle, 'next');
  }
  return bundles;
}
