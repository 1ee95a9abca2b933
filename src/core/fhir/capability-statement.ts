import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';
import { type ServedType, servedTypes } from './interactions.js';
import { pageSize } from './search-parameters.js';

/** Media types of JSON in the order of preference; the first is what is sent. */
const formats = ['application/fhir+json', 'json'];

/** When what the statement says last changed (FHIR date). */
const releaseDate = '2026-11-25';

/** What differs between deployments. */
export interface CapabilityContext {
  readonly software: { readonly name: string; readonly version: string };
  /** Base address of the FHIR API, without a slash at its end. */
  readonly baseUrl: string;
}

/**
 * What this server does (FHIR R4 section 5.2), read from the tables that route its requests: nothing is claimed that
 * is not served.
 */
export function capabilityStatement({ software, baseUrl }: CapabilityContext): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: releaseDate,
    kind: 'instance',
    software: { ...software },
    implementation: {
      description: 'UK Core patient records normalised from the messages of NHS trusts',
      url: baseUrl,
    },
    fhirVersion: '4.0.1',
    format: formats,
    rest: [
      {
        mode: 'server',
        documentation:
          'Read only. Searches need a criterion that names records or a patient; unknown parameters obey Prefer: handling.',
        security: {
          service: [{ text: 'Bearer JWT' }],
          description:
            'Every request, this statement included, needs a JSON Web Token of the configured issuer with the role reader in Authorization: Bearer.',
        },
        resource: servedTypes.map(describeType),
        searchParam: [
          {
            name: '_count',
            type: 'number',
            documentation: `Entries a page, 1 to ${pageSize.maximum}, ${pageSize.standard} by default; more are cut to the maximum.`,
          },
        ],
      },
    ],
  };
}

function describeType({
  type,
  profile,
  interactions,
  searchParameters,
  operations,
}: ServedType): CapabilityStatementRestResource {
  return {
    type,
    supportedProfile: [profile],
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    conditionalRead: 'not-match',
    searchParam: searchParameters.map((parameter) => ({ ...parameter })),
    ...(operations.length === 0 ? {} : { operation: operations.map((operation) => ({ ...operation })) }),
  };
}
