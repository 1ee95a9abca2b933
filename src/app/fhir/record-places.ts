/**
 * Where records live whose ids do not say so (docs/adr/0012): ids that clients chose. One document in the identity store
 * says it, found by a keyed hash of type and id; it never changes.
 */
import { identifierToken, sharedId } from '../../core/identity/tokens.js';
import type { IdentityStore } from '../../ports/identity-store.js';
import type { RecordStore } from '../../ports/record-store.js';

/** What the places of records need. */
export interface PlaceDependencies {
  readonly identities: IdentityStore;
  readonly identitySecret: string;
}

const tokenOf = (secret: string, type: string, id: string): string =>
  identifierToken(secret, 'urn:hde:record', `${type}/${id}`);

/** The partition of a record about nobody whose id a client chose: never that of a patient, whatever their id is. */
export const ownPartition = (type: string, id: string): string => sharedId(type, 'urn:hde:client-id', id);

/** The partition that was claimed for a record; undefined where its id says where it lives, or it does not exist. */
export async function findPlace(
  { identities, identitySecret }: PlaceDependencies,
  type: string,
  id: string,
): Promise<string | undefined> {
  const token = tokenOf(identitySecret, type, id);
  return (await identities.find([token])).get(token)?.patientKey;
}

/** Claims an id for a record in a partition; answers the partition for which it is claimed from then on. */
export async function claimPlace(
  { identities, identitySecret }: PlaceDependencies,
  { type, id, partition, requestId }: { type: string; id: string; partition: string; requestId: string },
): Promise<string> {
  const token = tokenOf(identitySecret, type, id);
  return (await identities.claim({ token, patientKey: partition, messageId: requestId })).patientKey;
}

/** A record store that finds records under ids that clients chose: a read of nothing costs one point read more. */
export function findingPlaces(records: RecordStore, deps: PlaceDependencies): RecordStore {
  const seek = async <T>(
    [type, id, place]: readonly [type: string, id: string, place?: string | undefined],
    read: (partition?: string) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const found = await read(place);
    if (found !== undefined || place !== undefined || type === 'Patient') return found;
    const claimed = await findPlace(deps, type, id);
    return claimed === undefined ? undefined : read(claimed);
  };
  return {
    ...records,
    readCurrent: (type, id, place) =>
      seek([type, id, place], (partition) => records.readCurrent(type, id, partition)),
    readLatest: (type, id, place) =>
      seek([type, id, place], (partition) => records.readLatest(type, id, partition)),
    readVersion: (type, id, versionId, place) =>
      seek([type, id, place], (partition) => records.readVersion(type, id, versionId, partition)),
    listVersions: async (type, id, page, place) => {
      const read = async (partition?: string) => {
        const versions = await records.listVersions(type, id, page, partition);
        return versions.length === 0 ? undefined : versions;
      };
      return (await seek([type, id, place], read)) ?? [];
    },
  };
}
