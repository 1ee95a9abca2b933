import type { RegisteredClient } from '../../core/governance/access-policy.js';

/**
 * Finds clients that are registered with an issuer: what another one says of the same name does not count.
 *
 * @param issuer undefined: our own token endpoint
 */
export function clientFinder(
  clients: readonly RegisteredClient[],
  issuer: string | undefined,
): (id: string) => RegisteredClient | undefined {
  const known = new Map(
    clients.filter((client) => client.issuer === issuer).map((client) => [client.id, client]),
  );
  return (id) => known.get(id);
}
