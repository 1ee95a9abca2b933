import type { Resource } from 'fhir/r4.js';

/** The searchable values of a resource, stored beside it and indexed by Cosmos DB. */
export interface SearchIndex {
  /** `system|value` and `|value` of every identifier. */
  readonly identifier: readonly string[];
}

interface WithIdentifiers {
  readonly identifier?: { system?: string; value?: string } | { system?: string; value?: string }[];
}

/** Derives the search index of a resource (FHIR R4 search, token parameters: section 3.1.1.5.10). */
export function indexResource(resource: Resource): SearchIndex {
  const { identifier = [] } = resource as WithIdentifiers;
  const tokens = new Set<string>();
  for (const { system, value } of Array.isArray(identifier) ? identifier : [identifier]) {
    if (value === undefined) continue;
    tokens.add(`|${value}`);
    if (system !== undefined) tokens.add(`${system}|${value}`);
  }
  return { identifier: [...tokens] };
}
