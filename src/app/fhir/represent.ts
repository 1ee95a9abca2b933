import type { Bundle, Resource } from 'fhir/r4.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import { mediaTypes } from '../../core/fhir/format.js';
import type { Representation } from '../../core/fhir/representation.js';
import type { View } from '../../core/fhir/subset.js';
import type { FhirAnswer } from './fhir-answer.js';

/** That part of an answer's resource that its client wants to see. */
export async function reduce(answer: FhirAnswer, view: View): Promise<FhirAnswer> {
  if (answer.resource === undefined) return answer;
  // The table of elements is large: only who wants a part pays for it.
  const { subsetResource } = await import('../../core/fhir/subset.js');
  return { ...answer, resource: subsetResource(answer.resource, view) };
}

/** An answer with the format in which its client wants it written. */
export function represent(answer: FhirAnswer, { format, pretty, parameters }: Representation): FhirAnswer {
  const { resource, headers } = answer;
  if (resource === undefined) return answer;
  const contentType = mediaTypes[format];
  return {
    ...answer,
    headers: headers['content-type'] === contentType ? headers : { ...headers, 'content-type': contentType },
    resource: withParameters(resource, parameters),
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
