/** Labels by which access is restricted (`meta.security`), which nobody loses in passing. */
import type { Coding, Resource } from 'fhir/r4.js';
import type { LineageEntry, MappedRecord } from '../mapping/types.js';
import type { StoredLineage } from './types.js';

/** The labels of a resource. */
export const labelsOf = ({ meta }: Resource): readonly Coding[] => meta?.security ?? [];

/** Labels or tags that are among some and not among others: a code of the same system is the same one. */
export const missingFrom = (stated: readonly Coding[], others: readonly Coding[]): readonly Coding[] =>
  others.filter((other) => !stated.some((coding) => isSame(coding, other)));

const isSame = (a: Coding, b: Coding): boolean => a.system === b.system && a.code === b.code;

/** Which rules have stated which labels: several fields may restrict a record by the same one. */
export const reasonsOfLabels = ({ rows }: StoredLineage): readonly string[] =>
  rows
    .filter(([element]) => element.startsWith('meta.security['))
    .map(([element, , rule]) => `${element} ${rule}`)
    .sort();

/** A statement of nothing but the labels of a resource. */
export const onlyLabels = (
  { resourceType, id = '' }: Resource,
  security: readonly Coding[],
): Resource & { id: string } => ({
  resourceType,
  id,
  meta: { security: [...security] },
});

/**
 * A result or request that restricts the person whom it mentions restricts what it states about them, too. Messages that
 * describe the person label each record by rules of their own: an allergy must not be hidden by the way.
 */
export function spreadLabels(records: readonly MappedRecord[]): readonly MappedRecord[] {
  const restricted = new Map<string, MappedRecord>();
  for (const record of records) {
    const { resource, partition, mode } = record;
    const isMentioned = resource.resourceType === 'Patient' && mode === 'create';
    if (isMentioned && labelsOf(resource).length > 0) restricted.set(partition, record);
  }
  if (restricted.size === 0) return records;
  return records.map((record) => {
    const patient = restricted.get(record.partition);
    if (patient === undefined || patient === record) return record;
    const reason = patient.lineage.find(({ element }) => element.startsWith('Patient.meta.security'));
    return withLabels(record, labelsOf(patient.resource), reason);
  });
}

/** A record with labels besides its own. @param reason where they come from */
export function withLabels(
  record: MappedRecord,
  labels: readonly Coding[],
  reason: LineageEntry | undefined,
): MappedRecord {
  const { resource } = record;
  const own = labelsOf(resource);
  const added = missingFrom(own, labels);
  if (added.length === 0) return record;
  const { resourceType, id } = resource;
  const told = (from: LineageEntry): LineageEntry[] =>
    added.map((_, index) => ({
      ...from,
      resource: `${resourceType}/${id}`,
      element: `${resourceType}.meta.security[${own.length + index}]`,
    }));
  return {
    ...record,
    resource: { ...resource, meta: { ...resource.meta, security: [...own, ...added] } },
    lineage: [...record.lineage, ...(reason === undefined ? [] : told(reason))],
  };
}
