/** Keys that are not ids of records: of messages, of queue sessions and of facts that only need comparing. */
import { identifierToken, sharedId } from './tokens.js';

/** Lets two birth dates be compared without either being stored in the clear beside an identifier. */
export const birthDateToken = (secret: string, birthDate: string): string =>
  identifierToken(secret, 'urn:hde:birth-date', birthDate);

/**
 * The queue session of a source patient: messages of one session are processed one after the other.
 *
 * @param subject what identifies the patient in the feed, or the message id where nothing does
 */
export const sessionKeyOf = (secret: string, feed: string, subject: string): string =>
  identifierToken(secret, `urn:hde:session:${feed}`, subject);

/** What names a patient in the session key of their messages. */
export const sessionSubject = ({
  system,
  value,
}: {
  readonly system: string;
  readonly value: string;
}): string => `${system}|${value}`;

/**
 * The id of a message: the same for every copy the sender sends. HL7 v2.5.1 section 2.14.9.10 makes MSH-10 unique
 * for the sending application, so a message without one is known by its content.
 */
export const messageIdOf = (feed: string, sender: string, controlId: string, sha256: string): string =>
  controlId === '' ? sharedId('content', feed, sha256) : sharedId('message', feed, `${sender}|${controlId}`);

/** The id of an edited copy of a message: the same edit made twice is one copy. */
export const correctionIdOf = (originalId: string, sha256: string): string =>
  sharedId('correction', originalId, sha256);
