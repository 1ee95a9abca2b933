import type { Bundle, Resource } from 'fhir/r4.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { mediaTypes } from '../../core/fhir/format.js';
import type { Representation } from '../../core/fhir/representation.js';
import type { FhirAnswer } from './fhir-answer.js';

/** An answer as its client wants it: which part of the resource, and in which format it will be written. */
export async function represent(
  answer: FhirAnswer,
  { format, pretty, view, parameters }: Representation,
): Promise<FhirAnswer> {
  const { resource, headers } = answer;
  if (resource === undefined) return answer;
  // The table of elements is large: only who wants a part pays for it.
  const part =
    view === undefined
      ? resource
      : (await import('../../core/fhir/subset.js')).subsetResource(resource, view);
  const contentType = mediaTypes[format];
  return {
    ...answer,
    headers: headers['content-type'] === contentType ? headers : { ...headers, 'content-type': contentType },
    resource: withParameters(part, parameters),
    style: { format, pretty },
  };
}

/** Links to other pages lead to the same representation. */
function withParameters(resource: Resource, parameters: readonly ParameterPair[]): Resource {
  if (resource.resourceType !== 'Bundle' || parameters.length === 0) return resource;
  const query = new URLSearchParams(
    parameters.map(([name, value]): [string, string] => [name, value]),
  ).toString();
  const { link, ...bundle } = resource as Bundle;
  if (link === undefined) return resource;
  const extended = link.map(({ url, ...rest }) => ({
    ...rest,
    url: `${url}${url.includes('?') ? '&' : '?'}${query}`,
  }));
  return { ...bundle, link: extended } as Bundle;
}
