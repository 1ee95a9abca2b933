/** Who is one person is equally restricted and has the same allergies, under whichever of their numbers that was said. */
import type { Patient, Resource } from 'fhir/r4.js';
import type { Issue } from '../core/errors.js';
import type { LineageEntry, MappedRecord } from '../core/mapping/types.js';
import { labelsOf, onlyLabels } from '../core/records/labels.js';
import { aboutAllergies, CONTRADICTED, refuteLinked } from '../core/records/settle-allergies.js';
import type { CurrentDocument } from '../core/records/types.js';
import type { RecordStore } from '../ports/record-store.js';
import { listRecords } from './settle-records.js';

/** As many records of one person as readers follow. */
const mostLinked = 20;

/** What a message means for the other numbers of its people. */
export interface Agreement {
  /** What is to be changed, besides what the message states. */
  readonly records: readonly MappedRecord[];
  /** Stored allergies, and statements that there are none, of people with several numbers. */
  readonly allergies: readonly CurrentDocument[];
  readonly issues: readonly Issue[];
}

/**
 * Finds what a message that links patients, restricts one or states an allergy means beside what is stored under other
 * numbers of these people: all get the labels, and what an allergy of one contradicts is refuted. Other messages read
 * nothing; those about somebody with one number read the patient.
 *
 * It is asked twice. Before the commit, so that what follows from a message goes with it. After it, because no batch
 * spans two partitions: of two messages that write at the same moment the later one then sees what both stated. It does
 * wherever they were processed, because each catches up with the partitions of the other (docs/adr/0020).
 *
 * @param isCommitted whether the records of the message are stored: what it states counts as stored then
 */
export async function agreeWithLinked(
  store: RecordStore,
  records: readonly MappedRecord[],
  isCommitted: boolean,
): Promise<Agreement> {
  const agreements: Agreement[] = [];
  const asked = new Set<string>();
  for (const record of records) {
    if (!isPatient(record) || asked.has(record.resource.id)) continue;
    const own = records.filter(({ partition }) => partition === record.partition);
    const linked = linkedIds(record.resource);
    const isAllergic = linked.length > 0 || aboutAllergies(own);
    if (!isAllergic && labelsOf(record.resource).length === 0) continue;
    const people = await readLinkSet(isCommitted ? caughtUp(store, records) : store, [
      record.resource.id,
      ...linked,
    ]);
    for (const { fhirId } of people) asked.add(fhirId);
    const ids = new Set([record.resource.id, ...linked, ...people.map(({ fhirId }) => fhirId)]);
    if (ids.size === 1) continue;
    const stated = isCommitted ? [] : records;
    const allergies = isAllergic ? await listRecords(store, ids, ['AllergyIntolerance']) : [];
    const refuted = refuteLinked(stated, allergies, reasonOf(record));
    agreements.push({
      records: [...restrict(record, people, stated), ...refuted],
      allergies,
      issues: refuted.filter(({ resource }) => isStatedBy(own, resource.id)).map(() => CONTRADICTED),
    });
  }
  return {
    records: agreements.flatMap((each) => each.records),
    allergies: agreements.flatMap((each) => each.allergies),
    issues: agreements.flatMap((each) => each.issues),
  };
}

type PatientRecord = MappedRecord & { readonly resource: Patient & { id: string } };

const isPatient = (record: MappedRecord): record is PatientRecord =>
  record.resource.resourceType === 'Patient';

const isStatedBy = (records: readonly MappedRecord[], id: string): boolean =>
  records.some(({ resource }) => resource.id === id);

/** Those of one person who lack a label that another one has. Whom the message states gets them as it is committed. */
function restrict(
  record: PatientRecord,
  people: readonly CurrentDocument[],
  stated: readonly MappedRecord[],
): MappedRecord[] {
  const all = [record.resource, ...people.map(({ resource }) => resource)].flatMap(labelsOf);
  const labels = new Map(all.map((label) => [`${label.system ?? ''}|${label.code ?? ''}`, label]));
  return people
    .filter(({ fhirId, resource }) => !isStatedBy(stated, fhirId) && labelsOf(resource).length < labels.size)
    .map(({ fhirId, partition, resource }) => ({
      partition,
      resource: onlyLabels(resource, [...labels.values()]),
      mode: 'create' as const,
      removed: [],
      lineage: labelLineage(record, fhirId),
    }));
}

function linkedIds(resource: Resource): string[] {
  const { link = [] } = resource as Patient;
  return link.flatMap(({ type, other: { reference = '' } }) => {
    const [name, id] = reference.split('/');
    return type === 'refer' || name !== 'Patient' || id === undefined ? [] : [id];
  });
}

/**
 * A store that looks at no partition before it has caught up with it: what a message of another process has stated there is
 * seen by one of the two that were committed at the same moment. A message about one person has just written theirs.
 */
function caughtUp(store: RecordStore, committed: readonly MappedRecord[]): Pick<RecordStore, 'readCurrent'> {
  const written = new Set(committed.filter(isPatient).map(({ partition }) => partition));
  return {
    async readCurrent(type, id) {
      if (written.size > 1 || !written.has(id)) await store.catchUp(id);
      return store.readCurrent(type, id);
    },
  };
}

/** Those of one person who are stored. */
async function readLinkSet(
  store: Pick<RecordStore, 'readCurrent'>,
  from: readonly string[],
): Promise<CurrentDocument[]> {
  const ids = new Set(from);
  const documents: CurrentDocument[] = [];
  for (let frontier = [...ids]; frontier.length > 0 && ids.size <= mostLinked;) {
    const found = await Promise.all(frontier.map((id) => store.readCurrent('Patient', id)));
    const known = found.filter((document) => document !== undefined);
    documents.push(...known);
    frontier = [...new Set(known.flatMap(({ resource }) => linkedIds(resource)))].filter(
      (id) => !ids.has(id),
    );
    for (const id of frontier) ids.add(id);
  }
  return documents;
}

const reasonOf = ({ lineage }: PatientRecord): LineageEntry | undefined =>
  lineage.find(({ element }) => element.startsWith('Patient.link'));

/** A label follows from what the message says of whom it names: their own label, else the link. */
function labelLineage(record: PatientRecord, id: string): LineageEntry[] {
  const own = record.lineage.find(({ element }) => element.startsWith('Patient.meta.security'));
  const reason = own ?? reasonOf(record);
  return reason === undefined
    ? []
    : [{ ...reason, resource: `Patient/${id}`, element: 'Patient.meta.security' }];
}
