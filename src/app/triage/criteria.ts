/** What operators search messages by, and how it is looked up. */
import { ExchangeError } from '../../core/errors.js';
import type { Feed } from '../../core/feed.js';
import { demand, type Principal } from '../../core/governance/access.js';
import { NHS_NUMBER_SYSTEM, parseNhsNumber } from '../../core/identity/nhs-number.js';
import { identifierToken } from '../../core/identity/tokens.js';
import { searchWords } from '../../core/triage/search-words.js';
import type { MessageSearch, MessageStatus } from '../../ports/message-store.js';
import { feedsOfOperator } from './operators.js';
import type { TriageDependencies } from './triage-dependencies.js';

/** Everything given must fit. */
export interface TriageCriteria {
  readonly feed?: string | undefined;
  /** Received at or after, and before: ISO instants in UTC with milliseconds. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** `ADT^A01`. */
  readonly type?: string | undefined;
  readonly status?: MessageStatus | undefined;
  readonly code?: string | undefined;
  readonly controlId?: string | undefined;
  /** `system|value`, or a number alone: an NHS number, or one that any authority of the feeds assigned. */
  readonly identifier?: string | undefined;
  /** Words that stand in the reasons: codes, places and texts of issues, and what operators wrote. */
  readonly about?: string | undefined;
}

/**
 * A search within the feeds of an operator.
 *
 * @throws ExchangeError HDE_FORBIDDEN, also for a feed that is not theirs, or HDE_SEARCH_PARAMETER
 */
export function toSearch(
  deps: Pick<TriageDependencies, 'feeds' | 'identitySecret'>,
  principal: Principal,
  criteria: TriageCriteria,
): MessageSearch {
  const { feed, from, to, type, status, code, controlId, identifier, about } = criteria;
  const permitted = feedsOfOperator(principal);
  if (feed !== undefined) demand(principal, { kind: 'triage', feed });
  const feeds = feed === undefined ? permitted : [feed];
  return {
    feeds,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(type === undefined ? {} : { messageType: type }),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { errorCode: code }),
    ...(controlId === undefined ? {} : { controlId }),
    ...(identifier === undefined ? {} : { subjects: subjectsNamed(deps, feeds, identifier) }),
    ...(about === undefined ? {} : { words: wordsOf(about) }),
  };
}

/** As many words as one search may ask for: each is a look into the index. Enough for the text of any error. */
const mostWords = 30;

function wordsOf(about: string): readonly string[] {
  const words = searchWords(about);
  if (words.length === 0 || words.length > mostWords) {
    const detail = `1 to ${mostWords} words`;
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'about', detail });
  }
  return words;
}

function subjectsNamed(
  { feeds, identitySecret }: Pick<TriageDependencies, 'feeds' | 'identitySecret'>,
  searched: readonly string[],
  identifier: string,
): string[] {
  const text = identifier.trim();
  const bar = text.indexOf('|');
  const value = text.slice(bar + 1).trim();
  if (value === '') throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'identifier' });
  const system = text.slice(0, Math.max(bar, 0)).trim();
  const systems =
    system === ''
      ? [NHS_NUMBER_SYSTEM, ...searched.flatMap((id) => patientSystemsOf(feeds.get(id)))]
      : [system];
  const tokens = [...new Set(systems)].flatMap((each) => {
    const stated = each === NHS_NUMBER_SYSTEM ? parseNhsNumber(value) : value;
    return stated === undefined ? [] : [identifierToken(identitySecret, each, stated)];
  });
  // Whoever looks in some of them only would say that there is nobody.
  if (tokens.length > mostSubjects) {
    const detail =
      'system|value, or a feed beside it: the feeds have too many authorities to look in all of them';
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'identifier', detail });
  }
  return tokens;
}

/** As many systems as a number without one is looked for in. */
const mostSubjects = 50;

const patientSystemsOf = (feed: Feed | undefined): string[] =>
  feed === undefined ? [] : [feed.localSystems.patient, ...Object.values(feed.assigningAuthorities)];
