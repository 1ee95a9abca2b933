/** HL7 v2 to UK Core: what one message means. `core/converter` makes a Bundle of it. */
import { ExchangeError, type Issue } from '../errors.js';
import type { Feed } from '../feed.js';
import type { Hl7Message } from '../formats/hl7v2/types.js';
import {
  patientIdentifiers,
  type MentionedPerson,
  type PatientIdentifiers,
} from '../identity/patient-identifiers.js';
import { completeRecord } from './complete-record.js';
import type { CompiledPack } from './engine/compile-pack.js';
import { convertSegments, type MappedSegments } from './engine/convert-segments.js';
import { drawLedger } from './engine/ledger.js';
import { writeLineage } from './engine/lineage.js';
import type { PackRegistry } from './engine/pack-registry.js';
import type { MessageSupport } from './engine/pack.js';
import type { Draft, Person, Run } from './engine/run.js';
import { readEventTime } from './event-time.js';
import { builtInPacks } from './packs/built-in-packs.js';
import type { Conversion, MappedRecord } from './types.js';

export interface ConversionContext {
  readonly feed: Feed;
  /** Whom each PID and MRG means, by label (`PID`, `PID(2)`, `MRG`); see `patientIdentifiers`. */
  readonly people: ReadonlyMap<string, Person>;
  /** ISO instant at which the message was received: the time of its event when it states none. */
  readonly receivedAt: string;
  /** Default: the packs that come with the exchange. */
  readonly registry?: PackRegistry;
}

/** What a message means, with its account (ledger and lineage) not yet written out. */
export type Mapping = Omit<Conversion, 'records' | 'ledger'> & MappedSegments;

/**
 * Converts a message under the pack of its feed. The same message and keys give the same bytes. Records about a person
 * whom `people` does not name are left out: ask `requireMappable` first.
 *
 * @throws ExchangeError HDE_HL7_TYPE_UNSUPPORTED (MSH-9)
 */
export function convertHl7v2(message: Hl7Message, context: ConversionContext): Conversion {
  return accountFor(mapHl7v2(message, context));
}

/**
 * As `convertHl7v2`, for those who may not ask for ledger and lineage.
 *
 * @param understood what `understand` says of the message, where that was asked already
 */
export function mapHl7v2(
  message: Hl7Message,
  context: ConversionContext,
  understood?: Understanding,
): Mapping {
  const { feed } = context;
  const { pack, messageType, event, issues } = understood ?? understand(message, feed, context.registry);
  const run: Run = {
    message,
    feed,
    people: context.people,
    messageType,
    event,
    drafts: [],
    shared: new Map(),
    staff: new Map(),
    memory: new Map(),
    occurrences: new Map(),
    issues: [...issues, ...unfinished(message)],
  };
  const { earliest, latest } = readEventTime(message, feed.timeZone, context.receivedAt, run.issues);
  const { drafts, nodes } = convertSegments(pack, run);
  return {
    messageType: nameOf({ messageType, event }),
    eventTime: earliest,
    latestEventTime: latest,
    drafts,
    nodes,
    issues: run.issues,
    pack: pack.reference,
  };
}

/**
 * HL7 v2.5.1 section 2.10.2: a segment or a message that was too long for the sender goes on in ADD or in the message
 * after DSC. Nobody may take what is cut for all that was said.
 */
function unfinished(message: Hl7Message): Issue[] {
  const cut = message.first('ADD') ?? message.first('DSC');
  if (cut === undefined) return [];
  const detail = 'a message that is whole: what goes on in another segment or message is not read';
  return [{ code: 'HDE_HL7_DATA_TYPE', severity: 'warning', location: cut.name, detail }];
}

/** Writes out what became of every field and where every element comes from. */
export function accountFor(mapping: Mapping): Conversion {
  const { drafts, nodes, ...conversion } = mapping;
  return { ...conversion, records: drafts.map(toRecord), ledger: drawLedger(nodes) };
}

function toRecord(draft: Draft): MappedRecord {
  const { partition, twin, kin, prescription, isState, resource, mode, removed } = draft;
  const isMerged = mode === 'merge';
  return {
    partition,
    // A merge or a link may leave required elements to what is stored; the other modes have nothing to fall back on.
    resource: isMerged || mode === 'link' ? resource : completeRecord(resource),
    mode,
    // Only a merge needs to be told what to delete: the other modes replace all or change nothing.
    removed: isMerged ? removed : [],
    lineage: writeLineage([draft]),
    ...(twin === undefined ? {} : { twin }),
    ...(kin === undefined ? {} : { kin }),
    ...(prescription === undefined ? {} : { prescription }),
    ...(isState === undefined ? {} : { isState }),
  };
}

