/** Documents that others replace. */
import type { DocumentReference, Resource } from 'fhir/r4.js';
import { replacedBy, withoutSuccession } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { partitionOf } from './ids.js';

/**
 * Adds what a message says by the way: a document that another one replaces is superseded. Its record may be stored or
 * come later.
 */
export function withSuperseded(records: readonly MappedRecord[]): readonly MappedRecord[] {
  return records.some(({ removed }) => replacedBy(removed) !== undefined)
    ? records.flatMap((record) => replace(record, replacedBy(record.removed)))
    : records;
}

function replace(record: MappedRecord, reference: string | undefined): readonly MappedRecord[] {
  const { resource } = record;
  const id = reference?.split('/')[1];
  if (reference === undefined || id === undefined || !isDocument(resource)) return [record];
  const relatesTo = resource.relatesTo?.map((relation) =>
    relation.code === 'replaces' ? { ...relation, target: { reference, ...relation.target } } : relation,
  );
  const replacement = { ...resource, ...(relatesTo === undefined ? {} : { relatesTo }) };
  return [
    { ...record, resource: replacement, removed: withoutSuccession(record.removed) },
    supersede(resource, record, id),
  ];
}

const isDocument = (resource: Resource): resource is DocumentReference & { id: string } =>
  resource.resourceType === 'DocumentReference';

function supersede(
  { relatesTo = [], subject, meta }: DocumentReference,
  { lineage }: MappedRecord,
  id: string,
): MappedRecord {
  const number = relatesTo.find(({ code }) => code === 'replaces')?.target.identifier;
  const resource = {
    resourceType: 'DocumentReference',
    id,
    ...(meta?.profile === undefined ? {} : { meta: { profile: meta.profile } }),
    ...(number === undefined ? {} : { masterIdentifier: number, identifier: [number] }),
    status: 'superseded',
    ...(subject === undefined ? {} : { subject }),
  } as const;
  const source = lineage.find(({ element }) => element.startsWith('DocumentReference.relatesTo'));
  const entries = ['status', 'masterIdentifier', 'identifier', 'subject'].map(
    (name) => `DocumentReference.${name}`,
  );
  return {
    partition: partitionOf(id),
    resource: resource as Partial<DocumentReference> as DocumentReference & { id: string },
    mode: 'link',
    removed: [],
    lineage:
      source === undefined
        ? []
        : entries.map((element) => ({ ...source, resource: `DocumentReference/${id}`, element })),
  };
}
