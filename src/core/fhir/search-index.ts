import type { Resource } from 'fhir/r4.js';
import { compileType, visitElement, type ElementTree } from './search/compile.js';
import { parameterisedTypes } from './search/definitions.js';
import { finishDraft, type IndexDraft } from './search/draft.js';
import { fieldsOf, listOf, textOf } from './search/shapes.js';
import type { SearchIndex } from './search/types.js';

export type { SearchIndex } from './search/types.js';

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

const trees = new Map<string, ElementTree>();

function treeOf(type: string): ElementTree {
  // What every resource has serves the types that the table does not know: types come from outside.
  const name = parameterisedTypes.includes(type) ? type : 'Resource';
  const known = trees.get(name);
  if (known !== undefined) return known;
  const tree = compileType(name);
  trees.set(name, tree);
  return tree;
}

/**
 * Derives the search index of a resource (FHIR R4 section 3.1.1.4): the values of all search parameters of its type.
 * Total: what does not have the shape of its datatype is left out, and whatever comes, nothing is thrown.
 */
export function indexResource(resource: Resource): SearchIndex {
  const tokens = new Set<string>();
  for (const { system, value } of identifiersOf(resource)) {
    if (value === undefined) continue;
    tokens.add(`|${value}`);
    if (system !== undefined) tokens.add(`${system}|${value}`);
  }
  const draft: IndexDraft = {};
  visitElement(treeOf(resource.resourceType), resource, draft);
  return { identifier: [...tokens], ...finishDraft(draft) };
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
  return listOf(fieldsOf(resource)?.['identifier']).map((each) => {
    const identifier = fieldsOf(each);
    const system = textOf(identifier?.['system']);
    const value = textOf(identifier?.['value']);
    return { ...(system !== undefined && { system }), ...(value !== undefined && { value }) };
  });
}
