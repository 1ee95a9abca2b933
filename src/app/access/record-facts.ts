/** What the policy needs to know of a stored record, from its document. */
import { sharedTypes } from '../../core/fhir/interactions.js';
import { indexResource, type SearchIndex } from '../../core/fhir/search-index.js';
import type { PatientFacts, RecordFacts } from '../../core/governance/access-request.js';
import type { Label } from '../../core/governance/access-vocabulary.js';
import { labelsOf } from '../../core/governance/security-labels.js';
import type { CurrentDocument, RecordSource, VersionDocument } from '../../core/records/types.js';
import { isNobodysId } from '../../core/records/ids.js';
import { ownPartition } from '../fhir/record-places.js';
import type { AccessDependencies } from './access-dependencies.js';

/** A document that says something, of whichever version. */
export type StatedDocument = CurrentDocument | VersionDocument;

/** Where a record lives. */
export interface RecordPlace {
  readonly resourceType: string;
  readonly fhirId: string;
  readonly partition: string;
}

/** The patient in whose partition a record lives; undefined for what is about nobody. */
export function patientOf({ resourceType, fhirId, partition }: RecordPlace): string | undefined {
  if (resourceType === 'Patient') return partition;
  // Shared records, and what clients have stated about nobody, have a partition of their own. A record to which a client
  // gave the id of its patient is theirs all the same.
  const isOwn = partition === fhirId && (sharedTypes.has(resourceType) || isNobodysId(partition));
  const isNobodys = isOwn || partition === ownPartition(resourceType, fhirId);
  return isNobodys ? undefined : partition;
}

/** The organisation whose record it is: that of its feed, or that of the client who created it. */
export const custodianOf = (
  { feeds }: Pick<AccessDependencies, 'feeds'>,
  { feed, organisation }: RecordSource,
): string | undefined => organisation ?? feeds.get(feed)?.organisation;

/** The labels of a document itself. */
export const ownLabels = ({ resource }: StatedDocument): readonly Label[] =>
  labelsOf((resource.meta as { readonly security?: unknown } | undefined)?.security);

/** Codes by search parameter, each `system|code`, as scopes are restricted by them. */
export function codesOf(document: StatedDocument): RecordFacts['codes'] {
  const { token = {} }: SearchIndex =
    document.kind === 'resource' ? document.index : indexResource(document.resource);
  return Object.fromEntries(
    Object.entries(token).map(([code, tokens]) => [code, tokens.filter(isOneCode)] as const),
  );
}

/** Not those that stand for a code of any system, or any code of a system. */
const isOneCode = (token: string): boolean => !token.startsWith('*|') && !token.endsWith('|');

/** Facts of a record; of one about a patient with what is known of them. */
export class FactsOfRecord implements RecordFacts {
  readonly type: string;
  readonly organisation: string | undefined;
  readonly labels: readonly Label[];
  readonly patient: PatientFacts | undefined;
  readonly #document: StatedDocument;

  /** @param others labels that count besides those of the document */
  constructor(
    document: StatedDocument,
    {
      organisation,
      patient,
      others,
    }: Pick<RecordFacts, 'organisation' | 'patient'> & { readonly others: readonly Label[] },
  ) {
    const own = ownLabels(document);
    this.type = document.resourceType;
    this.organisation = organisation;
    this.labels = others.length === 0 ? own : [...new Set([...own, ...others])];
    this.patient = patient;
    this.#document = document;
  }

  /** Looked up where they are asked for: few scopes are restricted by codes. */
  get codes(): RecordFacts['codes'] {
    return codesOf(this.#document);
  }
}
