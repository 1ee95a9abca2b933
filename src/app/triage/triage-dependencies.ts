import type { Feed } from '../../core/feed.js';
import type { RecordStore } from '../../ports/record-store.js';
import type { AcceptDependencies } from '../accept-message.js';

/** What the use cases of operators need: they take messages up again as `acceptMessage` takes them up first. */
export interface TriageDependencies extends AcceptDependencies {
  readonly feeds: ReadonlyMap<string, Feed>;
  /** Asked what took effect of a message that is to be given up. */
  readonly records: Pick<RecordStore, 'findEffects'>;
}
