/** Small HL7 v2 messages about one synthetic person. */
export interface MessageParts {
  readonly type?: string;
  readonly controlId?: string;
  /** HL7 local time of the event. */
  readonly at?: string;
  readonly mrn?: string;
  readonly nhsNumber?: string;
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: string;
  readonly more?: readonly string[];
}

/** A message with MSH, EVN and PID, and whatever segments are asked for after them. */
export function aMessage(parts: MessageParts = {}): Uint8Array {
  const {
    type = 'ADT^A28',
    controlId = 'C1',
    at = '20260330100000',
    mrn = 'M1',
    nhsNumber = '9990000018',
  } = parts;
  const { family = 'Okoro', given = 'Ada', birthDate = '19800102', more = [] } = parts;
  const nhs = nhsNumber === '' ? '' : `~${nhsNumber}^^^NHS^NH`;
  const segments = [
    `MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|${at}||${type}|${controlId}|P|2.4`,
    `EVN|${type.slice(4, 7)}|${at}`,
    `PID|1||${mrn}^^^RZZ^MR${nhs}||${family}^${given}||${birthDate}|F`,
    ...more,
  ];
  return new TextEncoder().encode(`${segments.join('\r')}\r`);
}
