import type { Container } from '@azure/cosmos';
import type { IdentityClaim, IdentityStore } from '../../ports/identity-store.js';
import { callCosmos, statusOf } from './errors.js';

/**
 * Claims in the `identity` container, one document per token. Creation without overwriting is what makes 200
 * concurrent first messages about one person make one person.
 */
export function createCosmosIdentityStore(container: Container): IdentityStore {
  const read = async (token: string): Promise<IdentityClaim | undefined> => {
    const { resource } = await callCosmos(() => container.item(token, token).read<IdentityClaim>());
    return resource === undefined ? undefined : toClaim(resource);
  };
  return {
    async find(tokens) {
      const claims = await Promise.all(tokens.map(read));
      const found = claims.filter((claim) => claim !== undefined);
      return new Map(found.map((claim) => [claim.token, claim]));
    },
    async claim(claim) {
      try {
        await callCosmos(() => container.items.create({ id: claim.token, ...claim }));
        return claim;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        const holder = await read(claim.token);
        if (holder === undefined) throw error;
        return holder;
      }
    },
  };
}

function toClaim({ token, patientKey, birthDateToken, messageId }: IdentityClaim): IdentityClaim {
  return { token, patientKey, messageId, ...(birthDateToken === undefined ? {} : { birthDateToken }) };
}
