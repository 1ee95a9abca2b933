/** Who is one person is equally restricted, under whichever of their numbers that was said. */
import type { Patient, Resource } from 'fhir/r4.js';
import type { LineageEntry, MappedRecord } from '../core/mapping/types.js';
import { labelsOf, onlyLabels } from '../core/records/labels.js';
import type { CurrentDocument } from '../core/records/types.js';
import type { RecordStore } from '../ports/record-store.js';

/** As many records of one person as readers follow. */
const mostLinked = 20;

/**
 * Adds to the records of a message that links patients, or restricts one, what it means for those whom it does not name:
 * they get the labels, too. Other messages read nothing.
 */
export async function restrictLinked(
  store: RecordStore,
  records: readonly MappedRecord[],
): Promise<readonly MappedRecord[]> {
  const named = new Set(records.filter(isPatient).map(({ resource }) => resource.id));
  const added = new Map<string, MappedRecord>();
  for (const record of records) {
    if (!isPatient(record)) continue;
    const linked = linkedIds(record.resource);
    if (linked.length === 0 && labelsOf(record.resource).length === 0) continue;
    const documents = await readLinkSet(store, [record.resource.id, ...linked]);
    const labels = [record.resource, ...documents.map(({ resource }) => resource)].flatMap(labelsOf);
    const codes = new Map(labels.map((label) => [`${label.system ?? ''}|${label.code ?? ''}`, label]));
    if (codes.size === 0) continue;
    for (const { fhirId, partition, resource } of documents) {
      if (named.has(fhirId)) continue;
      added.set(fhirId, {
        partition,
        resource: onlyLabels(resource, [...codes.values()]),
        mode: 'create',
        removed: [],
        lineage: reasonOf(record, fhirId),
      });
    }
  }
  return added.size === 0 ? records : [...records, ...added.values()];
}

type PatientRecord = MappedRecord & { readonly resource: Patient & { id: string } };

const isPatient = (record: MappedRecord): record is PatientRecord =>
  record.resource.resourceType === 'Patient';

function linkedIds(resource: Resource): string[] {
  const { link = [] } = resource as Patient;
  return link.flatMap(({ type, other: { reference = '' } }) => {
    const [name, id] = reference.split('/');
    return type === 'refer' || name !== 'Patient' || id === undefined ? [] : [id];
  });
}

/** Those of one person who are stored. */
async function readLinkSet(store: RecordStore, from: readonly string[]): Promise<CurrentDocument[]> {
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

/** A label follows from what the message says of whom it names: their own label, else the link. */
function reasonOf({ lineage }: MappedRecord, id: string): LineageEntry[] {
  const reason =
    lineage.find(({ element }) => element.startsWith('Patient.meta.security')) ??
    lineage.find(({ element }) => element.startsWith('Patient.link'));
  return reason === undefined
    ? []
    : [{ ...reason, resource: `Patient/${id}`, element: 'Patient.meta.security' }];
}
