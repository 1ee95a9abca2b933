/** A patient key's claim on one identifier token (a keyed hash of system and value). */
export interface IdentityClaim {
  readonly token: string;
  readonly patientKey: string;
  /** Keyed hash of the birth date known with the claim, to notice a wrong identifier before it joins two people. */
  readonly birthDateToken?: string;
  /** The message that made the claim. */
  readonly messageId: string;
}

/** Who an identifier belongs to. */
export interface IdentityStore {
  /** Existing claims by token; tokens nobody claimed are absent. */
  find(tokens: readonly string[]): Promise<ReadonlyMap<string, IdentityClaim>>;
  /** Claims a token unless it is claimed already; answers the claim that holds. */
  claim(claim: IdentityClaim): Promise<IdentityClaim>;
}
