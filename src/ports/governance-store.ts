import type {
  GlassReview,
  KeptFacts,
  KeptGlass,
  KeptProxy,
  KeptRelationship,
} from '../core/governance/kept-facts.js';
import type { KeptAnswer } from '../core/governance/opt-out.js';

/** Which broken glass: all that fits everything given. */
export interface GlassSearch {
  /** Record id. */
  readonly patient?: string;
  readonly subject?: string;
  /** ODS code. */
  readonly organisation?: string;
  /** Broken at or after, and before: milliseconds since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly isReviewed?: boolean;
}

export interface GlassPageRequest {
  /** At least 1. */
  readonly limit: number;
  /** `placeOfGlass` of the last one of the page before. */
  readonly continuation?: string;
}

/** Broken glass, the latest first. */
export interface GlassPage {
  readonly glass: readonly KeptGlass[];
  /** Present exactly when there is more. */
  readonly continuation?: string;
}

/** Where a glass stands among search results, without two that are equal. */
export const placeOfGlass = ({ openedAt, id }: Pick<KeptGlass, 'openedAt' | 'id'>): string =>
  `${new Date(openedAt).toISOString()} ${id}`;

/**
 * Opt-out answers, registered relationships and proxies, and broken glass, by patient (record id). Nothing that was said is
 * deleted: what is said later counts instead.
 */
export interface GovernanceStore {
  /** Of patients about whom nothing is kept: `nothingKept`. In the order of the patients, of whom there may be hundreds. */
  factsOf(patients: readonly string[]): Promise<readonly KeptFacts[]>;
  saveOptOut(patient: string, answer: KeptAnswer): Promise<void>;
  saveRelationship(patient: string, relationship: KeptRelationship): Promise<void>;
  saveProxy(patient: string, proxy: KeptProxy): Promise<void>;
  /**
   * The latest glass that somebody broke for a patient in their work for an organisation (ODS code); whether it is still open
   * the policy says.
   */
  glassOf(subject: string, patient: string, organisation: string): Promise<KeptGlass | undefined>;
  findGlass(patient: string, id: string): Promise<KeptGlass | undefined>;
  /** Keeps a glass that was just broken; its id is new. */
  saveGlass(glass: KeptGlass): Promise<void>;
  searchGlass(search: GlassSearch, page: GlassPageRequest): Promise<GlassPage>;
  /** Keeps the first review of a glass. @returns the glass as it stands now; undefined where there is none */
  reviewGlass(patient: string, id: string, review: GlassReview): Promise<KeptGlass | undefined>;
}
