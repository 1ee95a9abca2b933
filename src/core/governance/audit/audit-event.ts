/** An entry of the audit trail as an AuditEvent of FHIR R4, in the codes of IHE BALP (Basic Audit Log Patterns). */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Reference } from 'fhir/r4.js';
import type { Chain, ChainedEntry } from './chain.js';
import type { AuditEntry, AuditOutcome } from './entry.js';

/** Where the exchange that observed it can be looked up. */
export interface Observer {
  /** `Healthcare Data Exchange`. */
  readonly name: string;
}

const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const restful = 'http://hl7.org/fhir/restful-interaction';

/** Interactions of FHIR R4 by what the trail calls them; operations are all that is not here. */
const restfulCodes: ReadonlySet<string> = new Set([
  ...['read', 'vread', 'update', 'patch', 'delete', 'create'],
  ...['history-instance', 'history-type', 'search-type', 'transaction', 'batch'],
]);

/** AuditEvent.action: create, read, update, delete, execute. */
const actions: Readonly<Record<string, AuditEvent['action']>> = {
  create: 'C',
  read: 'R',
  vread: 'R',
  'history-instance': 'R',
  'history-type': 'R',
  update: 'U',
  patch: 'U',
  'meta-add': 'U',
  'meta-delete': 'U',
  delete: 'D',
};

/** What has no outcome yet has no code. */
const outcomes: Readonly<Record<AuditOutcome, AuditEvent['outcome']>> = {
  begun: undefined,
  done: '0',
  refused: '4',
  failed: '8',
};

/** Interactions with messages as they were received: `triage-show`, `receipt-read`, `replay-run`. */
const isOfMessages = (interaction: string): boolean => /^(triage|receipt|replay|ledger)-/.test(interaction);

/** The id of the AuditEvent of an entry: day, shard and sequence. */
export const auditEventId = ({ day, shard }: Pick<Chain, 'day' | 'shard'>, sequence: number): string =>
  `${day}.${shard}.${sequence}`;

/** Where the entry of an AuditEvent stands; undefined for an id that is none of ours. */
export function placeOfAuditEvent(
  id: string,
): (Pick<Chain, 'day' | 'shard'> & { readonly sequence: number }) | undefined {
  const [, day, shard, sequence] = /^(\d{4}-\d\d-\d\d)\.([\w-]{1,20})\.(0|[1-9]\d{0,14})$/.exec(id) ?? [];
  return day === undefined || shard === undefined ? undefined : { day, shard, sequence: Number(sequence) };
}

/** The AuditEvent of an entry (FHIR R4 section 6.4). */
export function toAuditEvent(
  chain: Pick<Chain, 'day' | 'shard'>,
  { entry, sequence }: Pick<ChainedEntry, 'entry' | 'sequence'>,
  observer: Observer,
): AuditEvent {
  const outcome = outcomes[entry.outcome];
  const isReason = entry.outcome === 'refused' || entry.outcome === 'failed';
  return {
    resourceType: 'AuditEvent',
    id: auditEventId(chain, sequence),
    ...typeOf(entry.interaction),
    action: actions[entry.interaction] ?? 'E',
    recorded: entry.at,
    ...(outcome === undefined ? {} : { outcome }),
    ...(isReason ? { outcomeDesc: entry.reason } : {}),
    ...(entry.purpose === undefined ? {} : { purposeOfEvent: [{ coding: [purposeCoding(entry.purpose)] }] }),
    agent: agentsOf(entry),
    source: {
      observer: { display: observer.name },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entitiesOf(entry),
  };
}

function typeOf(interaction: string): Pick<AuditEvent, 'type' | 'subtype'> {
  if (isOfMessages(interaction))
    return {
      type: {
        system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle',
        code: 'access',
        display: 'Access/View Record Lifecycle Event',
      },
    };
  const code = interaction === 'search-compartment' ? 'search-type' : interaction;
  return {
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'Restful Operation',
    },
    subtype: [{ system: restful, code: restfulCodes.has(code) ? code : 'operation' }],
  };
}

const purposeCoding = (code: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code,
});

function agentsOf({
  subject,
  organisation,
  onBehalfOf,
  interaction,
  outcome,
  reason,
}: AuditEntry): AuditEventAgent[] {
  const isSource = ['create', 'update', 'patch', 'delete', 'meta-add', 'meta-delete'].includes(interaction);
  const isAllowed = outcome === 'begun' || outcome === 'done';
  const role = isSource
    ? { system: dicom, code: '110153', display: 'Source Role ID' }
    : { system: dicom, code: '110152', display: 'Destination Role ID' };
  return [
    {
      type: { coding: [role] },
      who: { identifier: { value: subject } },
      requestor: true,
      ...(isAllowed ? { policy: [`urn:hde:reason:${reason}`] } : {}),
    },
    ...(onBehalfOf === undefined
      ? []
      : [{ who: { identifier: { value: onBehalfOf } }, name: 'on behalf of', requestor: false }]),
    ...(organisation === undefined
      ? []
      : [
          {
            who: {
              type: 'Organization',
              identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: organisation },
            },
            requestor: false,
          },
        ]),
  ];
}

/** Messages and broken glass are no resources. */
function whatOf(record: string): Reference {
  const [, id] = /^(?:message|glass)\/(.+)$/.exec(record) ?? [];
  return id === undefined ? { reference: record } : { identifier: { value: id } };
}

const entityType = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const objectRole = 'http://terminology.hl7.org/CodeSystem/object-role';

const entitiesOf = ({ patients, records, request, trace }: AuditEntry): AuditEventEntity[] => [
  ...patients.map((patient) => ({
    what: { reference: `Patient/${patient}` },
    type: { system: entityType, code: '1', display: 'Person' },
    role: { system: objectRole, code: '1', display: 'Patient' },
  })),
  ...records
    .filter((record) => !record.startsWith('Patient/') || record.includes('/_history/'))
    .map((record) => ({
      what: whatOf(record),
      type: { system: entityType, code: '2', display: 'System Object' },
      role: { system: objectRole, code: '4', display: 'Domain Resource' },
    })),
  {
    what: { identifier: { value: request } },
    type: {
      system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
      code: 'XrequestId',
    },
    ...(trace === undefined ? {} : { detail: [{ type: 'traceId', valueString: trace }] }),
  },
];
