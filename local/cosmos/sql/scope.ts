import type { Value } from '../json.js';

/** The values of all names of a query while one combination of its sources is looked at, by slot. */
export type Row = Value[];

/** What an evaluation may look at besides its row. */
export interface Run {
  readonly parameters: ReadonlyMap<string, Value>;
  /** The rows of the group at hand, where aggregates may stand. */
  readonly group?: readonly Row[];
}

/** A compiled expression. */
export type Evaluate = (row: Row, run: Run) => Value;

/**
 * The names that an expression can see, each with its slot in the row. Scopes are immutable; all scopes of one
 * query share the slot counter, so that a subquery's names never overwrite those around it.
 */
export class Scope {
  private constructor(
    private readonly counter: { slots: number },
    private readonly slotsByName: ReadonlyMap<string, number>,
  ) {}

  static empty(): Scope {
    return new Scope({ slots: 0 }, new Map());
  }

  /** A scope with one more slot, visible under the name if there is one. */
  bind(name: string | undefined): { readonly scope: Scope; readonly slot: number } {
    const slot = this.counter.slots;
    this.counter.slots += 1;
    const scope =
      name === undefined ? this : new Scope(this.counter, new Map(this.slotsByName).set(name, slot));
    return { scope, slot };
  }

  slotOf(name: string): number | undefined {
    return this.slotsByName.get(name);
  }
}
