/** Why a message failed, as far as the exchange says. */
export interface FailureReason {
  /** `HDE_*`, or what the acknowledgement gives in its place. */
  readonly code: string;
  /** Where in the message, such as `PID-3`. */
  readonly location?: string;
  readonly text: string;
}

/** ERL of ERR-2 as people write it: `PID^1^3^2^1` becomes `PID-3[2].1` (HL7 v2.5.1 section 2.A.28). */
function formatLocation(erl: string): string | undefined {
  const [name = '', occurrence = '', field = '', repetition = '', component = ''] = erl.split('^');
  if (name === '') return undefined;
  const segment = occurrence === '' || occurrence === '1' ? name : `${name}(${occurrence})`;
  if (field === '') return segment;
  const place = `${segment}-${field}${repetition === '' || repetition === '1' ? '' : `[${repetition}]`}`;
  return component === '' ? place : `${place}.${component}`;
}

/**
 * Reads the reason out of a negative HL7 acknowledgement (ERR, else MSA-3); for want of one the HTTP status stands as
 * the code.
 */
export function readRefusal(acknowledgement: string, httpStatus: number): FailureReason {
  const segments = acknowledgement.split(/[\r\n]+/).map((line) => line.split('|'));
  const msa = segments.find(([name]) => name === 'MSA');
  const err = segments.find(([name]) => name === 'ERR');
  const location = formatLocation(err?.[2] ?? '');
  const [condition = ''] = (err?.[3] ?? '').split('^');
  const text = [msa?.[3], err?.[8], err?.[7]].find((value) => value !== undefined && value !== '');
  return {
    code: condition === '' ? `HTTP ${httpStatus}` : `HL70357 ${condition}`,
    ...(location === undefined ? {} : { location }),
    text:
      text ?? (msa === undefined ? 'the answer is no HL7 acknowledgement' : `acknowledged ${msa[1] ?? ''}`),
  };
}
