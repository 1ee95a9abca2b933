/** Accesses in plain English, for the people whose records they are: no codes, and no names of staff. */
import { purposeOf, type Purpose } from '../access-vocabulary.js';
import type { AuditEntry } from './entry.js';

/** Who reads it: the patient, or somebody who acts for them. */
export type Reader = 'patient' | 'proxy';

export interface PlainWordsContext {
  readonly reader: Reader;
  /** Whether the reader did it. */
  readonly isOwn: boolean;
  /** Name of the organisation by its ODS code; undefined for one that takes part no more. */
  readonly organisationOf: (ods: string) => string | undefined;
  /** Types of the records that were concerned, as far as the reader may know of them. */
  readonly types: readonly string[];
  /** Why the glass was broken, where the entry tells of that. */
  readonly glassReason: string | undefined;
}

/** What people call the records of each type. */
const nouns: Readonly<Record<string, string>> = {
  Account: 'account details',
  AllergyIntolerance: 'allergies',
  Appointment: 'appointments',
  CarePlan: 'care plans',
  CareTeam: 'care team',
  ChargeItem: 'charges',
  Condition: 'health problems',
  Consent: 'consents and refusals',
  Coverage: 'insurance details',
  DiagnosticReport: 'test reports',
  DocumentReference: 'documents',
  Encounter: 'visits',
  Goal: 'goals of care',
  Immunization: 'vaccinations',
  MedicationAdministration: 'medicines given',
  MedicationDispense: 'medicines supplied',
  MedicationRequest: 'prescriptions',
  Observation: 'test results',
  Patient: 'personal details',
  Procedure: 'procedures',
  RelatedPerson: 'contacts',
  ServiceRequest: 'referrals',
  Specimen: 'samples',
};

/** What was done with records, by interaction; all that is not here is reading. */
const verbs: Readonly<Record<string, string>> = {
  create: 'added to',
  update: 'changed',
  patch: 'changed',
  'meta-add': 'changed the labels of',
  'meta-delete': 'changed the labels of',
  delete: 'removed some of',
  transaction: 'read or changed',
  export: 'copied',
  event: 'was told of changes to',
  message: 'sent news of',
};

/** Deeds that concern the record as a whole, or what governs it. */
const deeds: Readonly<Record<string, (whose: string) => string>> = {
  'opt-outs': (whose) => `noted ${whose} choice about uses of the record beyond care (national data opt-out)`,
  'relationship-register': (whose) => `noted who cares for ${whose === 'your' ? 'you' : 'the patient'}`,
  'relationship-end': (whose) => `noted who cares no more for ${whose === 'your' ? 'you' : 'the patient'}`,
  'proxy-register': (whose) => `noted who may act for ${whose === 'your' ? 'you' : 'the patient'}`,
  'proxy-end': (whose) => `noted who may act no more for ${whose === 'your' ? 'you' : 'the patient'}`,
  'break-glass-search': (whose) => `checked who had opened ${whose} record in an emergency`,
  'break-glass-review': (whose) => `checked why somebody had opened ${whose} record in an emergency`,
  'audit-search': (whose) => `looked up who had seen ${whose} record`,
  'my-record-views': (whose) => `looked up who had seen ${whose} record`,
  'receipt-read': (whose) => `checked whether news for ${whose} record had arrived`,
};

const ofMessages = /^(?:triage|replay|ledger|reindex)-?/;

const purposes: Readonly<Record<Purpose, (reader: Reader) => string | undefined>> = {
  'direct-care': (reader) => (reader === 'patient' ? 'to care for you' : 'to care for the patient'),
  'care-administration': (reader) =>
    reader === 'patient' ? 'to arrange your care' : 'to arrange the care of the patient',
  'patient-access': () => undefined,
  planning: () => 'to plan health services',
  research: () => 'for research',
};

/** Health system administration: of those who run the exchange. */
const operating = 'HSYSADMIN';
/** What privacy officers do (HL7 v3 PurposeOfUse, health compliance). */
const watching = 'HCOMPL';

/** A sentence that says who did what, and what for. */
export function inPlainWords(entry: AuditEntry, context: PlainWordsContext): string {
  const whose = context.reader === 'patient' ? 'your' : 'their';
  const who = whoDid(entry, context);
  if (entry.interaction === 'break-glass') return brokenGlass(who, whose, context);
  const what = whatWasDone(entry, whose, context);
  const isUnderGlass = entry.reason === 'break-glass' && context.reader === 'patient';
  const ends = [
    ...(isUnderGlass ? ['in an emergency, without having a part in your care'] : []),
    ...whatFor(entry, context),
  ];
  return `${[`${who} ${what}`, ...ends].join(', ')}.`;
}

function whoDid(
  { interaction, onBehalfOf, organisation, purpose, reason }: AuditEntry,
  context: PlainWordsContext,
): string {
  if (context.isOwn) return 'You';
  const isSelf = reason === 'own-record' && onBehalfOf === undefined;
  if (isSelf) return context.reader === 'patient' ? 'You' : 'The patient';
  if (reason === 'proxy-record' || reason === 'own-record')
    return context.reader === 'patient' ? 'Somebody who acts for you' : 'Somebody who acts for the patient';
  if (purpose === operating) return 'Somebody who runs this service';
  if (purpose === watching) return 'Somebody who watches over this service';
  if (organisation === undefined) return 'Somebody whose organisation is not known';
  const name = context.organisationOf(organisation) ?? 'an organisation that takes part no more';
  return interaction === 'message' ? `A system of ${name}` : `Somebody at ${name}`;
}

function brokenGlass(who: string, whose: string, { glassReason }: PlainWordsContext): string {
  const done = `${who} opened ${whose} record in an emergency, without having a part in ${whose} care`;
  return glassReason === undefined ? `${done}.` : `${done}. They said why: “${glassReason}”`;
}

function whatWasDone({ interaction }: AuditEntry, whose: string, { types }: PlainWordsContext): string {
  const deed = Object.hasOwn(deeds, interaction) ? deeds[interaction] : undefined;
  if (deed !== undefined) return deed(whose);
  if (ofMessages.test(interaction)) return `worked on messages for ${whose} record`;
  const verb = Object.hasOwn(verbs, interaction) ? verbs[interaction] : undefined;
  const named = [...new Set(types)].flatMap((type) =>
    Object.hasOwn(nouns, type) ? (nouns[type] ?? []) : [],
  );
  return `${verb ?? 'read'} ${whose} ${named.length === 0 ? 'record' : list(named.sort())}`;
}

function whatFor({ purpose, reason }: AuditEntry, { reader, isOwn }: PlainWordsContext): readonly string[] {
  if (purpose === undefined || purpose === operating || isOwn || reason === 'break-glass') return [];
  const known = purposeOf(purpose);
  return known === undefined ? [] : [purposes[known](reader) ?? []].flat();
}

/** `a, b and c`. */
function list(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
