/** `hde coverage`: what the packs make of each field, counted over many messages. */
import { convert } from '../src/core/converter/convert.js';
import { errors, ExchangeError, type ErrorCode } from '../src/core/errors.js';
import { parseHl7v2 } from '../src/core/formats/hl7v2/parse.js';
import { parsePath } from '../src/core/formats/hl7v2/path.js';
import type { LedgerEntry } from '../src/core/mapping/types.js';
import { parseOptions } from './parse-options.js';
import { readMessages } from './messages.js';
import { readSetting, settingOptions, type Setting } from './setting.js';
import { printTable } from './table.js';
import { exit, oneOf, type Terminal } from './terminal.js';

/** Populated repetitions of one field, by what became of them. */
export interface FieldCoverage {
  readonly segment: string;
  readonly field: number;
  populated: number;
  mapped: number;
  ignored: number;
  unmapped: number;
  /** Where it is unmapped, else where it is populated, for the first time; never what is there. */
  example: string;
}

export interface FeedCoverage {
  /** The named feed, else the sending application and facility (MSH-3 and MSH-4). */
  readonly feed: string;
  messages: number;
  /** Worst first. */
  fields: FieldCoverage[];
}

/** A message that is refused, or of which something is lost. */
export interface Failure {
  readonly place: string;
  readonly code: ErrorCode;
  /** What the code means. */
  readonly reason: string;
  readonly location?: string;
}

export interface Coverage {
  readonly feeds: readonly FeedCoverage[];
  readonly failures: readonly Failure[];
}

export function runCoverage(args: string[], terminal: Terminal): number {
  const { values, positionals } = parseOptions({
    args,
    allowPositionals: true,
    options: {
      ...settingOptions,
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
    },
  });
  const coverage = measure(oneOf(positionals, 'FOLDER'), readSetting(values, terminal));
  terminal.out(values.json ? `${JSON.stringify(coverage, null, 2)}\n` : printCoverage(coverage, values.all));
  return exit.done;
}

const failureOf = (place: string, code: ErrorCode, location: string | undefined): Failure => ({
  place,
  code,
  reason: errors[code].text,
  ...(location === undefined ? {} : { location }),
});

/** Converts every message of a folder and counts what became of its fields. */
function measure(folder: string, { feed, registry, isNamed }: Setting): Coverage {
  const feeds = new Map<string, { messages: number; fields: Map<string, FieldCoverage> }>();
  const failures: Failure[] = [];
  for (const { place, bytes } of readMessages(folder)) {
    try {
      const { ledger, issues } = convert(bytes, { format: 'hl7v2', feed, registry });
      const name = isNamed ? feed.id : senderOf(bytes);
      const counted = feeds.get(name) ?? { messages: 0, fields: new Map<string, FieldCoverage>() };
      feeds.set(name, counted);
      counted.messages++;
      for (const entry of ledger) count(counted.fields, entry, place);
      for (const { severity, code, location } of issues)
        if (severity === 'error') failures.push(failureOf(place, code, location));
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      const { code, location } = error;
      failures.push(failureOf(place, code, location));
    }
  }
  return {
    feeds: [...feeds]
      .map(([name, { messages, fields }]) => ({
        feed: name,
        messages,
        fields: [...fields.values()].sort(worstFirst),
      }))
      .sort((a, b) => unmappedOf(b.fields) - unmappedOf(a.fields)),
    failures,
  };
}

function senderOf(bytes: Uint8Array): string {
  const { msh } = parseHl7v2(bytes);
  return [msh.value(3), msh.value(4)].map((part) => part || '(none)').join(' / ');
}

function count(fields: Map<string, FieldCoverage>, { source, fate }: LedgerEntry, message: string): void {
  const path = parsePath(source);
  if (path?.field === undefined) return;
  const { segment, field } = path;
  const key = `${segment}-${field}`;
  const example = `${message}: ${source}`;
  const counts = fields.get(key) ?? {
    ...{ segment, field, populated: 0, mapped: 0, ignored: 0, unmapped: 0 },
    example,
  };
  fields.set(key, counts);
  if (fate === 'unmapped' && counts.unmapped === 0) counts.example = example;
  counts.populated++;
  counts[fate]++;
}

const worstFirst = (a: FieldCoverage, b: FieldCoverage): number =>
  b.unmapped - a.unmapped ||
  b.populated - a.populated ||
  a.segment.localeCompare(b.segment) ||
  a.field - b.field;

const unmappedOf = (fields: readonly FieldCoverage[]): number =>
  fields.reduce((sum, { unmapped }) => sum + unmapped, 0);

function printCoverage({ feeds, failures }: Coverage, isWhole: boolean): string {
  const parts = feeds.map(({ feed, messages, fields }) => {
    const shown = isWhole ? fields : fields.filter(({ unmapped }) => unmapped > 0);
    const hidden = fields.length - shown.length;
    const rows = shown.map((each) => [
      `${each.segment}-${each.field}`,
      ...[each.populated, each.mapped, each.ignored, each.unmapped],
      each.example,
    ]);
    return [
      `${feed}: ${messages} messages, ${sumOf(fields, 'populated')} populated fields, ${sumOf(fields, 'unmapped')} unmapped\n`,
      printSegments(fields),
      rows.length === 0
        ? ''
        : printTable(['field', 'populated', 'mapped', 'ignored', 'unmapped', 'for example'], rows),
      hidden === 0
        ? ''
        : `${hidden} fields are mapped or ignored wherever they are populated (--all shows them)\n`,
    ].join('\n');
  });
  const failed = failures.map(({ place, code, location = '', reason }) => [place, code, location, reason]);
  const refused =
    failed.length === 0
      ? ''
      : `Refused, or with an error: ${failed.length}\n${printTable(['message', 'code', 'place', 'reason'], failed)}`;
  return [...parts, refused].filter((part) => part !== '').join('\n');
}

type Count = 'populated' | 'mapped' | 'ignored' | 'unmapped';

const sumOf = (fields: readonly FieldCoverage[], name: Count): number =>
  fields.reduce((sum, each) => sum + each[name], 0);

function printSegments(fields: readonly FieldCoverage[]): string {
  const rows = [...new Set(fields.map(({ segment }) => segment))]
    .map((segment) => ({ segment, own: fields.filter((each) => each.segment === segment) }))
    .map(({ segment, own }) => ({ segment, own, unmapped: sumOf(own, 'unmapped') }))
    .sort((a, b) => b.unmapped - a.unmapped || a.segment.localeCompare(b.segment))
    .map(({ segment, own, unmapped }) => [
      segment,
      ...(['populated', 'mapped', 'ignored'] as const).map((name) => sumOf(own, name)),
      unmapped,
    ]);
  return printTable(['segment', 'populated', 'mapped', 'ignored', 'unmapped'], rows);
}
