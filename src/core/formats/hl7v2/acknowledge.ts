import type { Issue } from '../../errors.js';
import { parseDelimiters, standardDelimiters } from './delimiters.js';
import { errorSegments, firstErrorText, legacyErrorSegments } from './error-segments.js';
import { escape } from './escapes.js';
import type { Hl7Delimiters, Hl7Segment } from './types.js';
import { delimiterFields, type SegmentContent, writeSegments } from './write.js';

/** HL7 table 0008: application (AA, AE, AR) and accept (CA, CE, CR) acknowledgement codes. */
export type AcknowledgementCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

export interface Acknowledgement {
  readonly code: AcknowledgementCode;
  /** MSH-10 of the acknowledgement. */
  readonly controlId: string;
  /** MSH-7 of the acknowledgement, written in UTC. */
  readonly time: Date;
  /** Each becomes an ERR segment (before v2.5 a repetition of ERR-1). */
  readonly issues?: readonly Issue[];
  /** MSA-3; by default the text of the first error. */
  readonly text?: string;
}

/**
 * The acknowledgement of a message (HL7 v2.5.1 section 2.9), with segments ended by CR and the sender's delimiters.
 * MSH-18 is echoed: encode the text accordingly (`encodeText`).
 * @param msh MSH of the message, from `parseHl7v2` or `readHeaderLeniently`; undefined when there is none to read
 */
export function acknowledgementFor(msh: Hl7Segment | undefined, acknowledgement: Acknowledgement): string {
  const sender = senderOf(msh);
  const { delimiters, version } = sender;
  const { code, issues = [] } = acknowledgement;
  const hasReasons = isAtLeast(version, 5);
  // MSA-3 was withdrawn in v2.7, where ERR-8 says it; before v2.5 it alone can tell the reason.
  const text = acknowledgement.text ?? (isAtLeast(version, 7) ? '' : firstErrorText(issues, !hasReasons));
  const msa = [code, sender.echo(10), escape(text, delimiters)];
  const err = hasReasons ? errorSegments(issues, delimiters) : legacyErrorSegments(issues, delimiters);
  return writeSegments(
    [headerOf(sender, acknowledgement), { name: 'MSA', fields: withoutTrailing(msa) }, ...err],
    delimiters,
  );
}

/** Original mode unless MSH-15 or MSH-16 is valued (HL7 v2.5.1 section 2.9.2). */
export function acknowledgementMode(msh: Hl7Segment): 'original' | 'enhanced' {
  return condition(msh, 15) === '' && condition(msh, 16) === '' ? 'original' : 'enhanced';
}

/**
 * Whether the sender wants an accept acknowledgement for this outcome (MSH-15, HL7 table 0155). Blank means never;
 * an unknown code means always, since an answer too many harms less than a sender that waits.
 */
export function acceptAckWanted(msh: Hl7Segment, success: boolean): boolean {
  switch (condition(msh, 15)) {
    case '':
    case 'NE':
      return false;
    case 'ER':
      return !success;
    case 'SU':
      return success;
    default:
      return true;
  }
}

/** What an acknowledgement takes over from the message it answers. */
interface Sender {
  readonly delimiters: Hl7Delimiters;
  /** MSH-12.1. */
  readonly version: string;
  /** MSH-9.2, written for `delimiters`. */
  readonly trigger: string;
  /** A field of MSH, written for `delimiters`. */
  readonly echo: (field: number) => string;
}

function senderOf(msh: Hl7Segment | undefined): Sender {
  if (msh === undefined) return { delimiters: standardDelimiters, version: '', trigger: '', echo: () => '' };
  const declared = declaredDelimiters(msh);
  const delimiters = declared ?? standardDelimiters;
  return {
    delimiters,
    version: msh.value(12),
    trigger: escape(msh.value(9, 1, 2), delimiters),
    // What was read with makeshift delimiters is not valid text under any others.
    echo: (field) => (declared === undefined ? escape(msh.value(field), delimiters) : msh.raw(field)),
  };
}

function declaredDelimiters(msh: Hl7Segment): Hl7Delimiters | undefined {
  try {
    return parseDelimiters(msh.raw(1), msh.raw(2));
  } catch {
    return undefined;
  }
}

/** MSH with sender and receiver swapped (HL7 v2.5.1 section 2.9.2.1). */
function headerOf(sender: Sender, { controlId, time }: Acknowledgement): SegmentContent {
  const { delimiters, trigger, echo } = sender;
  const type = trigger === '' ? ['ACK'] : ['ACK', trigger, 'ACK'];
  const beforeType = [echo(5), echo(6), echo(3), echo(4), timestamp(time), ''];
  const afterType = [
    escape(controlId, delimiters),
    echo(11) || 'P',
    echo(12) || '2.4',
    ...['', '', '', '', ''],
    echo(18),
  ];
  return {
    name: 'MSH',
    fields: [...delimiterFields(delimiters), ...beforeType, [type], ...withoutTrailing(afterType)],
  };
}

/** `YYYYMMDDHHMMSS+0000` (HL7 v2.5.1 section 2.A.77). */
const timestamp = (time: Date): string => `${time.toISOString().slice(0, 19).replace(/[-:T]/g, '')}+0000`;

function withoutTrailing(fields: readonly string[]): readonly string[] {
  const last = fields.findLastIndex((field) => field !== '');
  return fields.slice(0, last + 1);
}

/** True for v2.minor and later; false for a version that cannot be read, which is answered as v2.4. */
function isAtLeast(version: string, minor: number): boolean {
  const match = /^\s*2\.(\d+)/.exec(version);
  return match !== null && Number(match[1]) >= minor;
}

/** An acknowledgement condition of MSH-15 or MSH-16 (HL7 table 0155), empty when blank or `""`. */
function condition(msh: Hl7Segment, field: number): string {
  return msh.isNull(field) ? '' : msh.value(field).trim().toUpperCase();
}
