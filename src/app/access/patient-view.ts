/** Who looked at a record, for the patient whose it is and for those who act for them. */
import type { AuditEntry } from '../../core/governance/audit/entry.js';
import type { AccessPolicy } from '../../core/governance/access-policy.js';
import { inPlainWords, type Reader } from '../../core/governance/audit/plain-words.js';
import type { KeptGlass } from '../../core/governance/kept-facts.js';
import { partitionOf } from '../../core/records/ids.js';
import type { AuditStore, ChainKey } from '../../ports/audit-store.js';
import type { GovernanceStore } from '../../ports/governance-store.js';
import { isOwnId } from '../audit/witness.js';
import { searchTrail, type FoundEntry, type SearchPage } from '../audit/search-trail.js';

export interface ViewDependencies {
  readonly audit: AuditStore;
  readonly governance: Pick<GovernanceStore, 'findGlass'>;
  readonly policy: AccessPolicy;
  /** Whether the viewer may see a record: one that is held back from them is not named by its kind either. */
  readonly maySee: (type: string, id: string) => Promise<boolean>;
}

/** Who wants to know. */
export interface Viewer {
  /** Subject of their token. */
  readonly subject: string;
  readonly reader: Reader;
  /** Record ids of the one person whose record it is. */
  readonly patients: readonly string[];
}

/** One access, as the patient is told of it. */
export interface View {
  readonly key: ChainKey;
  readonly sequence: number;
  /** In plain English. */
  readonly text: string;
  /** Name of the organisation; undefined where none is known. */
  readonly organisation: string | undefined;
  /** The entry without what the viewer is not told: who did it, other patients, and records that are held back. */
  readonly entry: AuditEntry;
}

export interface ViewPage {
  readonly views: readonly View[];
  /** Present exactly when there may be more; a page may be short, or empty, all the same. */
  readonly continuation?: string;
}

/** Looks into the trail for one page: of many entries the viewer may be told few. */
const mostRounds = 5;

/** Records of one kind that are looked at to know whether an entry may name it. */
const mostOfKind = 5;

/**
 * Accesses that were done, the newest first.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for a continuation that is none
 */
export async function viewAccesses(
  deps: ViewDependencies,
  viewer: Viewer,
  page: SearchPage,
): Promise<ViewPage> {
  const search = { patients: viewer.patients, outcome: 'done' } as const;
  const remembering = { ...deps, maySee: rememberSeen(deps.maySee) };
  const views: View[] = [];
  let { continuation } = page;
  for (let round = 0; round < mostRounds && views.length < page.limit; round++) {
    const found = await searchTrail(deps, search, { limit: page.limit - views.length, continuation });
    for (const entry of found.entries) {
      const view = await viewOf(remembering, viewer, entry);
      if (view !== undefined) views.push(view);
    }
    ({ continuation } = found);
    if (continuation === undefined) break;
  }
  return { views, ...(continuation === undefined ? {} : { continuation }) };
}

function rememberSeen(maySee: ViewDependencies['maySee']): ViewDependencies['maySee'] {
  const known = new Map<string, Promise<boolean>>();
  return (type, id) => {
    const key = `${type}/${id}`;
    const answer = known.get(key) ?? maySee(type, id);
    known.set(key, answer);
    return answer;
  };
}

/**
 * Undefined for what somebody who acts for the patient is not told: which organisation looked may tell as much as what it
 * saw, so they are told only of accesses to records that they may see themselves, and of no broken glass.
 */
async function viewOf(
  deps: ViewDependencies,
  viewer: Viewer,
  { key, sequence, entry }: FoundEntry,
): Promise<View | undefined> {
  const isOwn = entry.subject === viewer.subject;
  // Who reads this page knows that they do.
  if (isOwn && entry.interaction === 'my-record-views') return undefined;
  const records = await visibleRecords(deps, viewer, entry);
  if (viewer.reader === 'proxy' && records.length === 0) return undefined;
  const glass = await glassOf(deps, viewer, entry);
  const organisationOf = (ods: string) =>
    deps.policy.organisations.find((organisation) => organisation.ods === ods)?.name;
  const text = inPlainWords(entry, {
    reader: viewer.reader,
    isOwn,
    organisationOf,
    types: records.map((record) => record.split('/')[0] ?? ''),
    glassReason: glass?.reason,
  });
  const { organisation } = entry;
  return {
    ...{ key, sequence, text },
    organisation: organisation === undefined ? undefined : organisationOf(organisation),
    entry: {
      ...entry,
      patients: entry.patients.filter((patient) => viewer.patients.includes(patient)),
      records,
      subject: isOwn ? entry.subject : 'not shown',
      ...{ onBehalfOf: undefined, trace: undefined },
      reason: viewer.reader === 'proxy' && entry.reason === 'break-glass' ? 'not-shown' : entry.reason,
    },
  };
}

/** Records of the patient that the viewer may know of, a few of each kind. */
async function visibleRecords(
  { maySee }: ViewDependencies,
  { patients }: Viewer,
  entry: AuditEntry,
): Promise<readonly string[]> {
  const visible: string[] = [];
  const looked = new Map<string, number>();
  for (const record of entry.records) {
    const [, type = '', id = ''] = /^([A-Z][A-Za-z]+)\/([^/]+)/.exec(record) ?? [];
    const count = looked.get(type) ?? 0;
    if (type === '' || count >= mostOfKind || !isAbout(patients, entry, id)) continue;
    looked.set(type, count + 1);
    if (await maySee(type, id)) visible.push(record);
  }
  return visible;
}

/** An id of ours says whose record it is; one that a client made does not, and counts where only one person is concerned. */
const isAbout = (patients: readonly string[], entry: AuditEntry, id: string): boolean =>
  patients.includes(partitionOf(id)) ||
  (!isOwnId(id) && entry.patients.every((patient) => patients.includes(patient)));

async function glassOf(
  { governance }: ViewDependencies,
  { reader, patients }: Viewer,
  { interaction, records, patients: concerned }: AuditEntry,
): Promise<KeptGlass | undefined> {
  const id = records.find((record) => record.startsWith('glass/'))?.slice('glass/'.length);
  const patient = concerned.find((each) => patients.includes(each));
  if (interaction !== 'break-glass' || reader === 'proxy' || id === undefined || patient === undefined)
    return undefined;
  return governance.findGlass(patient, id);
}
