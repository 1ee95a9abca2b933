/** Decides as the policy does, of facts that a test knows: those of the feed's organisation, whose name begins as `rzz-tie` does. */
import { sharedTypes } from '../../src/core/fhir/interactions.js';
import type { AccessPolicy } from '../../src/core/governance/access-policy.js';
import type { PatientFacts, RecordFacts } from '../../src/core/governance/access-request.js';
import { decide } from '../../src/core/governance/decide.js';
import { labelsOf } from '../../src/core/governance/security-labels.js';
import type { HistoryDocument } from '../../src/core/records/types.js';
import type { JudgeFor } from '../../src/app/access/judge.js';

/** A patient whose data may be used, of whom nothing else is known. */
const aPatientOf = (id: string, others: Partial<PatientFacts> = {}): PatientFacts => ({
  ...{ id, linked: [], labels: [], optOut: 'may-be-used', consents: [], relationships: [], proxies: [] },
  ...others,
});

/** @param patients what is known of some patients, by partition */
export const plainJudge =
  (policy: AccessPolicy, patients: ReadonlyMap<string, Partial<PatientFacts>> = new Map()): JudgeFor =>
  (asker) => ({
    decide: (interaction, documents) =>
      Promise.resolve(
        documents.map((document) => {
          const record = factsOf(document, patients.get(document.partition));
          return decide({ ...asker, interaction, breakGlass: undefined, record }, policy);
        }),
      ),
  });

/** Facts of a document as `plainJudge` has them. */
export const factsOf = (
  document: HistoryDocument,
  patient: Partial<PatientFacts> | undefined,
): RecordFacts => ({
  type: document.resourceType,
  organisation: document.source.feed.split('-')[0]?.toUpperCase(),
  labels: document.kind === 'deleted' ? ['very-restricted'] : labelsOf(document.resource.meta?.security),
  codes: {},
  patient: sharedTypes.has(document.resourceType) ? undefined : aPatientOf(document.partition, patient),
});
