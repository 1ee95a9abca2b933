import type { ErrorDefinition } from '../../error-definition.js';
import { errors, type Issue } from '../../errors.js';
import { escape } from './escapes.js';
import { parsePath } from './path.js';
import type { Hl7Delimiters } from './types.js';
import type { ComponentContent, RepetitionContent, SegmentContent } from './write.js';

/** HL7 table 0357, message error condition codes. */
const conditionTexts: Readonly<Record<string, string>> = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '101': 'Required field missing',
  '102': 'Data type error',
  '103': 'Table value not found',
  '200': 'Unsupported message type',
  '201': 'Unsupported event code',
  '202': 'Unsupported processing id',
  '203': 'Unsupported version id',
  '204': 'Unknown key identifier',
  '205': 'Duplicate key identifier',
  '206': 'Application record locked',
  '207': 'Application internal error',
};

/** HL7 table 0516. */
const severities = { error: 'E', warning: 'W', information: 'I' } as const;

/** One ERR segment for each issue, from v2.5 on (HL7 v2.5.1 section 2.15.5). */
export function errorSegments(
  issues: readonly Issue[],
  delimiters: Hl7Delimiters,
): readonly SegmentContent[] {
  return issues.map((issue) => {
    const { location, detail } = issue;
    const diagnostic = [location, detail].filter((part) => part !== undefined).join(': ');
    return {
      name: 'ERR',
      fields: [
        '',
        [errorLocation(location)],
        [conditionOf(issue).map((part) => escape(part, delimiters))],
        severities[issue.severity],
        issue.code,
        '',
        escape(diagnostic, delimiters),
        escape(definitionOf(issue).text, delimiters),
      ],
    };
  });
}

/** One ERR segment whose first field repeats for each issue, as before v2.5 (HL7 v2.4 section 2.16.5). */
export function legacyErrorSegments(
  issues: readonly Issue[],
  delimiters: Hl7Delimiters,
): readonly SegmentContent[] {
  // A sender that declares no repetition separator can be told one error only.
  const told = delimiters.repetition === '' ? issues.slice(0, 1) : issues;
  if (told.length === 0) return [];
  const repetitions = told.map((issue): RepetitionContent => {
    const condition = conditionOf(issue).map((part) => escape(part, delimiters));
    return [
      ...legacyLocation(issue.location),
      delimiters.subcomponent === '' ? (condition[0] ?? '') : condition,
    ];
  });
  return [{ name: 'ERR', fields: [repetitions] }];
}

/** The registered text of the first error, with what is said of this one if that is wanted; empty when there is none. */
export function firstErrorText(issues: readonly Issue[], isDetailed: boolean): string {
  const error = issues.find(({ severity }) => severity === 'error');
  if (error === undefined) return '';
  const { text } = definitionOf(error);
  return isDetailed && error.detail !== undefined ? `${text.replace(/\.$/, '')}: ${error.detail}` : text;
}

const definitionOf = ({ code }: Issue): ErrorDefinition => errors[code];

/** CWE of table 0357: code, text, name of the table. */
function conditionOf(issue: Issue): readonly string[] {
  const { condition } = definitionOf(issue);
  return [condition, conditionTexts[condition] ?? '', 'HL70357'];
}

/** ERL: segment, its sequence, field, repetition, component, subcomponent; empty for a place that is no path. */
function errorLocation(location: string | undefined): readonly ComponentContent[] {
  const path = location === undefined ? undefined : parsePath(location);
  if (path === undefined) return [];
  const { segment, occurrence = 1, field, repetition, component, subcomponent } = path;
  const parts = [segment, occurrence, field, component === undefined ? repetition : (repetition ?? 1)];
  return [...parts, component, subcomponent].filter((part) => part !== undefined).map(String);
}

/** The first three components of ELD. */
function legacyLocation(location: string | undefined): readonly ComponentContent[] {
  const [segment = '', sequence = '', field = ''] = errorLocation(location);
  return [segment, sequence, field];
}
