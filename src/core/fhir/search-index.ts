import type { Resource } from 'fhir/r4.js';

/** The searchable values of a resource, stored beside it and indexed by Cosmos DB. */
export interface SearchIndex {
  /** `system|value` and `|value` of every identifier. */
  readonly identifier: readonly string[];
}

/** What a search by identifier asks for (FHIR R4 section 3.1.1.5.10). */
export interface IdentifierToken {
  /** The identifier's system; `''` asks for one without a system, undefined leaves it open. */
  readonly system: string | undefined;
  readonly value: string;
}

interface PlainIdentifier {
  readonly system?: string;
  readonly value?: string;
}

/** Derives the search index of a resource (FHIR R4 search, token parameters: section 3.1.1.5.10). */
export function indexResource(resource: Resource): SearchIndex {
  const tokens = new Set<string>();
  for (const { system, value } of identifiersOf(resource)) {
    if (value === undefined) continue;
    tokens.add(`|${value}`);
    if (system !== undefined) tokens.add(`${system}|${value}`);
  }
  return { identifier: [...tokens] };
}

/**
 * The entry of `SearchIndex.identifier` that every match carries. Some that carry it may not match, since the index
 * does not tell an open system from an absent one: see `matchesIdentifier`.
 */
export function indexEntryOf({ system = '', value }: IdentifierToken): string {
  return `${system}|${value}`;
}

/** Whether a resource has the identifier that is asked for. */
export function matchesIdentifier(resource: Resource, token: IdentifierToken): boolean {
  return identifiersOf(resource).some(
    ({ system = '', value }) =>
      value === token.value && (token.system === undefined || token.system === system),
  );
}

function identifiersOf(resource: Resource): readonly PlainIdentifier[] {
  const { identifier = [] } = resource as { identifier?: PlainIdentifier | readonly PlainIdentifier[] };
  return Array.isArray(identifier)
    ? (identifier as readonly PlainIdentifier[])
    : [identifier as PlainIdentifier];
}
