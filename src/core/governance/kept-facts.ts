/** What governs the records of a patient and is no record itself, as it is kept; all of it is said by somebody, at a time. */
import type { BreakGlass, Proxy, Relationship, Term } from './access-request.js';
import type { KeptAnswer } from './opt-out.js';

/** Something that an operator registered; what is said later under the same id takes its place. */
export interface Registered extends Term {
  readonly id: string;
  /** Subject of the token of whoever said so. */
  readonly by: string;
  /** ISO instant. */
  readonly at: string;
}

export type KeptRelationship = Relationship & Registered;
export type KeptProxy = Proxy & Registered;

export interface KeptFacts {
  /** What the national service answered last, and when; `answerAt` says whether it still counts. */
  readonly optOut: KeptAnswer | undefined;
  /** Who was registered as caring for the patient. */
  readonly relationships: readonly KeptRelationship[];
  /** Who was registered as acting for the patient. */
  readonly proxies: readonly KeptProxy[];
}

/** Of patients about whom nothing is kept. */
export const nothingKept: KeptFacts = { optOut: undefined, relationships: [], proxies: [] };

/** A glass that somebody broke. */
export interface KeptGlass extends BreakGlass {
  readonly id: string;
  /** Subject of their token. */
  readonly subject: string;
  /** ODS code. */
  readonly organisation: string;
  /** Undefined until a privacy officer has looked at it. */
  readonly review: GlassReview | undefined;
}

/** What a privacy officer found. */
export interface GlassReview {
  readonly by: string;
  /** ISO instant. */
  readonly at: string;
  readonly finding: string;
}

/**
 * The later answer counts, in whatever order they come. Of two of the same time, one for each number of a patient, that one
 * counts which says that they have opted out.
 */
export function withAnswer(facts: KeptFacts, answer: KeptAnswer): KeptFacts {
  const { optOut } = facts;
  const isOutdone =
    optOut !== undefined &&
    (optOut.at > answer.at || (optOut.at === answer.at && optOut.answer === 'opted-out'));
  return isOutdone ? facts : { ...facts, optOut: answer };
}

export const withRelationship = (facts: KeptFacts, relationship: KeptRelationship): KeptFacts => ({
  ...facts,
  relationships: withRegistered(facts.relationships, relationship),
});

export const withProxy = (facts: KeptFacts, proxy: KeptProxy): KeptFacts => ({
  ...facts,
  proxies: withRegistered(facts.proxies, proxy),
});

/** Without what is over: it opens nothing any more, and patients of many years would have long lists of it. */
function withRegistered<R extends Registered>(all: readonly R[], said: R): readonly R[] {
  const now = Date.parse(said.at);
  const others = all.filter(({ id, end }) => id !== said.id && (end === undefined || end > now));
  return [...others, said];
}
