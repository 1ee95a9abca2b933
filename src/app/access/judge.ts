import type { AccessRequest } from '../../core/governance/access-request.js';
import type { Interaction } from '../../core/governance/access-vocabulary.js';
import type { Decision } from '../../core/governance/decision-reasons.js';
import type { HistoryDocument } from '../../core/records/types.js';

/** Decides by the access policy for one asker, who remembers what is known of each patient. */
export interface Judge {
  /** In the order of the documents. */
  decide(
    interaction: Interaction,
    documents: readonly HistoryDocument[],
  ): readonly Decision[] | Promise<readonly Decision[]>;
}

/** @param asker who asks, what for and when */
export type JudgeFor = (asker: Pick<AccessRequest, 'principal' | 'purpose' | 'now'>) => Judge;