/**
 * Refuses what cannot be mapped for its type, event or patients, before anybody's identifiers are claimed.
 *
 * @param registry default: the packs that come with the exchange
 * @throws ExchangeError HDE_HL7_TYPE_UNSUPPORTED (MSH-9), HDE_HL7_NO_PATIENT (PID-3 or `PID(2)-3`),
 * HDE_HL7_NO_MERGE_SOURCE (MRG-1) or HDE_MESSAGE_TOO_LARGE
 */
export function requireMappable(message: Hl7Message, feed: Feed, registry?: PackRegistry): void {
  const { support, event, people } = understand(message, feed, registry);
  if (support.withoutPatient === true) return;
  requireFewIdentifiers(people);
  const patients = people.filter(({ label }) => label.startsWith('PID'));
  const nobody = patients.length === 0 ? 'PID' : patients.find(isUnidentified)?.label;
  if (nobody !== undefined) throw new ExchangeError('HDE_HL7_NO_PATIENT', { location: `${nobody}-3` });
  if (support.merges?.includes(event) !== true) return;
  const priors = people.filter(({ label }) => label.startsWith('MRG'));
  const none = priors.length === 0 ? 'MRG' : priors.find(isUnidentified)?.label;
  if (none !== undefined) throw new ExchangeError('HDE_HL7_NO_MERGE_SOURCE', { location: `${none}-1` });
}

/** As many as a message may state of all its people: each is looked up and claimed while others wait. */
export const mostIdentifiers = 500;

function requireFewIdentifiers(people: readonly MentionedPerson[]): void {
  let count = 0;
  for (const { label, identifiers } of people) {
    count += identifiers.length;
    if (count <= mostIdentifiers) continue;
    const location = `${label}-${label.startsWith('PID') ? 3 : 1}`;
    const detail = `at most ${mostIdentifiers} identifiers of people`;
    throw new ExchangeError('HDE_MESSAGE_TOO_LARGE', { location, detail });
  }
}

const isUnidentified = ({ identifiers }: MentionedPerson): boolean => identifiers.length === 0;

/** What is known of a message before it is mapped. */
export interface Understanding extends Pick<PatientIdentifiers, 'people' | 'issues'> {
  readonly pack: CompiledPack;
  readonly support: MessageSupport;
  readonly messageType: string;
  readonly event: string;
}

/**
 * Reads of what type a message is and whom it is about.
 *
 * @throws ExchangeError HDE_HL7_TYPE_UNSUPPORTED (MSH-9)
 */
export function understand(
  message: Hl7Message,
  feed: Feed,
  registry: PackRegistry = builtInPacks,
): Understanding {
  const pack = registry.find(feed.pack);
  const { messageType, event } = readType(message) ?? noType;
  const support = messageType === '' ? undefined : supportOf(pack, messageType, event);
  if (support === undefined || support.refused === true || support.unsupported?.includes(event) === true)
    throw new ExchangeError('HDE_HL7_TYPE_UNSUPPORTED', { location: 'MSH-9' });
  const { people, issues } = patientIdentifiers(message, feed);
  return { pack, support, messageType, event, people, issues };
}

const supportOf = ({ messages }: CompiledPack, messageType: string, event: string) =>
  messages.get(`${messageType}^${event}`) ?? messages.get(messageType) ?? messages.get('*');

interface TypeOfMessage {
  readonly messageType: string;
  /** Empty when the message names none. */
  readonly event: string;
}

const noType: TypeOfMessage = { messageType: '', event: '' };

/** Codes of HL7 tables 0076 and 0003 have three characters; some senders have their own, or write a structure here. */
const isCode = (text: string): boolean => /^\w{1,9}$/.test(text);

/**
 * MSH-9; senders of version 2.2 and before name the event in EVN-1 only. It stands in receipts, events and figures, which
 * are no place for text.
 *
 * @returns undefined when MSH-9 holds what is no code
 */
function readType(message: Hl7Message): TypeOfMessage | undefined {
  const messageType = message.msh.value(9).trim();
  const stated = message.msh.value(9, 1, 2).trim();
  if (!isCode(messageType) || !(stated === '' || isCode(stated))) return undefined;
  const recorded = message.first('EVN')?.value(1).trim() ?? '';
  return { messageType, event: stated === '' && isCode(recorded) ? recorded : stated };
}

/** `ADT^A01`, or `ADT` where no event is named; undefined when MSH-9 holds what is no code. */
export function messageTypeOf(message: Hl7Message): string | undefined {
  const type = readType(message);
  return type === undefined ? undefined : nameOf(type);
}

const nameOf = ({ messageType, event }: TypeOfMessage): string =>
  event === '' ? messageType : `${messageType}^${event}`;
