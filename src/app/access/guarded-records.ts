/** The records as one request may see them: whatever reads them passes the access policy. */
import { ExchangeError } from '../../core/errors.js';
import { withoutExclusions } from '../../core/fhir/search/criteria.js';
import { indexResource } from '../../core/fhir/search-index.js';
import { matches } from '../../core/fhir/search/match.js';
import { countWithin } from '../../core/fhir/weight.js';
import type { Interaction } from '../../core/governance/access-vocabulary.js';
import type { Decision } from '../../core/governance/decision-reasons.js';
import { redactLocation } from '../../core/governance/redact-location.js';
import { placeKey } from '../../core/records/ids.js';
import type { CurrentDocument, HistoryDocument } from '../../core/records/types.js';
import type { PageRequest, RecordStore, SearchPage } from '../../ports/record-store.js';
import type { RequestAccess } from './request-access.js';

/** Documents that one read looks at before it gives up: among many that are denied, few that are not are hard to find. */
const mostLookedAt = 20_000;

/** Versions that a store lists at once. */
const mostVersions = 100;

/** Documents that are read at once where some may be denied. */
const chunk = 500;

/**
 * A store that lets out what the policy permits, redacted where it says so. Its pages are full while there is more, so
 * that they do not tell how much was denied. It is for reading only.
 */
export function guardedRecords(
  records: RecordStore,
  access: RequestAccess,
  interaction: Interaction,
): RecordStore {
  const { letOut, one } = lettingOut(access, interaction);
  const page = pageOfVisible(letOut);
  return {
    // What readers do not ask for. Each is written down here: to spread them costs a read three microseconds.
    load: refuse,
    commit: refuse,
    listStaged: refuse,
    listGoverning: refuse,
    whereStated: refuse,
    listReceipts: refuse,
    findEffects: refuse,
    // It writes. Nothing follows for the store from what a reader is told.
    catchUp: () => Promise.resolve(),
    readCurrent: (...place) => one(records.readCurrent(...place)),
    readLatest: (...place) => one(records.readLatest(...place)),
    readVersion: (...place) => one(records.readVersion(...place)),
    loadCurrent: async (partition, ids) => {
      const found = await letOut([...(await records.loadCurrent(partition, ids)).values()]);
      return new Map(found.map((document) => [document.id, document]));
    },
    listVersions: (type, id, { limit, before }, partition) =>
      historyOfVisible(letOut, limit, async (size, last) => {
        const from = last?.versionId ?? before;
        const wanted = { limit: size, ...(from === undefined ? {} : { before: from }) };
        return records.listVersions(type, id, wanted, partition);
      }),
    listHistory: (type, { limit, since, after }) =>
      historyOfVisible(letOut, limit, async (size, last) => {
        const from = last === undefined ? after : { lastUpdated: last.lastUpdated, id: last.id };
        return records.listHistory(type, {
          limit: size,
          ...(since === undefined ? {} : { since }),
          ...(from === undefined ? {} : { after: from }),
        });
      }),
    findRecords: (search, request) => {
      // What is left out of a record must neither find it nor exclude it.
      const { mayRedact } = access;
      const wider = mayRedact ? { ...search, criterion: withoutExclusions(search.criterion) } : search;
      return page(
        (next) => records.findRecords(wider, next),
        request,
        (document) => matches(document, search.criterion),
      );
    },
    findByIdentifier: (type, token, request) =>
      page(
        (next) => records.findByIdentifier(type, token, next),
        request,
        ({ index }) => index.identifier.includes(token),
      ),
    listPartition: (partition, type, request) =>
      page((next) => records.listPartition(partition, type, next), request),
  };
}

/** Shows documents that the policy permits. */
function lettingOut(access: RequestAccess, interaction: Interaction) {
  const show = <T extends HistoryDocument>(document: T, decision: Decision | undefined): T | undefined => {
    if (decision?.outcome !== 'permit') return undefined;
    const isRedacted = decision.obligations.includes('redact-location');
    const shown = isRedacted ? redacted(document) : document;
    access.show(shown, isRedacted);
    return shown;
  };
  const letOut = async <T extends HistoryDocument>(documents: readonly T[]): Promise<T[]> => {
    const decisions = await access.decide(interaction, documents);
    return documents.flatMap((document, index) => show(document, decisions[index]) ?? []);
  };
  const one = async <T extends HistoryDocument>(reading: Promise<T | undefined>): Promise<T | undefined> => {
    const document = await reading;
    return document && show(document, (await access.decide(interaction, [document]))[0]);
  };
  return { letOut, one };
}

function redacted<T extends HistoryDocument>(document: T): T {
  if (document.kind === 'deleted') return { ...document };
  const resource = redactLocation(document.resource);
  return document.kind === 'version'
    ? { ...document, resource }
    : { ...document, resource, index: indexResource(resource) };
}

type LetOut = <T extends HistoryDocument>(documents: readonly T[]) => Promise<T[]>;

/** Reads on until a page is full of what is let out; it has a continuation exactly when there is more of that. */
const pageOfVisible =
  (letOut: LetOut) =>
  async (
    read: (page: PageRequest) => Promise<SearchPage>,
    { limit, continuation, room }: PageRequest,
    isFound: (document: CurrentDocument) => boolean = () => true,
  ): Promise<SearchPage> => {
    const found: CurrentDocument[] = [];
    const bounds = room === undefined ? {} : { room };
    let size = limit + 1;
    let looked = 0;
    let most = limit;
    for (let from = continuation; ;) {
      const place = from === undefined ? bounds : { ...bounds, continuation: from };
      const next = await read({ limit: size, ...place });
      found.push(...(await letOut(next.documents)).filter(isFound));
      // What one read gives there is room for; what was let out of several is weighed.
      if (looked > 0 && room !== undefined) most = Math.min(limit, countWithin(found, room));
      looked += next.documents.length;
      if (found.length > most || next.continuation === undefined) break;
      if (looked > mostLookedAt) throw tooMany();
      from = next.continuation;
      // Of a page for which there was no more room it is only to be known whether it is the last one.
      const isCut = found.length > 0 && next.documents.length < size;
      size = isCut ? 1 : Math.max(size, chunk);
    }
    const documents = found.slice(0, most);
    const last = documents.at(-1);
    return found.length > most && last !== undefined
      ? { documents, continuation: placeKey(last) }
      : { documents };
  };

/** The same of a history, which is read to its end when a page is not full. */
async function historyOfVisible(
  letOut: LetOut,
  limit: number,
  read: (size: number, last: HistoryDocument | undefined) => Promise<readonly HistoryDocument[]>,
): Promise<readonly HistoryDocument[]> {
  const found: HistoryDocument[] = [];
  let size = limit;
  let looked = 0;
  for (let last: HistoryDocument | undefined; ;) {
    const next = await read(size, last);
    found.push(...(await letOut(next)));
    looked += next.length;
    last = next.at(-1);
    // Where nothing was denied, a page that is not full is the last one.
    const isLast = last === undefined || (next.length < size && found.length === looked);
    if (found.length >= limit || isLast) return found.slice(0, limit);
    if (looked > mostLookedAt) throw tooMany();
    size = Math.max(limit, Math.min(size * 2, mostVersions));
  }
}

const tooMany = (): ExchangeError =>
  new ExchangeError('HDE_SEARCH_UNSELECTIVE', { detail: 'Give more criteria.' });

const refuse = (): never => {
  throw new Error('guarded records are for reading');
};
