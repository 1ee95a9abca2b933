import type { Value } from '../json.js';
import { isArray } from '../json.js';
import { compileExpression } from './compile-expression.js';
import { compileSubquery } from './compile-query.js';
import type { Row, Run } from './scope.js';
import { Scope } from './scope.js';
import type { Query, Source } from './syntax.js';

/** Called for each combination of the sources; returns whether to go on. */
export type Visit = () => boolean;

/** Puts each value of a source into its slot and visits it; false when the visitor had enough. */
type Expand = (row: Row, run: Run, visit: Visit) => boolean;

/** The FROM clause compiled: the scope it makes, and a walk over all combinations of its sources. */
export interface CompiledSources {
  readonly scope: Scope;
  /** Where the document goes, for a query over documents. */
  readonly documentSlot: number;
  /** What `SELECT *` returns; undefined when there is more than one source or none. */
  readonly starSlot: number | undefined;
  readonly walk: Expand;
}

function compileValues(source: Source, scope: Scope): (row: Row, run: Run) => readonly Value[] {
  if (source.target.kind === 'query') {
    const subquery = compileSubquery(source.target.query, scope);
    return (row, run) => subquery.values(row, run);
  }
  const evaluate = compileExpression(source.target.expression, scope);
  if (source.iterates) {
    return (row, run) => {
      const value = evaluate(row, run);
      return isArray(value) ? value : [];
    };
  }
  return (row, run) => {
    const value = evaluate(row, run);
    return value === undefined ? [] : [value];
  };
}

function compileSource(source: Source, scope: Scope): { scope: Scope; slot: number; expand: Expand } {
  const valuesOf = compileValues(source, scope);
  const { scope: inner, slot } = scope.bind(source.alias);
  const expand: Expand = (row, run, visit) => {
    for (const value of valuesOf(row, run)) {
      row[slot] = value;
      if (!visit()) return false;
    }
    return true;
  };
  return { scope: inner, slot, expand };
}

function chain(expansions: readonly Expand[]): Expand {
  if (expansions.length === 0) return (_row, _run, visit) => visit();
  return (row, run, visit) =>
    expansions.reduceRight<Visit>((next, expand) => () => expand(row, run, next), visit)();
}

/** The name by which a query knows the documents it is run over. */
function documentName(query: Query): string | undefined {
  const target = query.from?.target;
  if (target?.kind === 'path') return target.root;
  return target?.kind === 'query' ? documentName(target.query) : undefined;
}

function compileAll(
  sources: readonly Source[],
  start: Scope,
  documentSlot: number,
  starSlot: number | undefined,
): CompiledSources {
  let scope = start;
  const expansions: Expand[] = [];
  let star = starSlot;
  for (const source of sources) {
    const compiled = compileSource(source, scope);
    star = expansions.length === 0 && starSlot === undefined ? compiled.slot : undefined;
    scope = compiled.scope;
    expansions.push(compiled.expand);
  }
  return { scope, documentSlot, starSlot: star, walk: chain(expansions) };
}

/** Compiles the FROM clause of a query over documents: its root is the document. */
export function compileDocumentSources(query: Query): CompiledSources {
  const { from, joins } = query;
  const target = from?.target;
  if (from !== undefined && target?.kind === 'path' && target.isRoot && !from.iterates) {
    const { scope, slot } = Scope.empty().bind(from.alias);
    return compileAll(joins, scope, slot, slot);
  }
  const { scope, slot } = Scope.empty().bind(documentName(query));
  return compileAll(from === undefined ? [] : [from, ...joins], scope, slot, undefined);
}

/** Compiles the FROM clause of a subquery: its root is a name of the query around it. */
export const compileInnerSources = (query: Query, scope: Scope): CompiledSources =>
  compileAll(query.from === undefined ? [] : [query.from, ...query.joins], scope, -1, undefined);
