/** Names that may be used once, such as the ids of assertions. */
export interface ReplayStore {
  /**
   * Uses a name up.
   *
   * @param name letters, digits and hyphens
   * @param seconds for how long at least it stays used: whole, above 0
   * @returns false for one that was used before; of several who use it at once, all but one get that
   */
  useOnce(name: string, seconds: number): Promise<boolean>;
}
