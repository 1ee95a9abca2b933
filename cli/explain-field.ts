/** Where a field of the message went. */
import { parsePath, type Hl7Path } from '../src/core/formats/hl7v2/path.js';
import type { LedgerEntry } from '../src/core/mapping/types.js';
import { describeRow, indent, withoutMessage, type Explained } from './explained.js';
import { viewSource } from './source-view.js';
import { exit, type Terminal } from './terminal.js';

/** Explains every populated repetition that a path names; without an occurrence, in every segment of the name. */
export function explainField(explained: Explained, path: Hl7Path, terminal: Terminal): number {
  const { ledger } = explained.converted;
  const found = ledger.filter(({ source }) => isMeant(path, source));
  if (found.length === 0) {
    const others = new Set(
      ledger.map(({ source }) => withoutMessage(source)).filter((source) => source.startsWith(path.segment)),
    );
    const populated =
      others.size === 0 ? 'There is no such segment.' : `Populated: ${[...others].join(', ')}`;
    terminal.err(`The message holds nothing there. ${populated}\n`);
    return exit.refused;
  }
  terminal.out(found.map((entry) => explainEntry(explained, entry, path)).join('\n'));
  return exit.done;
}

/** Whether a path names a place of the ledger, such as `OBX(3)-5[1]`. */
function isMeant(path: Hl7Path, source: string): boolean {
  const place = parsePath(withoutMessage(source));
  return (
    place?.segment === path.segment &&
    isSame(path.occurrence, place.occurrence ?? 1) &&
    isSame(path.field, place.field) &&
    isSame(path.repetition, place.repetition)
  );
}

const isSame = (wanted: number | '*' | undefined, there: number | '*' | undefined): boolean =>
  wanted === undefined || wanted === '*' || wanted === there;

function explainEntry(explained: Explained, { source, fate, rule }: LedgerEntry, path: Hl7Path): string {
  const made = elementsFrom(explained, source, path);
  const row = rule === undefined ? undefined : explained.rows.get(rule);
  const isFilled = fate === 'ignored' && row?.kind === 'rule';
  return [
    `${source}  ${isFilled ? 'ignored: another field fills the element of its rule' : fate}\n`,
    indent(view(explained, source)),
    indent(made),
    fate === 'unmapped' ? '  no rule maps or ignores it\n' : '',
    rule === undefined ? '' : indent(describeRow(row, rule)),
  ].join('');
}

/** `-> Patient.name[0].family (rule pid-5-name)` for each element that comes from the place. */
function elementsFrom({ converted }: Explained, source: string, path: Hl7Path): string[] {
  const component = path.component === undefined ? '' : `.${path.component}`;
  const subcomponent = path.subcomponent === undefined ? '' : `.${path.subcomponent}`;
  const wanted = source + component + subcomponent;
  return converted.lineage
    .filter((entry) => entry.source !== undefined && isWithin(entry.source, wanted))
    .map(({ resource, element, source: from, rule }) => {
      const place = `${resource}${element.slice(element.indexOf('.'))}`;
      return `-> ${place}  from ${withoutMessage(from ?? '')}  rule ${rule}`;
    });
}

/** Either may be the part of the other: a rule that reads a whole field uses each component. */
const isWithin = (source: string, wanted: string): boolean =>
  source === wanted || source.startsWith(`${wanted}.`) || wanted.startsWith(`${source}.`);

function view(explained: Explained, source: string): string[] {
  const message = explained.messageOf(source);
  const place = parsePath(withoutMessage(source));
  if (message === undefined || place?.field === undefined) return [];
  const segment = message.all(place.segment)[Number(place.occurrence ?? 1) - 1];
  const span = segment?.spanOf(place.field, Number(place.repetition ?? 1));
  return span === undefined ? [] : viewSource(message.text, span, explained.isColoured);
}
