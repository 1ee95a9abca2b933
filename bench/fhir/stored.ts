/** Records as a commit of messages leaves them, put straight into a store. */
import type { Resource } from 'fhir/r4.js';
import { indexResource } from '../../src/core/fhir/search-index.js';
import { currentId, partitionOf } from '../../src/core/records/ids.js';
import type { CurrentDocument } from '../../src/core/records/types.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { anObservation, aPatient } from './population.js';

const storedAt = '2026-03-01T09:00:00.000Z';

function asCurrent(resource: Resource & { id: string }): CurrentDocument {
  const { resourceType, id, meta } = resource;
  return {
    id: currentId(resourceType, id),
    kind: 'resource',
    partition: partitionOf(id),
    resourceType,
    fhirId: id,
    versionId: 1,
    lastUpdated: storedAt,
    eventTime: storedAt,
    source: { messageId: 'bench', feed: 'rzz-tie', pack: { name: 'hl7v2-uk', version: '1.0.0' } },
    resource: { ...resource, meta: { ...meta, versionId: '1', lastUpdated: storedAt } },
    lineage: { messages: ['bench'], rows: [] },
    index: indexResource(resource),
  };
}

/** Stores the patients from one number to another, each with some observations. */
export async function storePatients(
  records: RecordStore,
  from: number,
  to: number,
  observations: number,
): Promise<void> {
  const lanes = Array.from({ length: 16 }, async (_, lane) => {
    for (let n = from + lane; n < to; n += 16) {
      const patient = aPatient(n);
      const about = Array.from({ length: observations }, (_each, i) => ({
        ...anObservation(patient.id, i),
        id: `${patient.id}.o${i}`,
      }));
      const operations = [patient, ...about].map((resource) => ({
        ...{ kind: 'create' as const, document: asCurrent(resource) },
      }));
      const outcome = await records.commit(patient.id, operations);
      if (outcome !== 'committed') throw new Error(`patient ${n} is there already`);
    }
  });
  await Promise.all(lanes);
}

/** Stores records, each in the partition that its id names. */
export async function storeRecords(
  records: RecordStore,
  resources: readonly (Resource & { readonly id: string })[],
): Promise<void> {
  for (const resource of resources) {
    const document = asCurrent(resource);
    const outcome = await records.commit(document.partition, [{ kind: 'create', document }]);
    if (outcome !== 'committed') throw new Error(`${document.id} is there already`);
  }
}

const together = 100;

/**
 * Stores patients to be searched for, a hundred in one partition: that is loaded in minutes, and a search by identifier
 * asks all partitions in any case.
 */
export async function storeToBeFound(records: RecordStore, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += together) {
    const partition = `together${start}`;
    const numbers = Array.from({ length: Math.min(together, to - start) }, (_, i) => start + i);
    const operations = numbers.map((n) => ({
      ...{ kind: 'create' as const, document: { ...asCurrent(aPatient(n)), partition } },
    }));
    const outcome = await records.commit(partition, operations);
    if (outcome !== 'committed') throw new Error(`patients from ${start} are there already`);
  }
}
