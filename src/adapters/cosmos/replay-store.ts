import type { Container } from '@azure/cosmos';
import type { ReplayStore } from '../../ports/replay-store.js';
import { callCosmos, statusOf } from './errors.js';

/**
 * Names that were used, in the `replays` container: one document each, which is only ever created, so that of several
 * instances one alone succeeds, and which the database deletes when its time is over.
 */
export function createCosmosReplayStore(container: Container): ReplayStore {
  return {
    async useOnce(name, seconds) {
      try {
        await callCosmos(() => container.items.create({ id: name, ttl: seconds }));
        return true;
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
        return false;
      }
    },
  };
}
