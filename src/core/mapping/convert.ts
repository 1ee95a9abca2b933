/** HL7 v2 to UK Core: what one message means, and the pure converter for those who only want a Bundle. */
import type { Bundle, Resource } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../errors.js';
import type { Feed } from '../feed.js';
import { parseHl7v2 } from '../formats/hl7v2/parse.js';
import type { Hl7Message } from '../formats/hl7v2/types.js';
import {
  claimingIdentifier,
  patientIdentifiers,
  type PatientIdentifier,
  type PatientIdentifiers,
} from '../identity/patient-identifiers.js';
import { identifierToken, patientKeyFromToken } from '../identity/tokens.js';
import { completeNewRecord } from './complete-new-record.js';
import { defaultFeed } from './default-feed.js';
import type { CompiledPack } from './engine/compile-pack.js';
import { convertSegments } from './engine/convert-segments.js';
import type { PackRegistry } from './engine/pack-registry.js';
import type { Run } from './engine/run.js';
import { readEventTime } from './event-time.js';
import { builtInPacks } from './packs/built-in-packs.js';
import type { Conversion, LedgerEntry, LineageEntry, MappedRecord } from './types.js';

export interface ConversionContext {
  readonly feed: Feed;
  /** Partition of the person of PID; may be empty only when the message identifies nobody, which throws. */
  readonly patientKey: string;
  /** Partition of the person of MRG-1; needed for merges. */
  readonly priorPatientKey?: string;
  /** Identifiers of PID (`system|value`) that belong to somebody else: they are not written to this patient. */
  readonly contested?: ReadonlySet<string>;
  /** Default: the packs that come with the exchange. */
  readonly registry?: PackRegistry;
}

/**
 * Converts a message under the pack of its feed. The same message and keys give the same bytes.
 *
 * @throws ExchangeError HDE_HL7_TYPE_UNSUPPORTED (MSH-9), HDE_HL7_NO_PATIENT (PID-3), HDE_HL7_NO_MERGE_SOURCE (MRG-1)
 * or HDE_HL7_REQUIRED (MSH-7)
 */
