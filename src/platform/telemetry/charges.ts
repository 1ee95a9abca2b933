/** What a piece of work costs in Cosmos DB, whichever of its parts makes the requests. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Request units so far. */
export interface Tally {
  requestUnits: number;
}

const tallies = new AsyncLocalStorage<Tally>();

/** Does work whose requests are added to a tally. */
export const tallied = <T>(tally: Tally, work: () => T): T => tallies.run(tally, work);

/** Adds what a request cost to the work that made it; requests that serve several pieces of work count for one of them. */
export function addCharge(requestUnits: number): void {
  const tally = tallies.getStore();
  if (tally !== undefined) tally.requestUnits += requestUnits;
}
