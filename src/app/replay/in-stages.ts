/** A replay of messages of several statuses: the failed ones first, then those that took effect, page by page. */
import { ExchangeError } from '../../core/errors.js';
import type { FailedPage, FailedRequest } from './failed-page.js';
import type { ReplayPage, ReplayPlace, ReplayRequest } from './replay-page.js';

/** Statuses of messages that can be replayed, in the order in which they are. */
export const replayStatuses = ['failed', 'normalised'] as const;
export type ReplayStatus = (typeof replayStatuses)[number];

/** Where a replay in stages goes on: in which stage, and where in it; at its beginning when that is absent. */
export type StagePlace =
  | { readonly status: 'failed'; readonly after?: string }
  | { readonly status: 'normalised'; readonly place?: ReplayPlace };

export interface StagedRequest extends Omit<ReplayRequest, 'continuation'> {
  /** At least one. */
  readonly statuses: readonly ReplayStatus[];
  readonly continuation?: StagePlace;
}

/** A page, and where the next one goes on. */
export type StagedPage<P> = P & { readonly continuation?: StagePlace };

/**
 * Does one page of one stage.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER (`continuation`) for a place in a stage that is not asked for
 */
export async function replayInStages<F extends FailedPage, N extends ReplayPage>(
  { statuses, continuation, ...request }: StagedRequest,
  stages: {
    readonly failed: (request: FailedRequest) => Promise<F>;
    readonly normalised: (request: ReplayRequest) => Promise<N>;
  },
): Promise<StagedPage<Omit<F, 'after'>> | StagedPage<Omit<N, 'continuation'>>> {
  const asked = replayStatuses.filter((status) => statuses.includes(status));
  const at: StagePlace = continuation ?? { status: asked[0] ?? 'normalised' };
  if (!asked.includes(at.status))
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  if (at.status === 'normalised') {
    const from = at.place === undefined ? {} : { continuation: at.place };
    const { continuation: place, ...page } = await stages.normalised({ ...request, ...from });
    return place === undefined ? page : { ...page, continuation: { status: 'normalised', place } };
  }
  const from = at.after === undefined ? {} : { after: at.after };
  const { after, ...page } = await stages.failed({ ...request, ...from });
  if (after !== undefined) return { ...page, continuation: { status: 'failed', after } };
  return asked.includes('normalised') ? { ...page, continuation: { status: 'normalised' } } : page;
}
