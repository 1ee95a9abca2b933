import type { Bundle, BundleEntry, Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import { operationOutcome } from './operation-outcome.js';

/** A parameter of a query string, decoded. */
export type ParameterPair = readonly [name: string, value: string];

/** One page of search results. */
export interface SearchsetPage {
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
  /** Address of the search below the base, without parameters: `Observation`. */
  readonly path: string;
  /** The parameters that were obeyed. */
  readonly parameters: readonly ParameterPair[];
  /** The same parameters for the next page; absent on the last one. */
  readonly nextParameters?: readonly ParameterPair[];
  /** Number of matches on all pages; absent when it is not known. */
  readonly total?: number;
  readonly matches: readonly Resource[];
  /** Resources that the matches refer to. */
  readonly included?: readonly Resource[];
  /** What the client should know of how the search was understood. */
  readonly issues?: readonly Issue[];
}

/** A Bundle of type searchset (FHIR R4 section 3.1.1.1). */
export function searchsetBundle(page: SearchsetPage): Bundle {
  const { baseUrl, path, matches, included = [], issues = [] } = page;
  const link = [{ relation: 'self', url: addressOf(baseUrl, path, page.parameters) }];
  if (page.nextParameters !== undefined) {
    link.push({ relation: 'next', url: addressOf(baseUrl, path, page.nextParameters) });
  }
  const entry = [
    ...matches.map((resource) => entryOf(baseUrl, resource, 'match')),
    ...included.map((resource) => entryOf(baseUrl, resource, 'include')),
    ...(issues.length === 0 ? [] : [outcomeEntry(issues)]),
  ];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(page.total === undefined ? {} : { total: page.total }),
    link,
    // FHIR JSON has no empty arrays (R4 section 2.6.2).
    ...(entry.length === 0 ? {} : { entry }),
  };
}

function addressOf(baseUrl: string, path: string, parameters: readonly ParameterPair[]): string {
  const search = new URLSearchParams();
  for (const [name, value] of parameters) search.append(name, value);
  const query = search.toString();
  return `${baseUrl}/${path}${query === '' ? '' : `?${query}`}`;
}

function entryOf(baseUrl: string, resource: Resource, mode: 'match' | 'include'): BundleEntry {
  return { fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id ?? ''}`, resource, search: { mode } };
}

function outcomeEntry(issues: readonly Issue[]): BundleEntry {
  return { resource: operationOutcome(issues), search: { mode: 'outcome' } };
}
