import { ExpressionParser } from './expression-parser.js';
import { SqlError } from './sql-error.js';
import type {
  Expression,
  OrderKey,
  Query,
  SelectItem,
  Selection,
  Source,
  Sourced,
  SourceTarget,
} from './syntax.js';
import { TokenStream } from './token-stream.js';

/** The longest query that the service accepts (`maxSqlQueryInputLength`). */
const maximumLength = 524_288;

class QueryParser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;

  constructor(sql: string) {
    this.#tokens = new TokenStream(sql);
    this.#expressions = new ExpressionParser(this.#tokens, () => this.query());
  }

  whole(): Query {
    const query = this.query();
    if (this.#tokens.peek().kind !== 'end') throw this.#tokens.unexpected();
    return query;
  }

  query(): Query {
    const { start } = this.#tokens.peek();
    this.#tokens.expectKeyword('SELECT');
    const distinct = this.#tokens.takeKeyword('DISTINCT');
    const top = this.#tokens.takeKeyword('TOP') ? this.#expressions.primary() : undefined;
    const selection = this.#selection();
    const { from, joins, fromText } = this.#from();
    const where = this.#tokens.takeKeyword('WHERE') ? this.#expressions.sourced() : undefined;
    const groupBy = this.#groupBy();
    const orderBy = this.#orderBy();
    const textBeforeOffset = this.#tokens.textSince(start);
    const { offset, limit } = this.#offset();
    return {
      distinct,
      top,
      selection,
      from,
      joins,
      fromText,
      where,
      groupBy,
      orderBy,
      offset,
      limit,
      textBeforeOffset,
    };
  }

  #selection(): Selection {
    if (this.#tokens.takeOperator('*')) return { kind: 'star' };
    // `SELECT value.x` and `SELECT value, y` name a source or property called value.
    if (this.#tokens.isKeyword('VALUE') && !['.', ','].some((next) => this.#tokens.isOperator(next, 1))) {
      this.#tokens.next();
      return { kind: 'value', value: this.#expressions.sourced() };
    }
    const items: SelectItem[] = [];
    do items.push({ ...this.#expressions.sourced(), alias: this.#alias() });
    while (this.#tokens.takeOperator(','));
    return { kind: 'items', items };
  }

  #alias(): string | undefined {
    if (this.#tokens.takeKeyword('AS') || this.#tokens.peek().kind === 'identifier') {
      return this.#tokens.textOf(this.#tokens.expectName());
    }
    return undefined;
  }

  #from(): { from: Source | undefined; joins: readonly Source[]; fromText: string } {
    const { start } = this.#tokens.peek();
    if (!this.#tokens.takeKeyword('FROM')) return { from: undefined, joins: [], fromText: '' };
    const from = this.#source();
    const joins: Source[] = [];
    while (this.#tokens.takeKeyword('JOIN')) joins.push(this.#source());
    return { from, joins, fromText: this.#tokens.textSince(start) };
  }

  #source(): Source {
    if (this.#tokens.peek().kind === 'identifier' && this.#tokens.isKeyword('IN', 1)) {
      const alias = this.#tokens.textOf(this.#tokens.expectName());
      this.#tokens.expectKeyword('IN');
      return { alias, iterates: true, target: this.#target() };
    }
    const target = this.#target();
    const alias = this.#alias() ?? (target.kind === 'path' ? lastName(target.expression) : undefined);
    return { alias, iterates: false, target };
  }

  #target(): SourceTarget {
    if (this.#tokens.takeOperator('(')) {
      const query = this.query();
      this.#tokens.expectOperator(')');
      return { kind: 'query', query };
    }
    if (this.#tokens.isOperator('[') || this.#tokens.isOperator('{')) {
      return { kind: 'expression', expression: this.#expressions.primary() };
    }
    const token = this.#tokens.expectName();
    const root = this.#tokens.textOf(token);
    let expression: Expression = { kind: 'name', name: root, start: token.start, end: token.end };
    for (;;) {
      const member = this.#expressions.memberOf(expression);
      if (member === undefined) break;
      expression = member;
    }
    return { kind: 'path', root, expression, isRoot: expression.kind === 'name' };
  }

  #groupBy(): readonly Sourced[] {
    if (!this.#tokens.takeKeyword('GROUP')) return [];
    this.#tokens.expectKeyword('BY');
    const keys: Sourced[] = [];
    do keys.push(this.#expressions.sourced());
    while (this.#tokens.takeOperator(','));
    return keys;
  }

  #orderBy(): readonly OrderKey[] {
    if (!this.#tokens.takeKeyword('ORDER')) return [];
    this.#tokens.expectKeyword('BY');
    const keys: OrderKey[] = [];
    do {
      const key = this.#expressions.sourced();
      const descending = this.#tokens.takeKeyword('DESC');
      if (!descending) this.#tokens.takeKeyword('ASC');
      keys.push({ ...key, direction: descending ? 'descending' : 'ascending' });
    } while (this.#tokens.takeOperator(','));
    return keys;
  }

  #offset(): { offset: Expression | undefined; limit: Expression | undefined } {
    if (!this.#tokens.takeKeyword('OFFSET')) return { offset: undefined, limit: undefined };
    const offset = this.#expressions.primary();
    this.#tokens.expectKeyword('LIMIT');
    return { offset, limit: this.#expressions.primary() };
  }
}

/** The name by which an unaliased source is known: the last property of its path. */
function lastName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'member') return undefined;
  const { key } = expression;
  return key.kind === 'literal' && typeof key.value === 'string' ? key.value : lastName(expression.target);
}

/**
 * Parses one SELECT statement of the query language of Azure Cosmos DB for NoSQL.
 *
 * @throws SqlError with code and place when the text is not such a statement.
 */
export function parseQuery(sql: string): Query {
  if (sql.length > maximumLength) throw new SqlError('The query text is too long.', 'SC1003');
  return new QueryParser(sql).whole();
}
