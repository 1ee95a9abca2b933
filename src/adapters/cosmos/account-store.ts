import type { Container } from '@azure/cosmos';
import type { AccountStore } from '../../ports/account-store.js';
import { callCosmos } from './errors.js';

/** How far accounts are balanced, in the `accounts` container: one document a feed. */
export function createCosmosAccountStore(container: Container): AccountStore {
  return {
    async balancedUntil(feed) {
      const { resource } = await callCosmos(() => container.item(feed, feed).read<{ until: string }>());
      return resource?.until;
    },
    async noteBalanced(feed, until) {
      await callCosmos(() => container.items.upsert({ id: feed, until }));
    },
  };
}
