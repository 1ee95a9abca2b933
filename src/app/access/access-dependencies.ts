import type { Feed } from '../../core/feed.js';
import type { AccessPolicy } from '../../core/governance/access-policy.js';
import type { GovernanceStore } from '../../ports/governance-store.js';
import type { RecordStore } from '../../ports/record-store.js';

/** What deciding about records needs. */
export interface AccessDependencies {
  /** The records as they are. */
  readonly records: RecordStore;
  readonly governance: Pick<GovernanceStore, 'factsOf' | 'glassOf'>;
  readonly policy: AccessPolicy;
  /** Secret of the keyed hashes of identifiers. */
  readonly identitySecret: string;
  readonly feeds: ReadonlyMap<string, Pick<Feed, 'organisation'>>;
  /** Base address of the FHIR API as clients see it, without a slash at its end. */
  readonly baseUrl: string;
}
