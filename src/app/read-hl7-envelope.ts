import { ExchangeError, type Issue } from '../core/errors.js';
import type { Feed } from '../core/feed.js';
import { parseHl7v2 } from '../core/formats/hl7v2/parse.js';
import { parseLeniently } from '../core/formats/hl7v2/parse-leniently.js';
import type { Hl7Message, Hl7Segment } from '../core/formats/hl7v2/types.js';
import { sessionSubject } from '../core/identity/keys.js';
import {
  patientIdentifiers,
  sessionKeyIdentifier,
  type PatientIdentifier,
} from '../core/identity/patient-identifiers.js';
import { messageTypeOf, requireMappable, understand } from '../core/mapping/convert.js';
import type { PackRegistry } from '../core/mapping/engine/pack-registry.js';
import { builtInPacks } from '../core/mapping/packs/built-in-packs.js';
import type { PackReference } from '../core/mapping/types.js';

/** What the exchange must know of an HL7 v2 message before it can promise to process it. */
export interface Hl7Envelope {
  /** `ADT^A01`; absent when MSH-9 holds what is no code. */
  readonly messageType?: string;
  /** MSH-10; empty where it holds blanks, or says that there is none (`""`). */
  readonly controlId: string;
  /** MSH-3 and MSH-4: control ids are unique within a sending application. */
  readonly sender: string;
  /** What keeps the message in order with others of its feed: its patient, or that it is a master file. */
  readonly subject?: string;
  /** Those of everyone whom a PID or MRG names, also when the message is refused. */
  readonly identifiers: readonly PatientIdentifier[];
  /** The pack that was asked. */
  readonly pack: PackReference;
  /** What the mapping has against the message: its sender can act on a refusal, but not on a failure that comes later. */
  readonly refusal?: Issue;
}

/** Reads the envelope, or throws the parser's errors and HDE_HL7_REQUIRED for a header without a type. */
export function readHl7Envelope(
  bytes: Uint8Array,
  feed: Feed,
  packs: PackRegistry = builtInPacks,
): Hl7Envelope {
  const message = parseHl7v2(bytes);
  const { msh } = message;
  const messageType = messageTypeOf(message);
  if (msh.value(9) === '') throw new ExchangeError('HDE_HL7_REQUIRED', { location: 'MSH-9' });
  const refusal = refusalOf(() => {
    requireMappable(message, feed, packs);
  });
  const subject = refusal === undefined ? subjectOf(message, feed, packs) : undefined;
  return {
    ...(messageType === undefined ? {} : { messageType }),
    controlId: controlIdOf(msh),
    sender: `${msh.raw(3)}|${msh.raw(4)}`,
    identifiers: patientIdentifiers(message, feed).people.flatMap(({ identifiers }) => identifiers),
    pack: packs.find(feed.pack).reference,
    ...(refusal === undefined ? {} : { refusal }),
    ...(subject === undefined ? {} : { subject }),
  };
}

const controlIdOf = (msh: Hl7Segment): string =>
  msh.isNull(10) || msh.value(10).trim() === '' ? '' : msh.value(10);

/** What an operator looks for a message by. */
export type Names = Pick<Hl7Envelope, 'messageType' | 'controlId' | 'identifiers'>;

/** What a message says of itself that cannot be read as a whole, as far as it can be read. */
export function readNames(bytes: Uint8Array, feed: Feed): Names | undefined {
  const message = parseLeniently(bytes, ['EVN', 'PID', 'MRG']);
  if (message === undefined) return undefined;
  const messageType = messageTypeOf(message);
  return {
    ...(messageType === undefined ? {} : { messageType }),
    controlId: controlIdOf(message.msh),
    identifiers: patientIdentifiers(message, feed).people.flatMap(({ identifiers }) => identifiers),
  };
}

function subjectOf(message: Hl7Message, feed: Feed, packs: PackRegistry): string | undefined {
  const { support, people, messageType } = understand(message, feed, packs);
  if (support.withoutPatient === true) return messageType;
  const identifier = sessionKeyIdentifier(people.find(({ label }) => label === 'PID')?.identifiers ?? []);
  return identifier === undefined ? undefined : sessionSubject(identifier);
}

function refusalOf(check: () => void): Issue | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ExchangeError) return error.toIssue();
    throw error;
  }
}
