/**
 * What the FHIR API serves, once: the routes, the CapabilityStatement and the search parameters are all read from
 * these tables, so that none of them can claim what another does not do.
 */

import type { CapabilityStatementRestResource } from 'fhir/r4.js';

type ResourceType = CapabilityStatementRestResource['type'];

/** A search parameter of R4 as this server serves it. */
export interface SearchParameter {
  readonly name: 'identifier' | 'patient' | 'subject' | '_id';
  readonly type: 'token' | 'reference';
  /** Canonical address of the R4 definition. */
  readonly definition: string;
  readonly documentation: string;
}

/** One resource type of the API. */
export interface ServedType {
  readonly type: ResourceType;
  /** The UK Core profile that its resources are mapped to. */
  readonly profile: string;
  /** Whether a resource is about a patient, and lives in their partition, or is shared by all. */
  readonly scope: 'patient' | 'shared';
  readonly interactions: readonly ('read' | 'vread' | 'search-type')[];
  readonly searchParameters: readonly SearchParameter[];
  readonly operations: readonly { readonly name: 'everything'; readonly definition: string }[];
}

/** Methods of every route; HEAD answers as GET does, without a body. */
export const servedMethods = ['GET', 'HEAD'] as const;

/** The addresses below the base; the first that fits decides. */
export const fhirRoutes = [
  { interaction: 'capabilities', template: 'metadata' },
  { interaction: 'search-type', template: '{type}' },
  { interaction: 'read', template: '{type}/{id}' },
  { interaction: 'vread', template: '{type}/{id}/_history/{versionId}' },
  { interaction: 'everything', template: '{type}/{id}/$everything' },
] as const;

/** A request's route; what its template does not name is the empty string. */
export interface RouteMatch {
  readonly interaction: (typeof fhirRoutes)[number]['interaction'];
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
}

const hl7 = (name: string) => `http://hl7.org/fhir/SearchParameter/${name}`;

const byId: SearchParameter = {
  name: '_id',
  type: 'token',
  definition: hl7('Resource-id'),
  documentation: 'Logical ids, separated by commas.',
};

const byIdentifier = (definition: string): SearchParameter => ({
  name: 'identifier',
  type: 'token',
  definition: hl7(definition),
  documentation:
    'system|value, value (any system) or |value (no system), compared exactly; alternatives separated by commas; repeated, all must match. system| is refused.',
});

const byPatient = (name: 'patient' | 'subject', definition: string): SearchParameter => ({
  name,
  type: 'reference',
  definition: hl7(definition),
  documentation: 'Patient/{id} or {id}, one patient; records of linked patients are included.',
});

const served = (
  type: ResourceType,
  scope: ServedType['scope'],
  searchParameters: readonly SearchParameter[],
  operations: ServedType['operations'] = [],
): ServedType => ({
  type,
  profile: `https://fhir.hl7.org.uk/StructureDefinition/UKCore-${type}`,
  scope,
  interactions: ['read', 'vread', 'search-type'],
  searchParameters: [byId, ...searchParameters],
  operations,
});

const clinical = (type: ResourceType): ServedType =>
  served(type, 'patient', [
    byIdentifier('clinical-identifier'),
    byPatient('patient', 'clinical-patient'),
    byPatient('subject', `${type}-subject`),
  ]);

const shared = (type: ResourceType): ServedType =>
  served(type, 'shared', [byIdentifier(`${type}-identifier`)]);

/** The resource types of the API. */
export const servedTypes: readonly ServedType[] = [
  served(
    'Patient',
    'patient',
    [byIdentifier('Patient-identifier')],
    [{ name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' }],
  ),
  clinical('Encounter'),
  clinical('Condition'),
  // R4 defines no `subject` for an AllergyIntolerance.
  served('AllergyIntolerance', 'patient', [
    byIdentifier('clinical-identifier'),
    byPatient('patient', 'clinical-patient'),
  ]),
  clinical('Observation'),
  clinical('DiagnosticReport'),
  shared('Practitioner'),
  shared('PractitionerRole'),
  shared('Organization'),
  shared('Location'),
];

const typesByName: ReadonlyMap<string, ServedType> = new Map(
  servedTypes.map((served) => [served.type, served]),
);

/** What is served of a resource type; undefined when nothing is. */
export function findServedType(type: string): ServedType | undefined {
  return typesByName.get(type);
}

/**
 * The route of a path below the base, such as `Patient/abc/_history/2`; undefined when no template fits. Whether the
 * type is served and the ids exist is for the use cases to say.
 */
export function matchRoute(path: string): RouteMatch | undefined {
  // R4 writes searches with and without a slash before the question mark.
  const segments = path.replace(/\/$/, '').split('/').map(decodeSegment);
  for (const { interaction, template } of fhirRoutes) {
    const variables = matchTemplate(template.split('/'), segments);
    if (variables === undefined) continue;
    const { type = '', id = '', versionId = '' } = variables;
    return { interaction, type, id, versionId };
  }
  return undefined;
}

function matchTemplate(
  template: readonly string[],
  segments: readonly (string | undefined)[],
): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined;
  const variables: Record<string, string> = {};
  for (const [position, part] of template.entries()) {
    const segment = segments[position];
    if (segment === undefined || segment === '') return undefined;
    if (part.startsWith('{')) variables[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return variables;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
