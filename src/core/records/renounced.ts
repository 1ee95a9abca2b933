/** Which identifiers a patient's record stated once and no longer does: claims of those decide nothing (docs/adr/0005). */
import type { Patient, Resource } from 'fhir/r4.js';
import type { LatestDocument } from './types.js';

/** What names an identifier in `renounced`. */
export const identifierKey = ({
  system,
  value,
}: {
  readonly system: string;
  readonly value: string;
}): string => `${system}|${value}`;

/** The identifiers that a Patient states, former ones (`use` old) among them. */
export function statedIdentifiers(resource: Resource): Set<string> {
  const { identifier = [] } = resource as Partial<Patient>;
  return new Set(
    identifier.flatMap(({ system, value }) =>
      system === undefined || value === undefined ? [] : [identifierKey({ system, value })],
    ),
  );
}

/** What is to be remembered with the version or deletion of a Patient that takes the place of another one. */
export function renouncedAfter(
  before: LatestDocument,
  next: LatestDocument,
): Pick<LatestDocument, 'renounced'> {
  if (next.resourceType !== 'Patient') return {};
  const states = (document: LatestDocument): Set<string> =>
    document.kind === 'resource' ? statedIdentifiers(document.resource) : new Set();
  const stated = states(next);
  const given = [...states(before)].map((key) => [key, next.versionId] as const);
  const renounced = [...Object.entries(before.renounced ?? {}), ...given].filter(([key]) => !stated.has(key));
  return renounced.length === 0 ? {} : { renounced: Object.fromEntries(renounced) };
}
