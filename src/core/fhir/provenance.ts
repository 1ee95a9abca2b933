/** Where a version of a record comes from, as Provenance of FHIR R4 (UKCore-Provenance 1.2.0, a draft): made when it is asked for. */
import type { Provenance, ProvenanceAgent, ProvenanceEntity } from 'fhir/r4.js';
import { sharedId } from '../identity/tokens.js';
import type { HistoryDocument } from '../records/types.js';

/** Canonical address of the profile. */
export const provenanceProfile = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore-Provenance';

export interface ProvenanceContext {
  /** ODS code of the organisation of a feed. */
  readonly organisationOf: (feed: string) => string | undefined;
  /** Whether clients are named: the subject of a token may be that of a member of staff. */
  readonly namesClients: boolean;
  /** Whether it must not be told where the patient is cared for: then neither feeds, organisations nor clients are named. */
  readonly hidesPlaces: (document: HistoryDocument) => boolean;
}

const participant = (code: 'assembler' | 'author' | 'enterer' | 'informant') => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }],
});

/**
 * The Provenance of a version: its messages (`entity`), the feed and its organisation or the client that wrote it (`agent`),
 * and the pack by whose rules it was mapped (`policy`).
 */
export function provenanceOf(document: HistoryDocument, context: ProvenanceContext): Provenance {
  const { resourceType, fhirId, versionId, eventTime, lastUpdated, source } = document;
  const { client, pack } = source;
  return {
    resourceType: 'Provenance',
    id: sharedId('Provenance', `${resourceType}/${fhirId}`, String(versionId)),
    meta: { profile: [provenanceProfile] },
    target: [{ reference: `${resourceType}/${fhirId}/_history/${versionId}` }],
    occurredDateTime: eventTime,
    recorded: lastUpdated,
    ...(client === undefined ? { policy: [`urn:hde:pack:${pack.name}@${pack.version}`] } : {}),
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: activityOf(document),
        },
      ],
    },
    agent: agentsOf(document, context),
    entity: entitiesOf(document),
  };
}

const activityOf = ({ kind, versionId }: HistoryDocument): string =>
  kind === 'deleted' ? 'DELETE' : versionId === 1 ? 'CREATE' : 'UPDATE';

const organisation = (value: string) => ({
  type: 'Organization',
  identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value },
});

const exchange: ProvenanceAgent = {
  type: participant('assembler'),
  who: { type: 'Device', display: 'Healthcare Data Exchange' },
};

function agentsOf(document: HistoryDocument, context: ProvenanceContext): ProvenanceAgent[] {
  const { client } = document.source;
  if (context.hidesPlaces(document)) return [exchange];
  return client === undefined ? agentsOfMessage(document, context) : agentsOfWrite(document, client, context);
}

function agentsOfMessage(
  { source: { feed } }: HistoryDocument,
  context: ProvenanceContext,
): ProvenanceAgent[] {
  const ods = context.organisationOf(feed);
  return [
    ...(ods === undefined ? [] : [{ type: participant('author'), who: organisation(ods) }]),
    {
      type: participant('informant'),
      who: { type: 'Device', identifier: { system: 'urn:hde:feed', value: feed } },
    },
    exchange,
  ];
}

function agentsOfWrite(
  { source }: HistoryDocument,
  client: string,
  { namesClients }: ProvenanceContext,
): ProvenanceAgent[] {
  const ods = source.organisation;
  const author = ods === undefined ? undefined : organisation(ods);
  const who = namesClients ? { identifier: { value: client } } : (author ?? { display: 'not shown' });
  return [
    {
      type: participant('enterer'),
      who,
      ...(namesClients && author !== undefined ? { onBehalfOf: author } : {}),
    },
    exchange,
  ];
}

/** The messages that the version was made of, that which made it first; of a client's write its request. */
function entitiesOf(document: HistoryDocument): ProvenanceEntity[] {
  const { messageId, client, correctionOf } = document.source;
  const stating = document.kind === 'deleted' || client !== undefined ? [] : document.lineage.messages;
  const system = client === undefined ? 'urn:hde:message' : 'urn:hde:request';
  const what = (value: string) => ({ identifier: { system, value } });
  return [
    ...[...new Set([messageId, ...stating])].map((id): ProvenanceEntity => ({
      role: 'source',
      what: what(id),
    })),
    ...(correctionOf === undefined ? [] : [{ role: 'revision', what: what(correctionOf) } as const]),
  ];
}
