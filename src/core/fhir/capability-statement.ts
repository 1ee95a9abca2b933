import { createHash } from 'node:crypto';
import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceSearchParam,
  CapabilityStatementRestSecurity,
} from 'fhir/r4.js';
import { bulkDataCapabilities, exportOperation } from './export/export-operations.js';
import { patchFormats } from './format.js';
import { type ServedType, servedTypes, systemOperations } from './interactions.js';
import type { ParameterDefinition } from './search/definitions.js';
import { modifiersOf } from './search/parse-parameter.js';
import { nearForm } from './search/places.js';
import { mayBeTo } from './search/terms.js';
import { provenanceProfile } from './provenance.js';
import { mostEntries } from './transaction/read-bundle.js';
import { pageSize } from './search-parameters.js';

/** Media types and names of the formats that are served and taken; JSON where none is asked for. */
const formats = ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'];

/** When what the statement says last changed (FHIR date). */
const releaseDate = '2026-11-27';

/** What differs between deployments. */
export interface CapabilityContext {
  readonly software: { readonly name: string; readonly version: string };
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
  /** Where backend services get tokens; undefined: the exchange issues none. */
  readonly tokenUrl?: string | undefined;
}

/** How clients authenticate; the extension says where SMART clients get tokens (SMART App Launch, "Conformance"). */
function describeSecurity(tokenUrl: string | undefined): CapabilityStatementRestSecurity {
  const description =
    'Every request but this one needs a JSON Web Token of a configured issuer in Authorization: Bearer.';
  if (tokenUrl === undefined) return { service: [{ text: 'Bearer JWT' }], description };
  return {
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [{ url: 'token', valueUri: tokenUrl }],
      },
    ],
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
          },
        ],
        text: 'Bearer JWT; backend services get theirs as SMART App Launch 2 says',
      },
    ],
    description,
  };
}

/**
 * What this server does (FHIR R4 section 5.2), read from the tables that route its requests: nothing is claimed that
 * is not served.
 */
export function capabilityStatement({ software, baseUrl, tokenUrl }: CapabilityContext): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: releaseDate,
    kind: 'instance',
    instantiates: [bulkDataCapabilities],
    software: { ...software },
    implementation: {
      description: 'UK Core patient records normalised from the messages of NHS trusts',
      url: baseUrl,
    },
    fhirVersion: '4.0.1',
    format: formats,
    patchFormat: [...patchFormats],
    rest: [
      {
        mode: 'server',
        documentation: `Ids of clients may be used (PUT); a record about a patient must refer to one who is stored here. Writes may be conditional, patches too: criteria that one resource meets. Searches need a criterion that names records or a patient; Patient/{id}/{type} searches the records about a patient, not those in which they only take part; unknown parameters obey Prefer: handling. Profiles are those that messages are mapped to: what clients write is not checked against them. A batch or transaction has at most ${mostEntries} entries.`,
        security: describeSecurity(tokenUrl),
        resource: [...servedTypes.map(describeType), provenance, auditEvent],
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        operation: [...systemOperations, exportOperation('system')].map((operation) => ({ ...operation })),
        searchParam: [
          {
            name: '_count',
            type: 'number',
            documentation: `Entries a page, 1 to ${pageSize.maximum}, ${pageSize.standard} by default; more are cut to the maximum; 0 counts the matches of a search.`,
          },
        ],
      },
    ],
  };
}

/** The entity tag of a statement: another one whenever it says something else (FHIR R4 section 3.1.0.10). */
export const capabilityTag = (statement: CapabilityStatement): string =>
  `W/"${createHash('sha256').update(JSON.stringify(statement)).digest('hex').slice(0, 16)}"`;

/** Made when it is asked for, of what is kept with each version: it is not stored, and not read by its id. */
const provenance: CapabilityStatementRestResource = {
  type: 'Provenance',
  documentation: 'Of each version of a record, the latest first, to 100. Other parameters are refused.',
  supportedProfile: [provenanceProfile],
  interaction: [{ code: 'search-type' }],
  searchParam: [
    {
      name: 'target',
      definition: 'http://hl7.org/fhir/SearchParameter/Provenance-target',
      type: 'reference',
      documentation: 'Needed: one record (Type/id), or one version of it (Type/id/_history/version).',
    },
  ],
};

/** Entries of the audit trail, for privacy officers: they have no versions, and nobody writes them. */
const auditEvent: CapabilityStatementRestResource = {
  type: 'AuditEvent',
  documentation:
    'For privacy officers. Other parameters are refused; agent takes the modifier identifier alone.',
  interaction: [{ code: 'read' }, { code: 'search-type' }],
  searchParam: [
    { name: '_id', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id', type: 'token' },
    ...(
      [
        ['action', 'token'],
        ['agent', 'reference'],
        ['date', 'date'],
        ['entity', 'reference'],
        ['outcome', 'token'],
        ['patient', 'reference'],
        ['subtype', 'token'],
        ['type', 'token'],
      ] as const
    ).map(([name, type]) => ({
      ...{ name, type },
      definition: `http://hl7.org/fhir/SearchParameter/AuditEvent-${name}`,
    })),
  ],
};

function describeType({
  type,
  profile,
  interactions,
  searchParameters,
  operations,
}: ServedType): CapabilityStatementRestResource {
  const references = searchParameters.filter((parameter) => parameter.type === 'reference');
  const claimed = [...operations, ...(type === 'Patient' ? [exportOperation('patient')] : [])];
  return {
    type,
    ...(profile === undefined ? {} : { supportedProfile: [profile] }),
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
    searchInclude: ['*', ...references.map(({ code }) => `${type}:${code}`)],
    searchRevInclude: referrersOf(type),
    searchParam: searchParameters.map(describeParameter),
    ...(claimed.length === 0 ? {} : { operation: claimed.map((operation) => ({ ...operation })) }),
  };
}

/** `Observation:patient` for every reference that may be to a type. */
const referrersOf = (type: string): string[] =>
  servedTypes.flatMap(({ type: source, searchParameters }) =>
    searchParameters.filter((parameter) => mayBeTo(parameter, type)).map(({ code }) => `${source}:${code}`),
  );

function describeParameter(parameter: ParameterDefinition): CapabilityStatementRestResourceSearchParam {
  const { code, type, url, description } = parameter;
  const modifiers = [...modifiersOf(parameter), ...(type === 'reference' ? ['Type'] : [])];
  const near = type === 'special' ? ` ${nearForm}` : '';
  const taken = modifiers.length === 0 ? '' : ` Modifiers: ${modifiers.join(', ')}.`;
  return { name: code, definition: url, type, documentation: `${description}.${near}${taken}` };
}
