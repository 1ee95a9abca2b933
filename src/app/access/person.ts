/** The Patients who are one person: what is known of one of them concerns the others (FHIR R4 section 8.1.4, Patient.link). */
import type { CurrentDocument, HistoryDocument } from '../../core/records/types.js';
import { linkedIds } from '../fhir/link-set.js';
import type { AccessDependencies } from './access-dependencies.js';

/** Patients of one person that are looked up; of whoever is linked with more nobody knows all that is to be known. */
export const mostOfPerson = 200;

/**
 * What a Patient says, of one who was deleted what they said last; a deletion of which nothing can be read any more says
 * nothing, and undefined is nobody who was ever stated.
 */
export type Said = HistoryDocument | undefined;

/** Who is linked to a patient, directly or through others. */
export interface Person {
  /** The Patient themselves, and what they say. */
  readonly self: Said;
  /** What the other Patients say, also where only one side says so: what holds back one holds back all. */
  readonly others: ReadonlyMap<string, Said>;
  /**
   * Those of them who say so themselves, from one to the next: what opens one opens the others. Whoever links a patient of
   * their own to somebody gains nothing by it.
   */
  readonly joined: readonly string[];
  /** False when there are more than were looked up. */
  readonly isComplete: boolean;
}

const nobodyElse: Person['others'] = new Map();

/** Follows the links of a patient; of one who stands and has none it asks for nothing. */
export function readPerson(
  deps: Pick<AccessDependencies, 'records' | 'baseUrl'>,
  id: string,
  patient: CurrentDocument | undefined,
): Person | Promise<Person> {
  const isAlone = patient !== undefined && linksOf(deps, patient).length === 0;
  return isAlone
    ? { self: patient, others: nobodyElse, joined: [], isComplete: true }
    : followLinks(deps, id, patient);
}

async function followLinks(
  deps: Pick<AccessDependencies, 'records' | 'baseUrl'>,
  id: string,
  patient: CurrentDocument | undefined,
): Promise<Person> {
  const self = patient ?? (await readSaid(deps, id));
  const links = new Map([[id, linksOf(deps, self)]]);
  const others = new Map<string, Said>();
  let isComplete = true;
  for (let next = unknown(links); next.length > 0; next = unknown(links)) {
    const room = mostOfPerson - links.size;
    isComplete = next.length <= room;
    const ids = next.slice(0, room);
    const read = await Promise.all(ids.map((each) => readSaid(deps, each)));
    for (const [at, each] of ids.entries()) {
      others.set(each, read[at]);
      links.set(each, linksOf(deps, read[at]));
    }
    if (!isComplete) break;
  }
  // Who was deleted leads on to whom they were linked to, and opens none of them.
  const stands = (each: string): boolean => (each === id ? self : others.get(each))?.kind === 'resource';
  const standing = new Map([...links].filter(([each]) => stands(each)));
  return { self, others, joined: joinedTo(id, standing), isComplete };
}

async function readSaid({ records }: Pick<AccessDependencies, 'records'>, id: string): Promise<Said> {
  const latest = await records.readLatest('Patient', id);
  if (latest?.kind !== 'deleted') return latest;
  return (await records.readVersion('Patient', id, latest.versionId - 1)) ?? latest;
}

const linksOf = ({ baseUrl }: Pick<AccessDependencies, 'baseUrl'>, said: Said): readonly string[] =>
  said === undefined || said.kind === 'deleted' ? [] : linkedIds(said.resource, baseUrl);

type Links = ReadonlyMap<string, readonly string[]>;

const unknown = (links: Links): string[] =>
  [...new Set([...links.values()].flat())].filter((id) => !links.has(id));

/** Those who are reached by links that both sides state. */
function joinedTo(id: string, links: Links): string[] {
  const joined = new Set([id]);
  for (const each of joined)
    for (const other of links.get(each) ?? [])
      if (links.get(other)?.includes(each) === true) joined.add(other);
  joined.delete(id);
  return [...joined];
}
