import type { Container } from '@azure/cosmos';
import type { IdentityClaim, IdentityStore, StoredClaim } from '../../ports/identity-store.js';
import { callCosmos, statusOf } from './errors.js';

/**
 * Claims in the `identity` container, one document per token. Creation without overwriting is what makes 200
 * concurrent first messages about one person make one person; one that has lapsed is replaced by tag, so that as many
 * who claim it anew agree as well.
 */
export function createCosmosIdentityStore(container: Container): IdentityStore {
  const read = async (token: string): Promise<StoredClaim | undefined> => {
    const { resource } = await callCosmos(() => container.item(token, token).read<IdentityClaim>());
    return resource === undefined ? undefined : { claim: toClaim(resource), etag: resource._etag };
  };
  const load = async (tokens: readonly string[]): Promise<Map<string, StoredClaim>> => {
    const claims = await Promise.all(tokens.map(read));
    const found = claims.filter((stored) => stored !== undefined);
    return new Map(found.map((stored) => [stored.claim.token, stored]));
  };
  return {
    load,
    async find(tokens) {
      return new Map([...(await load(tokens))].map(([token, { claim }]) => [token, claim]));
    },
    async claim(claim) {
      try {
        await callCosmos(() => container.items.create({ id: claim.token, ...claim }));
        return claim;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const holder = await read(claim.token);
        if (holder === undefined) throw error;
        return holder.claim;
      }
    },
    async replace(claim, etag) {
      const { token } = claim;
      const accessCondition = { type: 'IfMatch', condition: etag };
      try {
        await callCosmos(() =>
          container.item(token, token).replace({ id: token, ...claim }, { accessCondition }),
        );
        return 'replaced';
      } catch (error) {
        const status = statusOf(error);
        if (status !== 412 && status !== 404) throw error;
        return 'conflict';
      }
    },
  };
}

function toClaim(stored: IdentityClaim): IdentityClaim {
  const { token, patientKey, messageId, birthDateToken, claimedAt } = stored;
  const { generation, sinceVersion, support } = stored;
  return {
    ...{ token, patientKey, messageId },
    ...(birthDateToken === undefined ? {} : { birthDateToken }),
    ...(claimedAt === undefined ? {} : { claimedAt }),
    ...(generation === undefined ? {} : { generation }),
    ...(sinceVersion === undefined ? {} : { sinceVersion }),
    ...(support === undefined ? {} : { support }),
  };
}