export function convertHl7v2(message: Hl7Message, context: ConversionContext): Conversion {
  const { feed } = context;
  const { pack, messageType, event, isMerge, identified } = understand(message, feed, context.registry);
  const run: Run = {
    message,
    feed,
    patientKey: context.patientKey,
    priorPatientKey: isMerge ? context.priorPatientKey : undefined,
    messageType,
    event,
    contested: context.contested ?? NONE,
    drafts: [],
    shared: new Map(),
    occurrences: new Map(),
    issues: [...identified.issues],
  };
  const { earliest, latest } = readEventTime(message, feed.timeZone, run.issues);
  const { records, ledger } = convertSegments(pack, run);
  return {
    messageType: event === '' ? messageType : `${messageType}^${event}`,
    eventTime: earliest,
    latestEventTime: latest,
    records: records.map(completeIfFinal),
    issues: run.issues,
    ledger,
    pack: pack.reference,
  };
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Refuses what `convertHl7v2` would refuse for its type, event or patients, before anybody's identifiers are claimed.
 *
 * @param registry default: the packs that come with the exchange
 * @throws ExchangeError HDE_HL7_TYPE_UNSUPPORTED (MSH-9, or PID of a second patient), HDE_HL7_NO_PATIENT (PID-3) or
 * HDE_HL7_NO_MERGE_SOURCE (MRG-1)
 */
export function requireMappable(message: Hl7Message, feed: Feed, registry?: PackRegistry): void {
  understand(message, feed, registry);
}

/** What is known of a message before it is mapped. */
interface Understanding {
  readonly pack: CompiledPack;
  readonly messageType: string;
  readonly event: string;
  /** Whether the event merges two people. */
  readonly isMerge: boolean;
  readonly identified: PatientIdentifiers;
}

function understand(message: Hl7Message, feed: Feed, registry: PackRegistry = builtInPacks): Understanding {
  const pack = registry.newest(feed.pack);
  const { messageType, event } = readType(message);
  const isMerge = requireSupport(pack, messageType, event);
  const identified = patientIdentifiers(message, feed);
  requirePatients(message, identified.current, isMerge ? identified.prior : undefined);
  return { pack, messageType, event, isMerge, identified };
}

/** A merge may leave required elements to what is stored; the other modes have nothing to fall back on. */
function completeIfFinal(record: MappedRecord): MappedRecord {
  return record.mode === 'merge' ? record : { ...record, resource: completeNewRecord(record.resource) };
}

/** MSH-9; senders of version 2.2 and before name the event in EVN-1 only. */
function readType(message: Hl7Message): { messageType: string; event: string } {
  const messageType = message.msh.value(9).trim();
  const event = message.msh.value(9, 1, 2).trim() || (message.first('EVN')?.value(1).trim() ?? '');
  return { messageType, event };
}

/** @returns whether the event merges two people */
function requireSupport(pack: CompiledPack, messageType: string, event: string): boolean {
  const support = pack.messages.get(messageType);
  if (support === undefined || support.unsupported?.includes(event) === true) {
    throw new ExchangeError('HDE_HL7_TYPE_UNSUPPORTED', { location: 'MSH-9' });
  }
  return support.merges?.includes(event) ?? false;
}

function requirePatients(
  message: Hl7Message,
  current: readonly PatientIdentifier[],
  prior: readonly PatientIdentifier[] | undefined,
): void {
  if (current.length === 0) throw new ExchangeError('HDE_HL7_NO_PATIENT', { location: 'PID-3' });
  if (prior?.length === 0) throw new ExchangeError('HDE_HL7_NO_MERGE_SOURCE', { location: 'MRG-1' });
  const [first, ...others] = message.all('PID');
  // What belongs to a second person must never be filed under the first.
  const other = others.find((pid) => pid.raw(3) !== first?.raw(3));
  if (other !== undefined) {
    throw new ExchangeError('HDE_HL7_TYPE_UNSUPPORTED', {
      location: `PID(${other.occurrence})-3`,
      detail: 'one patient a message',
    });
  }
}

/** Lineage of one element of a resource in a Bundle. */
export interface BundleLineage extends LineageEntry {
  /** `Patient/<id>`. */
  readonly resource: string;
}

export interface ConvertedBundle {
  readonly bundle: Bundle;
  readonly issues: readonly Issue[];
  readonly ledger: readonly LedgerEntry[];
  readonly lineage: readonly BundleLineage[];
}

/** Keys made with it are for tests and demonstrations only: they can be computed by anyone. */
const TEST_SECRET = 'hde-test-secret';

/**
 * The converter as a function of the message alone: patient keys are derived with a fixed test secret, so that the
 * same message gives the same bytes anywhere.
 *
 * @param options `feed` defaults to `defaultFeed`
 * @throws ExchangeError when the message cannot be parsed or converted
 */
export function convert(
  input: Uint8Array | string,
  options: { readonly format: 'hl7v2'; readonly feed?: Feed },
): ConvertedBundle {
  const feed = options.feed ?? defaultFeed;
  const message = parseHl7v2(input);
  const { current, prior } = patientIdentifiers(message, feed);
  const priorPatientKey = prior.length === 0 ? undefined : testKey(prior);
  const conversion = convertHl7v2(message, {
    feed,
    patientKey: testKey(current),
    ...(priorPatientKey === undefined ? {} : { priorPatientKey }),
  });
  const resources = conversion.records.map(({ resource }) => completeNewRecord(resource));
  return {
    bundle: toCollection(resources),
    issues: conversion.issues,
    ledger: conversion.ledger,
    lineage: conversion.records.flatMap(({ resource, lineage }) =>
      lineage.map((entry) => ({ resource: `${resource.resourceType}/${resource.id}`, ...entry })),
    ),
  };
}

function testKey(identifiers: readonly PatientIdentifier[]): string {
  const claim = claimingIdentifier(identifiers);
  if (claim === undefined) return '';
  return patientKeyFromToken(TEST_SECRET, identifierToken(TEST_SECRET, claim.system, claim.value));
}

function toCollection(resources: readonly (Resource & { id: string })[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({
      // Relative references are resolved against it (FHIR R4 section 2.36.4.1); nothing is served there.
      fullUrl: `https://hde.invalid/fhir/${resource.resourceType}/${resource.id}`,
      resource: resource,
    })),
  };
}
