/** Who cares for a patient, and who acts for one, as operators register it. */
import { randomUUID } from 'node:crypto';
import { ExchangeError } from '../../core/errors.js';
import type { KeptFacts, KeptProxy, KeptRelationship, Registered } from '../../core/governance/kept-facts.js';
import type { Clock } from '../../ports/clock.js';
import type { GovernanceStore } from '../../ports/governance-store.js';
import type { RecordStore } from '../../ports/record-store.js';

export interface RegistrationDependencies {
  readonly governance: GovernanceStore;
  readonly records: Pick<RecordStore, 'readCurrent'>;
  readonly clock: Clock;
}

/** Milliseconds since 1970; without a start from now on, without an end until it is ended. */
export interface RegisteredTerm {
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** Whom it is about, and what is registered of them. */
export interface Registration<T> extends RegisteredTerm {
  /** Record id. */
  readonly patient: string;
  readonly who: T;
}

type Named<K extends Registered> = Omit<K, keyof Registered>;

/** What may be registered: where it is kept, and where it is found again. */
interface Kind<K extends Registered> {
  readonly find: (facts: KeptFacts) => readonly K[];
  readonly save: (store: GovernanceStore, patient: string, said: K) => Promise<void>;
}

export const relationships: Kind<KeptRelationship> = {
  find: (facts) => facts.relationships,
  save: (store, patient, said) => store.saveRelationship(patient, said),
};

export const proxies: Kind<KeptProxy> = {
  find: (facts) => facts.proxies,
  save: (store, patient, said) => store.saveProxy(patient, said),
};

/**
 * Registers a relationship or a proxy.
 *
 * @param by subject of the token of the operator
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND where there is no such patient, HDE_REQUEST_INVALID for a term without time
 */
export async function register<K extends Registered>(
  { governance, records, clock }: RegistrationDependencies,
  kind: Kind<K>,
  { patient, who, start, end }: Registration<Named<K>>,
  by: string,
): Promise<K> {
  const now = clock.now();
  const from = start ?? now.getTime();
  if (end !== undefined && end <= from)
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'end', detail: 'after the start' });
  if ((await records.readCurrent('Patient', patient)) === undefined)
    throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const said = { ...who, id: randomUUID(), start: from, end, by, at: now.toISOString() } as Registered as K;
  await kind.save(governance, patient, said);
  return said;
}

/**
 * Ends what was registered: it is said anew, with an end.
 *
 * @param end milliseconds since 1970; default now
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND where nothing of this id is registered, HDE_REQUEST_INVALID for an end that
 * is later than the one that it has
 */
export async function endRegistration<K extends Registered>(
  { governance, clock }: Omit<RegistrationDependencies, 'records'>,
  kind: Kind<K>,
  { patient, id, end }: { readonly patient: string; readonly id: string; readonly end?: number | undefined },
  by: string,
): Promise<K> {
  const now = clock.now();
  const [facts] = await governance.factsOf([patient]);
  const registered = facts === undefined ? undefined : kind.find(facts).find((each) => each.id === id);
  if (registered === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  const latest = registered.end ?? Infinity;
  const ending = end ?? Math.min(now.getTime(), latest);
  if (ending > latest)
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: 'end',
      detail: 'not after the end that it has',
    });
  const said = { ...registered, end: ending, by, at: now.toISOString() };
  await kind.save(governance, patient, said);
  return said;
}
