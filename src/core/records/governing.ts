/** Records that decide who may see the others of their patient (docs/reference/access-model.md). */
import type { CurrentDocument } from './types.js';

/** Types of which each record does, by what it states. */
export const statingTypes = ['Patient', 'Consent'] as const;

const stating: ReadonlySet<string> = new Set(statingTypes);

/** Whether a record decides by what it states, and not only by its labels. */
export const isStating = ({ resourceType }: CurrentDocument): boolean => stating.has(resourceType);

/** Whether a record has security labels. */
export const isLabelled = ({ index }: CurrentDocument): boolean => index.token?.['_security'] !== undefined;

/**
 * What of a record is asked for: all of one that states something; of one that is only labelled where it comes from, its
 * codes and its metadata, since there may be many, and large ones.
 */
export function governingPart(document: CurrentDocument): CurrentDocument {
  if (isStating(document)) return document;
  const { id, kind, partition, resourceType, fhirId, versionId, lastUpdated, eventTime, source, index } =
    document;
  const { meta } = document.resource;
  return {
    ...{ id, kind, partition, resourceType, fhirId, versionId, lastUpdated, eventTime, source, index },
    resource: { resourceType, id: fhirId, ...(meta === undefined ? {} : { meta }) },
    lineage: { messages: [], rows: [] },
  };
}
