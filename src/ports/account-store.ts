/** How far the account of each feed has been balanced. */
export interface AccountStore {
  /** ISO instant before which the days of a feed are balanced; undefined for a feed that was never looked at. */
  balancedUntil(feed: string): Promise<string | undefined>;
  /** Notes it, in place of what was noted before. */
  noteBalanced(feed: string, until: string): Promise<void>;
}
