/** What is protected stays so through later messages. All people are synthetic. */
import { expect, test } from '@jest/globals';
import { convert } from '../../../../src/core/converter/convert.js';
import { labelsOf } from '../../../../src/core/governance/security-labels.js';
import { PID, convertText, hl7, recordOf, segment } from '../support.js';

const numbered = (text: string, number: number): string =>
  text.replace('|MSG1|', `|MSG${String(number)}|`).replaceAll('2024010508', `202401050${String(number)}`);

/** The labels of the patient after a file of messages. */
function securityAfter(...messages: string[]): (string | undefined)[] {
  const file = messages.map((text, index) => numbered(text, index + 1)).join('');
  const { bundle } = convert(file, { format: 'hl7v2' });
  const patient = bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')?.resource;
  return (patient?.meta?.security ?? []).map(({ code }) => code);
}

const A31 = (...segments: string[]): string => hl7('ADT^A31', PID, ...segments);
const FLAGGED = A31(segment('ZU8', { 4: '2' }));

test('an S-flag survives messages that do not mention it or deny it by default', () => {
  expect(securityAfter(A31(), FLAGGED)).toEqual(['R']);
  expect(securityAfter(FLAGGED, A31(), A31(segment('PD1', { 12: 'N' }), segment('ZU8', { 4: '0' })))).toEqual(
    ['R'],
  );
});

test('an S-flag that is taken back is gone', () => {
  expect(securityAfter(FLAGGED, A31(segment('ZU8', { 4: '""' })))).toEqual([]);
});

test.each([
  ['R', ['restricted']],
  ['V', ['very-restricted']],
  ['HIV^HIV positive^HL70177', ['sensitive']],
  ['AID', ['sensitive']],
  ['PSY', ['sensitive']],
  ['ETH', ['sensitive']],
  ['EMP', ['sensitive']],
  ['U', []],
])('an order that is marked %s (ORC-28) holds back what came of it as %j', (marked, held) => {
  const conversion = convertText(
    hl7(
      'ORU^R01',
      PID,
      segment('ORC', { 1: 'RE', 2: 'P1', 3: 'F1', 28: marked }),
      'OBR|1|P1|F1|HIV^HIV antibodies^L',
      'OBX|1|ST|HIV^HIV antibodies^L||Not detected||||||F',
    ),
  );
  for (const type of ['ServiceRequest', 'DiagnosticReport', 'Observation'])
    expect(labelsOf(recordOf(conversion, type).resource.meta?.security)).toEqual(held);
});
