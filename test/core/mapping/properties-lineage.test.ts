/** Lineage leads every copied leaf back to its text: over all samples, and over messages made for each rule. */
import { describe, expect, test } from '@jest/globals';
import { convert } from '../../../src/core/converter/convert.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { unescape } from '../../../src/core/formats/hl7v2/escapes.js';
import { parseHl7v2 } from '../../../src/core/formats/hl7v2/parse.js';
import type { Hl7Message } from '../../../src/core/formats/hl7v2/types.js';
import { parseCall } from '../../../src/core/mapping/engine/transform.js';
import { valueAt, withoutIndices } from '../../../cli/elements.js';
import { dayMessages, hasSharedSamples, messagesFor, sharedMessages, type CorpusMessage } from './corpus.js';
import { feed, ukPack } from './support.js';

/**
 * Elements that stand for what was sent instead of repeating it: codes by tables, times in the notation of FHIR,
 * references, parts of a text. All other strings with a span must be that text.
 */
const STANDS_FOR: readonly RegExp[] = [
  // Codes that a table gives, and codes of FHIR itself.
  /\.(?:code|use|gender|status|docStatus|intent|priority|type|category\[\d+\]|criticality|severity|system|mode|rank|language|kind|comparator|operationalStatus|recordedTime)$/,
  // Displays and texts that come with the code of a table.
  /\.(?:display)$/,
  // Times.
  /(?:[dD]ate|[dD]ateTime|[tT]ime|[iI]nstant|start|end|issued|recorded|authoredOn|authored|created|sent|received|occurrence\w*|onset\w*|deceased\w*|birthDate|when\w*)$/,
  // Where another record is, or where content is kept.
  /\.(?:reference|url|contentType|data|title)$/,
];

/** Values that a transform makes from parts of the span, by transform and element. */
const DERIVED: readonly RegExp[] = [
  // Places are named and numbered by their whole path, so that beds of two wards differ.
  / Location\.(?:identifier\.value|name)$/,
  // GMC and other registration numbers lose the letter of their register.
  / Practitioner\.identifier\.value$/,
  // Numbers and postcodes are written in one way.
  /(?:telecom|valueContactPoint)\.value$/,
  /address\.postalCode$/,
  // Texts joined from several components, or worded from codes.
  /^(?:appointmentNotes|county|dischargeDestination|dosages|durationNote|nameText|narrative|place|requestedMedicine|severityNote|structuredText) /,
];

const isDerived = (derivation: string): boolean => DERIVED.some((pattern) => pattern.test(derivation));

/** Names of transforms by rule. */
const transformOf = new Map(
  ukPack.maps.flatMap(({ rules }) => rules.map(({ id, using }) => [id, parseCall(using)?.name ?? using])),
);

const isCopy = (element: string): boolean => !STANDS_FOR.some((pattern) => pattern.test(element));

/** What a span says, as FHIR may hold it: escapes resolved, trimmed, without control characters. */
function textOf({ text, delimiters }: Hl7Message, start: number, end: number): string {
  const plain = unescape(text.slice(start, end), delimiters);
  return plain.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').trim(); // eslint-disable-line no-control-regex -- as the engine cleans it
}

interface Findings {
  checked: number;
  readonly faults: Set<string>;
}

function check({ name, text }: CorpusMessage, findings: Findings): void {
  let converted;
  try {
    converted = convert(text, { format: 'hl7v2', feed });
  } catch (error) {
    if (error instanceof ExchangeError) return;
    throw error;
  }
  const message = parseHl7v2(text);
  const resources = new Map(
    converted.bundle.entry?.map(({ resource }) => [
      `${resource!.resourceType}/${resource!.id ?? ''}`,
      resource!,
    ]),
  );
  for (const { resource, element, source, start, end, rule } of converted.lineage) {
    if (start === undefined || end === undefined) continue;
    if (!isCopy(element)) continue;
    const value = valueAt(resources.get(resource)!, element.slice(element.indexOf('.') + 1));
    if (typeof value !== 'string') continue;
    findings.checked++;
    const sent = textOf(message, start, end);
    const derivation = `${transformOf.get(rule) ?? rule} ${withoutIndices(element)}`;
    // Each line of a text has a span of its own.
    if (!value.split('\n').includes(sent) && !isDerived(derivation))
      findings.faults.add(`${derivation} (${name}, ${source ?? ''})`);
  }
}

const checkAll = (messages: Iterable<CorpusMessage>): Findings => {
  const findings: Findings = { checked: 0, faults: new Set() };
  for (const message of messages) check(message, findings);
  return findings;
};

/** Some messages for each rule. */
function* ruleMessages(): Generator<CorpusMessage, void> {
  for (const map of ukPack.maps) {
    for (const rule of map.rules) {
      if (parseCall(rule.using)?.name === 'constant') continue;
      let count = 0;
      for (const text of messagesFor(ukPack, map, rule)) {
        if (count++ % 7 === 0) yield { name: rule.id, text };
        if (count > 21) break;
      }
    }
  }
}

describe('the span of every copied leaf holds its text', () => {
  test('in the sample day', () => {
    const { checked, faults } = checkAll(dayMessages(5));
    expect([...faults]).toEqual([]);
    expect(checked).toBeGreaterThan(1000);
  });

  (hasSharedSamples ? test : test.skip)(
    'in other samples (skipped where ../shared/samples is absent)',
    () => {
      const { checked, faults } = checkAll(sharedMessages());
      expect([...faults]).toEqual([]);
      expect(checked).toBeGreaterThan(1000);
    },
  );

  test('in messages made for each rule', () => {
    const { checked, faults } = checkAll(ruleMessages());
    expect([...faults]).toEqual([]);
    expect(checked).toBeGreaterThan(1000);
  });
});
