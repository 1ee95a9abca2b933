/**
 * A patient key's claim on one identifier token (a keyed hash of system and value). Whether it decides is a question to
 * the record of the patient as well (`core/identity/judge-claim.ts`).
 */
export interface IdentityClaim {
  readonly token: string;
  readonly patientKey: string;
  /** Keyed hash of the birth date known with the claim, to notice a wrong identifier before it joins two people. */
  readonly birthDateToken?: string;
  /** The message, or the request of a client, that made the claim. */
  readonly messageId: string;
  /** ISO instant at which a client made it; absent for one that a message made. */
  readonly claimedAt?: string;
  /** How often the identifier was claimed anew after a claim had lapsed; absent for the first claim. */
  readonly generation?: number;
  /** Version of the patient's record when it was claimed anew: what that one no longer states does not count against it. */
  readonly sinceVersion?: number;
  /**
   * Of a message's claim, tokens of the other identifiers by which the message meant the patient: while no version states
   * what is claimed, it holds as long as one states any of these. Absent for the identifier that the key was made of.
   */
  readonly support?: readonly string[];
}

/** A claim as it is stored, and the tag that proves it has not changed since. */
export interface StoredClaim {
  readonly claim: IdentityClaim;
  readonly etag: string;
}

/** Who an identifier belongs to. */
export interface IdentityStore {
  /**
   * Claims by token; tokens nobody claimed are absent. What is found may be remembered, and so have been replaced since:
   * who relies on it makes sure that the record of the patient bears it out.
   */
  find(tokens: readonly string[]): Promise<ReadonlyMap<string, IdentityClaim>>;
  /** Claims by token as they are stored now. */
  load(tokens: readonly string[]): Promise<ReadonlyMap<string, StoredClaim>>;
  /** Claims a token unless it is claimed already; answers the claim that holds. */
  claim(claim: IdentityClaim): Promise<IdentityClaim>;
  /** Puts a claim in the place of one that has lapsed. `conflict` means that its tag is stale. */
  replace(claim: IdentityClaim, etag: string): Promise<'replaced' | 'conflict'>;
}
