/** Builders shared by the mapping tests. All people are synthetic. */
import type { Resource } from 'fhir/r4.js';
import type { Feed } from '../../../src/core/feed.js';
import { parseHl7v2 } from '../../../src/core/formats/hl7v2/parse.js';
import { recordId } from '../../../src/core/identity/tokens.js';
import { convertHl7v2, requireMappable } from '../../../src/core/mapping/convert.js';
import { extendPack } from '../../../src/core/mapping/engine/extend-pack.js';
import type { Pack, Rule } from '../../../src/core/mapping/engine/pack.js';
import { createPackRegistry } from '../../../src/core/mapping/engine/pack-registry.js';
import { builtInPacks } from '../../../src/core/mapping/packs/built-in-packs.js';
import { hl7v2Base } from '../../../src/core/mapping/packs/hl7v2-base/pack.js';
import { hl7v2Uk } from '../../../src/core/mapping/packs/hl7v2-uk/pack.js';
import { identities } from '../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../src/core/mapping/transforms/transforms.js';
import type { Conversion, MappedRecord } from '../../../src/core/mapping/types.js';
import { packLineage } from '../../../src/core/records/lineage.js';
import { mergeStatements, type Statement } from '../../../src/core/records/statement.js';

export const feed: Feed = {
  id: 'pas',
  name: 'Patient administration',
  organisation: 'RXX',
  format: 'hl7v2',
  pack: 'hl7v2-uk',
  timeZone: 'Europe/London',
  assigningAuthorities: {
    NHS: 'https://fhir.nhs.uk/Id/nhs-number',
    RXX: 'https://rxx.nhs.uk/id/mrn',
    CHI: 'https://fhir.nhs.scot/Id/chi-number',
  },
  localSystems: {
    patient: 'https://rxx.nhs.uk/id/patient',
    visit: 'https://rxx.nhs.uk/id/visit',
    order: 'https://rxx.nhs.uk/id/order',
    staff: 'https://rxx.nhs.uk/id/staff',
    location: 'https://rxx.nhs.uk/id/location',
    code: 'https://rxx.nhs.uk/id/code',
  },
  maxBytes: 1_000_000,
};

export const PATIENT_KEY = 'patientkeypatientkeypatien';
export const PRIOR_KEY = 'priorkeypriorkeypriorkeypr';
/** The key of a second patient in a message. */
export const SECOND_KEY = 'secondkeysecondkeysecondke';
export const SECOND_PRIOR_KEY = 'secondpriorsecondpriorseco';
export const RECEIVED_AT = '2024-01-05T09:00:01.000Z';

/** A message from its segments; MSH and EVN are made for the type. */
export function hl7(type: string, ...segments: string[]): string {
  const event = type.split('^')[1] ?? '';
  return [
    `MSH|^~\\&|PAS|RXX|HDE|RXX|20240105090000||${type}|MSG1|P|2.4`,
    `EVN|${event}|20240105085900`,
    ...segments,
    '',
  ].join('\r');
}

/** A segment from its fields by number; MSH is not one of them. */
export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}

export const PID = 'PID|1||9990000018^^^NHS^NH~A12345^^^RXX^MR||Khan^Amira^^^Mrs||19800229|F';

export interface ConvertOptions {
  readonly feed?: Feed;
  readonly pack?: Pack;
  /** Whom MRG names; default: `PRIOR_KEY`. */
  readonly priorKey?: string;
  /** Identifiers (`system|value`) of PID that belong to somebody else. */
  readonly contested?: readonly string[];
}

/** Converts a message as the exchange does, with fixed keys. */
export function convertText(text: string, options: ConvertOptions = {}): Conversion {
  const { pack, priorKey = PRIOR_KEY, contested = [] } = options;
  const message = parseHl7v2(text);
  const used: Feed = { ...(options.feed ?? feed), ...(pack === undefined ? {} : { pack: pack.name }) };
  const registry = pack === undefined ? builtInPacks : createPackRegistry([pack], { transforms, identities });
  requireMappable(message, used, registry);
  const nothing = new Set<string>();
  return convertHl7v2(message, {
    feed: used,
    people: new Map([
      ['PID', { patientKey: PATIENT_KEY, contested: new Set(contested) }],
      ['PID(2)', { patientKey: SECOND_KEY, contested: nothing }],
      ['MRG', { patientKey: priorKey, contested: nothing }],
      ['MRG(2)', { patientKey: SECOND_PRIOR_KEY, contested: nothing }],
    ]),
    receivedAt: RECEIVED_AT,
    registry,
  });
}

/** The records of one type. */
export const recordsOf = (conversion: Conversion, type: string): MappedRecord[] =>
  conversion.records.filter(({ resource }) => resource.resourceType === type);

/** The id of a record about the patient; the parts of its identity are separated by `|`. */
export const patientRecordId = (type: string, identity: string): string =>
  recordId(PATIENT_KEY, type, 'pas', identity.replaceAll('|', '\u001f'));

/** The only record of a type. */
export function recordOf(conversion: Conversion, type: string): MappedRecord {
  const [record, ...others] = recordsOf(conversion, type);
  if (record === undefined || others.length > 0) throw new Error(`not exactly one ${type}`);
  return record;
}

/** The only resource of a type, loosely typed for comparisons. */
export const resourceOf = <T extends Resource>(conversion: Conversion, type: T['resourceType']): T =>
  recordOf(conversion, type).resource as unknown as T;

export const ukPack: Pack = extendPack(hl7v2Base, hl7v2Uk);

/** A pack with one map over the segment ZZT, for testing a rule or transform alone. */
export function testPack(rules: readonly Rule[], changes: Partial<Pack> = {}): Pack {
  return {
    ...ukPack,
    name: 'test',
    maps: [{ id: 'map', segment: 'ZZT', resource: 'Basic', identity: 'patient', mode: 'merge', rules }],
    ignored: [],
    ...changes,
  };
}

export interface Transformed {
  readonly value: unknown;
  readonly conversion: Conversion;
  /** `element <- source text`, in the order of recording. */
  readonly lineage: readonly string[];
}

/** What a transform makes of a field, with the other segments of the message given. */
export function transformed(using: string, field: string, ...others: string[]): Transformed {
  const pack = testPack([{ id: 'rule', from: 'ZZT-1', to: 'value', using }]);
  const text = hl7('ADT^A01', PID, ...others, `ZZT|${field}`);
  const conversion = convertText(text, { pack });
  const record = recordOf(conversion, 'Basic');
  return {
    value: (record.resource as unknown as { value: unknown }).value,
    conversion,
    lineage: record.lineage.map(
      ({ element, start, end }) => `${element} <- ${start === undefined ? '' : text.slice(start, end)}`,
    ),
  };
}

const statementOf = ({ resource, lineage }: MappedRecord, messageId: string): Statement => ({
  resource,
  lineage: packLineage(lineage, messageId),
});

/** What is known of a record after two messages. */
export const after = (first: MappedRecord, second: MappedRecord): Resource =>
  mergeStatements(statementOf(first, '1'), statementOf(second, '2'), second.removed).resource;

/** The resources of one type. */
export const resourcesOf = (conversion: Conversion, type: string): Resource[] =>
  recordsOf(conversion, type).map(({ resource }) => resource);

/** The fields that no rule reads. */
export const unmapped = ({ ledger }: Conversion): string[] =>
  ledger.flatMap(({ fate, source }) => (fate === 'unmapped' ? [source] : []));

/** `HDE_HL7_REQUIRED AL1-3`, for each issue. */
export const warned = ({ issues }: Conversion): string[] =>
  issues.map(({ code, location }) => `${code} ${location ?? ''}`);
