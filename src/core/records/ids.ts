/**
 * Ids of the documents in the `records` container. They are made of FHIR types, FHIR ids and message ids only, none
 * of which can hold a colon, so that no two kinds of document can meet under one id.
 */

/** The partition in which a FHIR id lives: what stands before its first dot, for a patient the whole id. */
export function partitionOf(fhirId: string): string {
  const dot = fhirId.indexOf('.');
  return dot === -1 ? fhirId : fhirId.slice(0, dot);
}

/**
 * The patient whose record an id of ours says it is, `<patient>.<26 characters of base32>` (docs/adr/0003); undefined for one
 * that a client chose. No other patient has a record of such an id.
 */
export const patientOfId = (fhirId: string): string | undefined =>
  /^([^.]+)\.[a-z2-7]{26}$/.exec(fhirId)?.[1];

const nobodys = 'nobody-';

/** The id of a clinical record that names no patient, which is also its partition. @param hash tells it from others */
export const nobodysId = (hash: string): string => `${nobodys}${hash}`;

/** Whether an id is one of those: no patient has such a one, so that what lives there is nobody's. */
export const isNobodysId = (id: string): boolean => id.startsWith(nobodys);

/**
 * Partitions of the people whom changes concern. Shared resources are only mentioned: no message about people decides
 * what they hold.
 */
export const partitionsOfPeople = (
  changes: readonly { readonly resourceType: string; readonly id: string }[],
): Set<string> =>
  new Set(
    changes
      .filter(({ resourceType, id }) => resourceType === 'Patient' || id.includes('.'))
      .map(({ id }) => partitionOf(id)),
  );

/**
 * A place among all records of a partition, in the order of their ids, and of their types where clients gave records of
 * several types one id: `abc:Patient`.
 */
export const placeKey = ({
  fhirId,
  resourceType,
}: {
  readonly fhirId: string;
  readonly resourceType: string;
}): string => `${fhirId}:${resourceType}`;

/** The id and, if it is named, the type of a place among records; of records of one type the id says it all. */
export function readPlaceKey(key: string): {
  readonly fhirId: string;
  readonly resourceType: string | undefined;
} {
  const [fhirId = '', resourceType] = key.split(':');
  return { fhirId, resourceType };
}

/** How references name a record: `Observation/<id>`. */
export const nameOf = ({
  resourceType,
  id = '',
}: {
  readonly resourceType: string;
  readonly id?: string | undefined;
}): string => `${resourceType}/${id}`;

/** Id of the current version of a resource: `Patient:abc`. */
export const currentId = (resourceType: string, fhirId: string): string => `${resourceType}:${fhirId}`;

/** Id of a version that was replaced: `Patient:abc:v3`. */
export const replacedId = (resourceType: string, fhirId: string, versionId: number): string =>
  `${currentId(resourceType, fhirId)}:v${versionId}`;

/** Id of what a stale message stated about a resource: `Patient:abc:late:<messageId>`. */
export const lateId = (resourceType: string, fhirId: string, messageId: string): string =>
  `${currentId(resourceType, fhirId)}:late:${messageId}`;

/** Id of the proof that a message took effect in a partition: `receipt:<messageId>`. */
export const receiptId = (messageId: string): string => `receipt:${messageId}`;

/** Id of what is known of the staging of a large message: `stage:<messageId>`. */
export const stageId = (messageId: string): string => `stage:${messageId}`;

/** Id of what became of an attempt at a transaction: `decision:<attempt>`. */
export const decisionId = (attempt: string): string => `decision:${attempt}`;

/** Id of the outbox entry of a message: `event:<messageId>`. */
export const eventId = (messageId: string): string => `event:${messageId}`;

/** Id of the outbox entry of a change that a message made where its receipt is not: `event:<messageId>:Patient:abc:v3`. */
export const changeEventId = (
  messageId: string,
  {
    resourceType,
    id,
    versionId,
  }: { readonly resourceType: string; readonly id: string; readonly versionId: number },
): string => `${eventId(messageId)}:${replacedId(resourceType, id, versionId)}`;
