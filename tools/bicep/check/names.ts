/** Names: each is declared once, before or after its use, and used. */
import type { BicepFile, Expression, Place, Statement, TypeExpression } from '../ast.js';
import type { Report } from './finding.js';
import { childrenOf, decoratedIn, expressionsOf, type Part, typeNamesOf } from './walk.js';

/** Names that every file has. */
const namespaces = new Set(['az', 'sys']);
const typeKeywords = new Set([
  ...['string', 'int', 'bool', 'object', 'array', 'any', 'resource', 'sys', 'az'],
  ...['resourceInput', 'resourceOutput', 'secureString', 'secureObject'],
]);

/** Names that a statement declares, each with the kind of its declaration. */
function declaredBy(statement: Statement): readonly string[] {
  switch (statement.kind) {
    case 'import':
      return statement.names.map(({ as }) => as);
    case 'param':
    case 'var':
    case 'type':
    case 'func':
    case 'resource':
    case 'module':
      return [statement.name];
    default:
      return [];
  }
}

class NameCheck {
  private readonly declared = new Map<string, Statement>();
  private readonly used = new Set<string>();

  constructor(
    private readonly file: BicepFile,
    private readonly report: Report,
  ) {}

  run(isParameterFile: boolean): void {
    for (const statement of this.file.statements) {
      for (const name of declaredBy(statement)) {
        if (this.declared.has(name)) this.report(statement, 'duplicate-name', `'${name}' is declared twice`);
        this.declared.set(name, statement);
      }
    }
    for (const statement of this.file.statements) {
      this.statement(statement);
      for (const decorators of decoratedIn(statement)) this.decorators(decorators);
    }
    if (!isParameterFile) this.unused();
  }

  private unused(): void {
    for (const [name, statement] of this.declared) {
      if (this.used.has(name) || isExported(statement)) continue;
      if (statement.kind === 'param') this.report(statement, 'no-unused-params', `'${name}' is not used`);
      if (statement.kind === 'var') this.report(statement, 'no-unused-vars', `'${name}' is not used`);
      if (statement.kind === 'import') this.report(statement, 'no-unused-imports', `'${name}' is not used`);
      const isExisting = statement.kind === 'resource' && statement.existing;
      if (isExisting) this.report(statement, 'no-unused-existing-resources', `'${name}' is not used`);
    }
  }

  private statement(statement: Statement): void {
    const own = statement.kind === 'func' ? statement.parameters.map(({ name }) => name) : [];
    for (const expression of expressionsOf(statement)) this.part(expression, new Set(own));
    if ('type' in statement && statement.type !== undefined) this.type(statement.type);
    if (statement.kind === 'func') {
      for (const { type } of statement.parameters) this.type(type);
      this.type(statement.returns);
    }
  }

  /** A decorator says something once: of two descriptions or limits, nobody knows which one holds. */
  private decorators(decorators: readonly Expression[]): void {
    const names = new Set<string>();
    for (const decorator of decorators) {
      if (decorator.kind !== 'call') continue;
      if (names.has(decorator.name))
        this.report(decorator, 'duplicate-decorator', `'@${decorator.name}()' stands here twice`);
      names.add(decorator.name);
    }
  }

  private type(type: TypeExpression): void {
    for (const named of typeNamesOf(type))
      if (!typeKeywords.has(named.name)) this.use(named.name, named, new Set());
  }

  private use(name: string, place: Place, inner: ReadonlySet<string>): void {
    this.used.add(name);
    if (!inner.has(name) && !this.declared.has(name) && !namespaces.has(name)) {
      this.report(place, 'undeclared-name', `'${name}' is not declared`);
    }
  }

  private part(part: Part, inner: ReadonlySet<string>): void {
    if (part.kind === 'name') this.use(part.name, part, inner);
    // Functions without a declaration are built in, which the evaluation checks.
    if (part.kind === 'call' && part.of === undefined) this.used.add(part.name);
    if (part.kind === 'for') {
      this.part(part.source, inner);
      this.part(part.body, new Set([...inner, part.item, ...(part.index === undefined ? [] : [part.index])]));
      return;
    }
    const within = new Set([...inner, ...namesWithin(part)]);
    for (const child of childrenOf(part)) this.part(child, within);
  }
}

function namesWithin(part: Part): readonly string[] {
  if (part.kind === 'lambda') return part.parameters;
  if (part.kind !== 'object') return [];
  return part.members.flatMap((member) => (member.kind === 'resource' ? [member.name] : []));
}

const isExported = ({ decorators }: Statement): boolean =>
  decorators.some((decorator: Expression) => decorator.kind === 'call' && decorator.name === 'export');

/** Reports names that are not declared, declared twice, or not used. */
export function checkNames(file: BicepFile, isParameterFile: boolean, report: Report): void {
  new NameCheck(file, report).run(isParameterFile);
}
