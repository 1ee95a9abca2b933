/** The rows of a pack that a kind of message can need: rows of other events cost it nothing. */
import type { CompiledIgnore, CompiledMap } from './compile-pack.js';
import { canHold, type MessageKind } from './condition.js';

export interface SelectedRows {
  /** By segment name. */
  readonly maps: ReadonlyMap<string, readonly CompiledMap[]>;
  /** By segment name. */
  readonly ignored: ReadonlyMap<string, readonly CompiledIgnore[]>;
}

/** The standard knows fewer kinds of message, but a sender may write anything into MSH-9. */
const KINDS_KEPT = 500;

/** Selects rows by the clauses on event and message type of their conditions, once for each kind of message. */
export function createSelection(rows: SelectedRows): (kind: MessageKind) => SelectedRows {
  const selections = new Map<string, SelectedRows>();
  return (kind) => {
    const key = `${kind.messageType}^${kind.event}`;
    let selected = selections.get(key);
    if (selected === undefined) {
      selected = selectRows(rows, kind);
      if (selections.size < KINDS_KEPT) selections.set(key, selected);
    }
    return selected;
  };
}

function selectRows({ maps, ignored }: SelectedRows, kind: MessageKind): SelectedRows {
  const concerns = ({ when }: { readonly when: string | undefined }): boolean =>
    when === undefined || canHold(when, kind);
  return {
    maps: mapValues(maps, (group) =>
      group.filter(concerns).map((map) => ({ ...map, rules: map.rules.filter(concerns) })),
    ),
    ignored: mapValues(ignored, (group) => group.filter(concerns)),
  };
}

function mapValues<T>(groups: ReadonlyMap<string, T>, change: (value: T) => T): Map<string, T> {
  return new Map([...groups].map(([name, value]) => [name, change(value)]));
}
