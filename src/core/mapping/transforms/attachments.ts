/** ED and RP as Attachment. */
import type { Attachment } from 'fhir/r4.js';
import { Buffer } from 'node:buffer';
import { isBase64 } from '../../base64.js';
import { copyOf, report, textAt, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';

/** Media types by the subtypes of table 0291 and those in use. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['PDF', 'application/pdf'],
  ['APPLICATION/PDF', 'application/pdf'],
  ['JPEG', 'image/jpeg'],
  ['JPG', 'image/jpeg'],
  ['PNG', 'image/png'],
  ['GIF', 'image/gif'],
  ['TIFF', 'image/tiff'],
  ['HTML', 'text/html'],
  ['RTF', 'application/rtf'],
  ['XML', 'application/xml'],
  ['TXT', 'text/plain'],
  ['TEXT', 'text/plain'],
  ['PLAIN', 'text/plain'],
]);
const MEDIA_TYPE = /^[a-z]+\/[\w.+-]+$/i;
/** How a PDF begins in base64 (`%PDF-`): readers must be told what it is, whatever type the sender names. */
const PDF = /^\s*JVBERi0/;

/** `attachment`: ED, and what looks like it under another type, as a document within the record. */
export const attachment: TransformFactory =
  () =>
  (step): Attachment | undefined => {
    const sent = textAt(step, 5);
    const isPdf = PDF.test(sent);
    const contentType = isPdf ? 'application/pdf' : contentTypeAt(step, 2);
    const data = isPdf ? base64Of(sent) : dataOf(step, sent, contentType);
    if (data === undefined) {
      report(step, 'HDE_HL7_DATA_TYPE', 'a document encoded as A, Hex or Base64', 5);
      return undefined;
    }
    const result: Attachment = {};
    if (isPdf) copyOf(step, result, 'contentType', contentType, 5);
    else copyContentType(step, result, contentType, 2);
    copyOf(step, result, 'data', data, 5);
    return result;
  };

/** The media type by a type and, in the next component, a subtype; either may stand for both. */
function contentTypeAt(step: Step, component: number): string | undefined {
  const type = textAt(step, component);
  const subtype = textAt(step, component + 1);
  const contentType =
    MEDIA_TYPES.get(subtype.toUpperCase()) ??
    [subtype, `${type}/${subtype}`, type].find((candidate) => MEDIA_TYPE.test(candidate)) ??
    MEDIA_TYPES.get(type.toUpperCase());
  return contentType?.toLowerCase();
}

function copyContentType(
  step: Step,
  result: Attachment,
  contentType: string | undefined,
  component: number,
): void {
  if (contentType === undefined) return;
  const isSubtype = textAt(step, component + 1) !== '';
  copyOf(step, result, 'contentType', contentType, isSubtype ? component + 1 : component);
}

/**
 * The content of ED-5 in base64; undefined when the encoding that ED-4 names does not fit. A file that is no text cannot
 * stand in a message as it is: where ED-4 names no encoding, it is base64 all the same.
 */
function dataOf(step: Step, sent: string, contentType = 'text/plain'): string | undefined {
  if (sent === '') return undefined;
  switch (textAt(step, 4).toUpperCase()) {
    case 'BASE64':
      return base64Of(sent);
    case 'HEX':
      return sent.length % 2 === 0 && !/[^0-9a-f]/i.test(sent)
        ? Buffer.from(sent, 'hex').toString('base64')
        : undefined;
    case '':
    case 'A': {
      const file = contentType.startsWith('text/') ? undefined : base64Of(sent);
      return file ?? Buffer.from(sent, 'utf8').toString('base64');
    }
    default:
      return undefined;
  }
}

/** Base64 without its line breaks; undefined when it is none, or is cut short. */
function base64Of(sent: string): string | undefined {
  const base64 = sent.replace(/\s/g, '');
  return isBase64(base64) ? base64 : undefined;
}

/** `documentLink`: RP, a pointer to a document that stays with the sender. */
export const documentLink: TransformFactory =
  () =>
  (step): Attachment | undefined => {
    // A url has no white space (R4 section 2.24.0.1), names of files do.
    const url = textAt(step, 1)
      .trim()
      .replace(/\s/g, (space) => encodeURIComponent(space));
    if (url === '') return undefined;
    const result: Attachment = {};
    copyContentType(step, result, contentTypeAt(step, 3), 3);
    copyOf(step, result, 'url', url, 1);
    return result;
  };
