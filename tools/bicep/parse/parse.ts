/** Statements: the whole of a `.bicep` or `.bicepparam` file. */
import type { BicepFile, Deployed, Expression, Import, Statement, TypeExpression } from '../ast.js';
import { tokensOf } from '../lexer.js';
import { Cursor, placeOf } from './cursor.js';
import { ExpressionReader } from './expressions.js';
import { TypeReader } from './types.js';

class StatementReader {
  private readonly expressions: ExpressionReader;
  private readonly type: () => TypeExpression;

  constructor(private readonly cursor: Cursor) {
    this.expressions = new ExpressionReader(cursor, () => this.nestedResource());
    this.type = new TypeReader(cursor, this.expressions).type;
  }

  readonly file = (): Statement[] => {
    const { cursor } = this;
    const statements: Statement[] = [];
    cursor.skipLines();
    while (!cursor.is('end')) {
      statements.push(this.statement());
      if (!cursor.is('newline') && !cursor.is('end')) cursor.fail('expected a new line after the statement');
      cursor.skipLines();
    }
    return statements;
  };

  private statement(): Statement {
    const { cursor, expressions } = this;
    const decorators = expressions.decorators();
    const token = cursor.peek();
    const common = { decorators, ...placeOf(token) };
    const keyword = cursor.expectName();
    switch (keyword) {
      case 'resource':
      case 'module':
        return { ...this.deployed(keyword), ...common };
      case 'param':
        return { kind: keyword, name: cursor.expectName(), ...this.typed(), ...common };
      case 'var':
      case 'output':
        return {
          kind: keyword,
          name: cursor.expectName(),
          type: this.optionalType(),
          value: this.assigned(),
          ...common,
        };
      case 'type':
        return { kind: keyword, name: cursor.expectName(), type: this.assignedType(), ...common };
      case 'func':
        return { kind: keyword, ...this.functionParts(), ...common };
      case 'metadata':
        return { kind: keyword, name: cursor.expectName(), value: this.assigned(), ...common };
      case 'targetScope':
        return { kind: keyword, value: this.assigned(), ...common };
      case 'import':
        return { ...this.imported(), ...common };
      case 'using':
      case 'extends': {
        const none = cursor.acceptName('none');
        return { kind: keyword, value: none ? undefined : expressions.expression(), ...common };
      }
      default:
        return cursor.fail(`unknown statement '${keyword}'`);
    }
  }

  private assigned(): Expression {
    this.cursor.expectSign('=');
    this.cursor.skipLines();
    return this.expressions.body();
  }

  private assignedType(): TypeExpression {
    this.cursor.expectSign('=');
    this.cursor.skipLines();
    return this.type();
  }

  private optionalType(): TypeExpression | undefined {
    const { cursor } = this;
    if (cursor.isSign('|', cursor.aheadOfLines())) cursor.skipLines();
    return cursor.isSign('=') || cursor.is('newline') || cursor.is('end') ? undefined : this.type();
  }

  private typed() {
    const type = this.optionalType();
    return { type, value: this.cursor.isSign('=') ? this.assigned() : undefined };
  }

  private deployed(kind: 'resource' | 'module'): Omit<Deployed, 'decorators'> {
    const { cursor } = this;
    const place = placeOf(cursor.peek());
    const name = cursor.expectName();
    const reference = this.expressions.expression();
    const existing = cursor.acceptName('existing');
    return { kind, name, reference, existing, body: this.assigned(), ...place };
  }

  private nestedResource(): Deployed {
    const decorators = this.expressions.decorators();
    this.cursor.expectName('resource');
    return { ...this.deployed('resource'), decorators };
  }

  private functionParts() {
    const { cursor } = this;
    const name = cursor.expectName();
    const parameters = cursor.list('(', ')', () => ({ name: cursor.expectName(), type: this.type() }));
    const returns = this.type();
    cursor.expectSign('=>');
    cursor.skipLines();
    return { name, parameters, returns, body: this.expressions.expression() };
  }

  private imported(): Pick<Import, 'kind' | 'names' | 'from'> {
    const { cursor } = this;
    if (cursor.accept('*')) {
      cursor.expectName('as');
      return { kind: 'import', names: [{ name: '*', as: cursor.expectName() }], from: this.importedFrom() };
    }
    const names = cursor.list('{', '}', () => {
      const name = cursor.expectKey();
      return { name, as: cursor.acceptName('as') ? cursor.expectName() : name };
    });
    return { kind: 'import', names, from: this.importedFrom() };
  }

  private importedFrom(): string {
    this.cursor.expectName('from');
    return this.cursor.expectKey();
  }
}

/** Parses the text of a Bicep file. Throws BicepSyntaxError, which tells the place. */
export function parseBicep(source: string): BicepFile {
  const { tokens, disabled } = tokensOf(source);
  return { statements: new StatementReader(new Cursor(tokens)).file(), disabled };
}
