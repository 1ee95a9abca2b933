/** Writes the sample day as the files that are kept in the repository. */
import { SAMPLE_DATE } from './calendar.js';
import type { SampleDay, SampleMessage } from './day.js';
import type { OddityKind, Person } from './model.js';
import { ROLES } from './people.js';
import { SENDING_APPLICATION, SITES, TRUST } from './trust.js';

/** One segment a line, one blank line between messages. */
export function renderMessages(messages: readonly SampleMessage[]): string {
  return messages.map(({ text }) => text.replaceAll('\r', '\n')).join('\n');
}

/** The people as they were at midnight, as indented JSON. */
export function renderPeople(people: readonly Person[]): string {
  const facts = people.map((person) => ({
    id: person.id,
    nhsNumber: person.nhsNumber ?? null,
    nhsNumberStatus: person.nhsNumberStatus,
    mrn: person.mrn,
    name: { prefix: person.prefix, given: person.given, middle: person.middle, family: person.family },
    gender: person.gender,
    birthDate: person.birthDate,
    address: person.address,
    homePhone: person.homePhone,
    mobile: person.mobile,
    ethnicCategory: person.ethnicCategory.code,
    practice: person.practice.code,
    gp: person.gp.code,
    allergies: person.allergies.map(({ substance, severity }) => ({ code: substance.code, severity })),
  }));
  return `${JSON.stringify(facts, null, 2)}\n`;
}

/** A Markdown table with padded columns, as the formatter of this repository wants it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(header), rule, ...rows.map(line)].join('\n');
}

function countBy(
  messages: readonly SampleMessage[],
  key: (message: SampleMessage) => string,
): readonly (readonly string[])[] {
  const counts = new Map<string, number>();
  for (const message of messages) counts.set(key(message), (counts.get(key(message)) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, n]) => [name, `${n}`]);
}

const FILES = [
  [
    '`day.hl7`',
    'all messages in sending order, UTF-8; each segment has its own line, a blank line ends a message',
  ],
  [
    '`people.json`',
    'the people as they were at midnight; `id` stands in these files only, never in a message',
  ],
] as const;

const versionOf = ({ text }: SampleMessage): string =>
  text.startsWith('MSH|') ? (text.split('\r')[0]?.split('|')[11] ?? '') : '(no MSH)';

const ODDITIES: Readonly<Record<OddityKind, string>> = {
  duplicate: 'The same bytes as an earlier message, sent again at once or in a replay hours later',
  stale: `An A08 of ${ROLES.staleUpdate} held up for 45 minutes: sent after the A31 with the new address and without a home telephone, with an older EVN-2`,
  'no-msh': 'Has no MSH segment: fails',
  'no-patient': 'MSH is fine, PID-3 is empty: fails',
  'duplicate-registration': `A28 of ${ROLES.registeredTwice} under a second MRN and without an NHS number; A01 and ORU follow`,
  merge: `A40 that merges the two registrations of ${ROLES.registeredTwice}; later messages use the first MRN`,
  'newly-traced': `A31 that turns the NHS number of ${ROLES.newlyTraced} from present (02) to verified (01)`,
  'no-nhs-number': `First message of ${ROLES.withoutNhsNumber}, who has no NHS number (NSTS07)`,
  deletion:
    'A field holds `""`: the receiver is asked to delete it (A13: the end of the visit; A08 and A31: a telephone number)',
  escaped: 'Text with escaped delimiters, such as `> 10\\S\\5 CFU/mL` and `\\T\\`',
  'long-text': `Histology of ${ROLES.longReport}: one FT result of several thousand characters`,
  corrected: 'A corrected result (OBR-25 and OBX-11 `C`) under the filler number of the first report',
  death: `A03 of ${ROLES.dies}: PID-29, PID-30 and discharge destination 79`,
};

function nameMessage({ controlId, sequence }: SampleMessage): string {
  return controlId === '' ? `message ${sequence}` : `\`${controlId}\``;
}

function renderOddities(messages: readonly SampleMessage[]): string {
  const kinds = Object.entries(ODDITIES) as [OddityKind, string][];
  return kinds
    .map(([kind, meaning]) => {
      const odd = messages.filter(({ oddity }) => oddity === kind);
      return `- **${kind}** (${odd.length}): ${meaning}.\n  ${odd.map(nameMessage).join(', ')}`;
    })
    .join('\n');
}

/** The README of the trust; every number in it is counted. */
export function renderReadme({ people, messages }: SampleDay): string {
  const sites = SITES.map(({ code, name }) => `${name} (\`${code}\`)`).join(' and ');
  const outcomes = countBy(messages, ({ expected }) => expected);
  return `# ${TRUST.name}

A synthetic acute trust (\`${TRUST.code}\`): ${sites}. Nothing here is real: the ODS, GMC and GP codes are not issued, the NHS numbers are from the 999 test range, no UK postcode begins with Q (\`ZZ99 3VZ\` is the NHS's own code for no fixed abode), and the telephone numbers are those that Ofcom keeps for drama. Likeness to anybody is chance.

Generated by \`npm run samples\`; do not edit these files by hand.

${table(['file', 'what'], FILES)}

## The day

${people.length} people, ${messages.length} messages, ${SAMPLE_DATE}. All of them pass through the trust's integration engine (MSH-3 \`${SENDING_APPLICATION}\`, MSH-4 \`${TRUST.code}\`). It is the Sunday on which the clocks go forward: local times jump from 01:00 to 02:00 and the day has 23 hours. Timestamps are local (Europe/London) without an offset, except in microbiology and the merge, which give one.

At midnight the feed goes live: the trust sends an A28 with full demographics for everybody it expects, and an A01 for those who are in a bed already. Emergencies arrive through the day. Who is still in a bed at midnight stays there.

${table(
  ['type', 'messages'],
  countBy(messages, ({ type }) => (type === '' ? '(no MSH)' : type)),
)}

${table(['HL7 version', 'messages'], countBy(messages, versionOf))}

Sent once to an empty exchange, the messages end as:

${table(['outcome', 'messages'], outcomes)}

## Conventions of this sender

- PID-3: NHS number \`^^^NHS^NH\`, local number (MRN) \`^^^${TRUST.code}^MR\`. PID-32: NHS number status (\`NSTS01\` verified, \`02\` present, \`03\` trace required, \`07\` none).
- PID-8 is \`M\`, \`F\` or \`U\`; the emergency department (HL7 2.3) writes 1, 2 and 0 instead.
- PV1-7 GMC number, PV1-8 GP code (\`GMP\`), PV1-9 consultant code (\`CONS\`), PV1-19 visit number \`^^^${TRUST.code}^VN\`. A28 and A31 carry \`PV1|1|N\`: no visit.
- PV1-4, PV1-14 and PV1-36 hold NHS data dictionary codes. DG1-3 is ICD-10 (\`I10\`) with SNOMED CT (\`SCT\`) as the alternative.
- OBX-3 is the laboratory's code (\`RZZLAB\`) with LOINC (\`LN\`) as the alternative. OBX-2 is NM, SN (below the limit of the method), ST, TX, FT or CE.
- HL7 2.5.1 messages ask for an enhanced acknowledgement (MSH-15 \`AL\`, MSH-16 \`NE\`); the others for an original one.

## What is odd on purpose

The twins ${ROLES.twins.join(' and ')} share family name, date of birth, sex and address. Beyond that:

${renderOddities(messages)}

LOINC codes are used under the LOINC licence (https://loinc.org/license/).
`;
}
