/** Which FHIR identifier system an HL7 v2 identifier belongs to (CX-4, HL7 v2.5.1 section 2.A.14.4). */
import type { Feed } from '../feed.js';
import { NHS_NUMBER_SYSTEM } from './nhs-number.js';

/** The object identifier of the NHS number in CDA and HL7 v3 (NHS Data Dictionary). */
const NHS_NUMBER_OID = '2.16.840.1.113883.2.1.4.1';
const NHS_AUTHORITIES = new Set(['NHS', 'NHSNBR', 'NHSNMBR', 'NHSNO', NHS_NUMBER_SYSTEM, NHS_NUMBER_OID]);
/** CX-5 values by which senders mark an NHS number. */
const NHS_TYPES = new Set(['NH', 'NHS', 'NHSNBR', 'NHSNMBR', 'NHSNO']);
const OID = /^[0-2](\.\d+)+$/;
const URL = /^(https?:\/\/|urn:)\S+$/;

/** The parts of CX or EI that name who assigned an identifier. */
export interface Authority {
  /** CX-4.1, HD namespace. */
  readonly namespace: string;
  /** CX-4.2, HD universal id. */
  readonly universal: string;
  /** CX-5, table 0203; empty for EI. */
  readonly type: string;
}

/** The URI that the authority itself states, if any. */
function statedSystem({ namespace, universal }: Authority): string | undefined {
  for (const text of [universal, namespace]) {
    if (URL.test(text)) return text;
    if (OID.test(text)) return `urn:oid:${text}`;
  }
  return undefined;
}

/**
 * The identifier system of a patient's or visit's identifier.
 *
 * The feed's configuration comes first, then what the sender states. An authority that is named but not configured
 * gets a system of its own below `local`: two hospitals in one feed may use the same number for different people.
 *
 * @param local the feed's system for identifiers of this purpose without an authority
 */
export function systemOf(authority: Authority, feed: Feed, local: string): string {
  const configured =
    configuredSystem(feed, authority.namespace) ?? configuredSystem(feed, authority.universal);
  if (configured !== undefined) return configured;
  if (isNhsNumber(authority)) return NHS_NUMBER_SYSTEM;
  const stated = statedSystem(authority);
  if (stated !== undefined) return stated;
  const name = authority.namespace === '' ? authority.universal : authority.namespace;
  return name === '' ? local : `${local}/${uriSegment(name.toLowerCase())}`;
}

function configuredSystem(feed: Feed, name: string): string | undefined {
  // The sender chooses the name: `constructor` must not reach the prototype.
  return Object.hasOwn(feed.assigningAuthorities, name) ? feed.assigningAuthorities[name] : undefined;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What stands in a URI as it is, as nearly all names of authorities do (RFC 3986 section 2.3). */
const UNRESERVED = /^[\w.~-]*$/;

/** Text as one segment of a URI; half characters, which have no UTF-8 form, become U+FFFD. */
export function uriSegment(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'));
}

function isNhsNumber({ namespace, universal, type }: Authority): boolean {
  if (NHS_AUTHORITIES.has(namespace) || NHS_AUTHORITIES.has(universal)) return true;
  // `0101901234^^^CHI^NH` is a Scottish number: the type alone decides only when no authority is named.
  return NHS_TYPES.has(type) && namespace === '' && universal === '';
}
