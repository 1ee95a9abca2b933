/**
 * What the FHIR API serves, once: the routes, the CapabilityStatement and the search parameters are all read from
 * these tables, so that none of them can claim what another does not do.
 */

import type { CapabilityStatementRestResource, CapabilityStatementRestResourceInteraction } from 'fhir/r4.js';
import { type ParameterDefinition, parametersOf } from './search/definitions.js';

type ResourceType = CapabilityStatementRestResource['type'];
type TypeInteraction = CapabilityStatementRestResourceInteraction['code'];

/** An operation on the system, a type, or one of its resources. */
export interface ServedOperation {
  readonly name: 'everything' | 'lastn' | 'match' | 'validate' | 'meta' | 'meta-add' | 'meta-delete';
  /** Canonical address of the R4 definition. */
  readonly definition: string;
  /** What is served of it, where that is not all. */
  readonly documentation?: string;
}

/** One resource type of the API. */
export interface ServedType {
  readonly type: ResourceType;
  /** The UK Core profile that its resources are mapped to; absent where there is none. */
  readonly profile?: string;
  /** Whether a resource is about a patient, and lives in their partition, or is shared by all. */
  readonly scope: 'patient' | 'shared';
  readonly interactions: readonly TypeInteraction[];
  /** All of R4 for the type that can be answered from the index. */
  readonly searchParameters: readonly ParameterDefinition[];
  readonly operations: readonly ServedOperation[];
}

/**
 * Methods and addresses below the base; the first template that fits an address decides which methods it takes. HEAD
 * answers as GET does, without a body.
 */
export const fhirRoutes = [
  { interaction: 'transaction', method: 'POST', template: '' },
  { interaction: 'capabilities', method: 'GET', template: 'metadata' },
  { interaction: 'meta', method: 'GET', template: '$meta' },
  { interaction: 'meta', method: 'POST', template: '$meta' },
  { interaction: 'provenance', method: 'GET', template: 'Provenance' },
  { interaction: 'provenance', method: 'POST', template: 'Provenance/_search' },
  { interaction: 'search-type', method: 'GET', template: '{type}' },
  { interaction: 'create', method: 'POST', template: '{type}' },
  { interaction: 'update', method: 'PUT', template: '{type}' },
  { interaction: 'patch', method: 'PATCH', template: '{type}' },
  { interaction: 'delete', method: 'DELETE', template: '{type}' },
  { interaction: 'search-type', method: 'POST', template: '{type}/_search' },
  { interaction: 'history-type', method: 'GET', template: '{type}/_history' },
  { interaction: 'lastn', method: 'GET', template: '{type}/$lastn' },
  { interaction: 'lastn', method: 'POST', template: '{type}/$lastn' },
  { interaction: 'match', method: 'POST', template: '{type}/$match' },
  { interaction: 'validate', method: 'POST', template: '{type}/$validate' },
  { interaction: 'meta', method: 'GET', template: '{type}/$meta' },
  { interaction: 'meta', method: 'POST', template: '{type}/$meta' },
  { interaction: 'read', method: 'GET', template: '{type}/{id}' },
  { interaction: 'update', method: 'PUT', template: '{type}/{id}' },
  { interaction: 'patch', method: 'PATCH', template: '{type}/{id}' },
  { interaction: 'delete', method: 'DELETE', template: '{type}/{id}' },
  { interaction: 'history-instance', method: 'GET', template: '{type}/{id}/_history' },
  { interaction: 'vread', method: 'GET', template: '{type}/{id}/_history/{versionId}' },
  { interaction: 'everything', method: 'GET', template: '{type}/{id}/$everything' },
  { interaction: 'everything', method: 'POST', template: '{type}/{id}/$everything' },
  { interaction: 'validate', method: 'GET', template: '{type}/{id}/$validate' },
  { interaction: 'validate', method: 'POST', template: '{type}/{id}/$validate' },
  { interaction: 'meta', method: 'GET', template: '{type}/{id}/$meta' },
  { interaction: 'meta', method: 'POST', template: '{type}/{id}/$meta' },
  { interaction: 'meta-add', method: 'POST', template: '{type}/{id}/$meta-add' },
  { interaction: 'meta-delete', method: 'POST', template: '{type}/{id}/$meta-delete' },
  { interaction: 'search-compartment', method: 'POST', template: 'Patient/{id}/{type}/_search' },
  { interaction: 'search-compartment', method: 'GET', template: 'Patient/{id}/{type}' },
] as const;

/** What changes records: it needs another role than to read them. */
const writingInteractions: ReadonlySet<string> = new Set([
  ...['create', 'update', 'patch', 'delete'],
  ...['meta-add', 'meta-delete'],
]);

/** What changes records and tells of what was stored before: it needs both roles. */
const tellingInteractions: ReadonlySet<string> = new Set(['patch', 'meta-add', 'meta-delete']);

/** Whether an interaction that changes records tells of what was stored before. */
export const tellsOfStored = ({ interaction }: RouteMatch): boolean => tellingInteractions.has(interaction);

/** Whether an interaction changes records. */
export const isWrite = ({ interaction }: RouteMatch): boolean => writingInteractions.has(interaction);

/** A request's route; what its template does not name is the empty string. */
export interface RouteMatch {
  readonly interaction: (typeof fhirRoutes)[number]['interaction'];
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
}

const types = (names: string): readonly ResourceType[] => names.split(' ') as ResourceType[];

