/**
 * Where records live whose ids do not say so (docs/adr/0012): ids that clients chose. One document in the identity store
 * says it, found by a keyed hash of type and id; it does not change once a record was stored there.
 */
import { ExchangeError } from '../../core/errors.js';
import { identifierToken, sharedId } from '../../core/identity/tokens.js';
import type { Clock } from '../../ports/clock.js';
import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';
import type { RecordStore } from '../../ports/record-store.js';
import { pauseBefore } from '../pause.js';
import { abandoned, ageOf, givenBack, reliable } from './claim-age.js';
import type { WritePlace } from './write-record.js';

/** Whoever loses this often meets a fault or a crowd, and is told so. */
const maxAttempts = 20;
/** As often it waits for whoever else is creating the same record, before it relies on a claim of its own. */
const maxPauses = 4;

/** What the places of records need. */
export interface PlaceDependencies {
  readonly identities: IdentityStore;
  readonly identitySecret: string;
}

const tokenOf = (secret: string, type: string, id: string): string =>
  identifierToken(secret, 'urn:hde:record', `${type}/${id}`);

/** The partition of a record about nobody whose id a client chose: never that of a patient, whatever their id is. */
export const ownPartition = (type: string, id: string): string => sharedId(type, 'urn:hde:client-id', id);

/**
 * Claims an id for a record in a partition. A claim under which nothing was ever stored gives way after a while, so that
 * a write which broke off does not keep the id from a record about another patient.
 *
 * @returns when it was claimed, as an ISO instant: a record that is committed late is claimed anew before
 * @throws ExchangeError HDE_ID_TAKEN when a record of that id lives elsewhere, HDE_CONCURRENT_UPDATE when one may be about
 * to be written
 */
export async function claimPlace(
  deps: PlaceDependencies & { readonly records: RecordStore; readonly clock: Clock },
  { type, id, partition, requestId }: WritePlace & { readonly requestId: string },
): Promise<string> {
  const { identities, identitySecret, records, clock } = deps;
  const token = tokenOf(identitySecret, type, id);
  let wait = 0;
  for (let count = 1; count <= maxAttempts; count++) {
    const claim = {
      ...{ token, patientKey: partition, messageId: requestId },
      claimedAt: clock.now().toISOString(),
    };
    const held = await identities.claim(claim);
    const age = ageOf(held, claim.claimedAt);
    const isOfPlace = held.patientKey === partition;
    // In its own name each write relies on a claim, since who made it may give it back.
    if (isOfPlace && held.messageId === requestId && age < reliable) return held.claimedAt ?? claim.claimedAt;
    const isThere = (await records.readLatest(type, id, held.patientKey)) !== undefined;
    if (isThere && isOfPlace) return claim.claimedAt;
    // What was deleted keeps its history under its id.
    if (isThere) throw new ExchangeError('HDE_ID_TAKEN');
    wait = isOfPlace ? 0 : abandoned - age;
    // Who is about to write is likely to have done so in a moment.
    const isPatient = age < reliable && count <= maxPauses;
    if (wait <= 0 && !isPatient && (await claimAnew(identities, held, claim))) return claim.claimedAt;
    await pauseBefore(count);
  }
  throw new ExchangeError(
    'HDE_CONCURRENT_UPDATE',
    wait <= 0 ? {} : { retryAfterSeconds: Math.ceil(wait / 1000) },
  );
}

/** Puts a claim in the place of one that stands as it was found. */
async function claimAnew(
  identities: IdentityStore,
  found: IdentityClaim,
  anew: IdentityClaim,
): Promise<boolean> {
  const stored = (await identities.load([found.token])).get(found.token);
  if (stored === undefined || !isSame(stored.claim, found)) return false;
  return (await identities.replace(anew, stored.etag)) === 'replaced';
}

const isSame = (one: IdentityClaim, other: IdentityClaim): boolean =>
  one.patientKey === other.patientKey &&
  one.messageId === other.messageId &&
  one.claimedAt === other.claimedAt;

/** Gives back an id that a request claimed, where it is known that it will store nothing under it. */
export async function releasePlace(
  { identities, identitySecret, records }: PlaceDependencies & { readonly records: RecordStore },
  { type, id, requestId }: Pick<WritePlace, 'type' | 'id'> & { readonly requestId: string },
): Promise<void> {
  const token = tokenOf(identitySecret, type, id);
  const stored = (await identities.load([token])).get(token);
  if (stored?.claim.messageId !== requestId) return;
  if ((await records.readLatest(type, id, stored.claim.patientKey)) !== undefined) return;
  await identities.replace({ ...stored.claim, claimedAt: givenBack }, stored.etag);
}

/** A record store that finds records under ids that clients chose: a read of nothing costs one point read more. */
export function findingPlaces(records: RecordStore, deps: PlaceDependencies): RecordStore {
  const seek = <T>(
    [type, id, place]: readonly [type: string, id: string, place?: string | undefined],
    read: (partition?: string) => Promise<T | undefined>,
  ): Promise<T | undefined> =>
    place !== undefined || type === 'Patient' ? read(place) : seekAnywhere([type, id], read);

  const seekAnywhere = async <T>(
    [type, id]: readonly [type: string, id: string],
    read: (partition?: string) => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const found = await read();
    if (found !== undefined) return found;
    const token = tokenOf(deps.identitySecret, type, id);
    const claimed = (await deps.identities.find([token])).get(token)?.patientKey;
    const there = claimed === undefined ? undefined : await read(claimed);
    if (claimed === undefined || there !== undefined) return there;
    // What is remembered of a claim may be of one that was given back since.
    const now = (await deps.identities.load([token])).get(token)?.claim.patientKey;
    return now === undefined || now === claimed ? undefined : read(now);
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