/** What the packs make of messages about people (docs/reference/record-ids.md), and consents, which only clients state. */
const patientTypes = types(
  'Patient Account AllergyIntolerance Appointment CarePlan CareTeam ChargeItem Condition Consent Coverage ' +
    'DiagnosticReport DocumentReference Encounter Goal Immunization MedicationAdministration MedicationDispense MedicationRequest ' +
    'Observation Procedure RelatedPerson ServiceRequest Specimen',
);

const directory = types('Practitioner PractitionerRole Organization Location');

/** Types of resources that are about nobody, and of which there are few. */
export const sharedTypes: ReadonlySet<string> = new Set(directory);

const withoutProfile: ReadonlySet<string> = new Set(['Account', 'ChargeItem', 'Coverage', 'Goal']);

const operation = (
  name: ServedOperation['name'],
  definedFor: string,
  documentation?: string,
): ServedOperation => ({
  name,
  definition: `http://hl7.org/fhir/OperationDefinition/${definedFor}-${name}`,
  ...(documentation === undefined ? {} : { documentation }),
});

const ofMany = 'what was looked at of more than 2,000 records, with a warning';

/** Operations on the system. */
export const systemOperations: readonly ServedOperation[] = [
  operation('meta', 'Resource', `Of all records: ${ofMany}.`),
];

/** Operations on every type. */
const commonOperations = [
  operation(
    'validate',
    'Resource',
    'Of a type or one resource: shape, narratives, required codes, invariants, and the patient; no profiles.',
  ),
  operation('meta', 'Resource', `Of one resource, or of a type: ${ofMany}.`),
  operation('meta-add', 'Resource'),
  operation('meta-delete', 'Resource'),
];

const ownOperations: ReadonlyMap<string, readonly ServedOperation[]> = new Map([
  [
    'Patient',
    [
      operation('everything', 'Patient', 'Of one patient: Patient/{id}/$everything.'),
      operation('match', 'Patient', 'By exact identifiers; names and dates find nobody.'),
    ],
  ],
  ['Observation', [operation('lastn', 'Observation', 'Of one patient: patient or subject is needed.')]],
]);

const serve = (type: ResourceType): ServedType => ({
  type,
  ...(withoutProfile.has(type)
    ? {}
    : { profile: `https://fhir.hl7.org.uk/StructureDefinition/UKCore-${type}` }),
  scope: sharedTypes.has(type) ? 'shared' : 'patient',
  interactions: [
    'read',
    'vread',
    'history-instance',
    'history-type',
    'search-type',
    'create',
    'update',
    'patch',
    'delete',
  ],
  searchParameters: parametersOf(type),
  operations: [...(ownOperations.get(type) ?? []), ...commonOperations],
});

/** The resource types of the API. */
export const servedTypes: readonly ServedType[] = [...patientTypes, ...directory].map(serve);

const typesByName: ReadonlyMap<string, ServedType> = new Map(
  servedTypes.map((served) => [served.type, served]),
);

/** What is served of a resource type; undefined when nothing is. */
export function findServedType(type: string): ServedType | undefined {
  return typesByName.get(type);
}

/**
 * The route of a path below the base, such as `Patient/abc/_history/2`; undefined when none fits. Whether the type is
 * served and the ids exist is for the use cases to say.
 */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const place = placeOf(path);
  const interaction = place?.template.methods.get(method === 'HEAD' ? 'GET' : method);
  return place === undefined || interaction === undefined ? undefined : { interaction, ...place.variables };
}

/** The methods for which there is a route at a path, for the header Allow; none where there is nothing. */
export function allowedMethods(path: string): string[] {
  const methods = [...(placeOf(path)?.template.methods.keys() ?? [])];
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

type Variables = { -readonly [name in 'type' | 'id' | 'versionId']: RouteMatch[name] };

/** A form of addresses, and what each method does there. */
interface Template {
  /** What stands between its slashes: a text, or the name of a variable. */
  readonly parts: readonly { readonly text: string; readonly variable: keyof Variables | undefined }[];
  readonly methods: ReadonlyMap<string, RouteMatch['interaction']>;
}

const templates = [...new Set(fhirRoutes.map(({ template }) => template))].map((template): Template => {
  const routes = fhirRoutes.filter((route) => route.template === template);
  const parts = template.split('/').map((text) => ({
    text,
    variable: (['type', 'id', 'versionId'] as const).find((name) => text === `{${name}}`),
  }));
  return { parts, methods: new Map(routes.map(({ method, interaction }) => [method, interaction])) };
});

/** The first template that fits a path. */
function placeOf(path: string): { readonly template: Template; readonly variables: Variables } | undefined {
  // R4 writes searches with and without a slash before the question mark.
  const segments = (path.endsWith('/') ? path.slice(0, -1) : path).split('/').map(decodeSegment);
  for (const template of templates) {
    if (template.parts.length !== segments.length) continue;
    const variables = matchTemplate(template, segments);
    if (variables !== undefined) return { template, variables };
  }
  return undefined;
}

function matchTemplate(
  { parts }: Template,
  segments: readonly (string | undefined)[],
): Variables | undefined {
  const variables: Variables = { type: '', id: '', versionId: '' };
  let position = 0;
  for (const { text, variable } of parts) {
    const segment = segments[position];
    if (segment === undefined) return undefined;
    if (variable === undefined ? segment !== text : segment === '') return undefined;
    // After an id stands an operation or a part of the record, unless it is named as types are.
    if (variable === 'type' && position > 0 && !/^[A-Z][A-Za-z]+$/.test(segment)) return undefined;
    if (variable !== undefined) variables[variable] = segment;
    position += 1;
  }
  return variables;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    return undefined;
  }
}
