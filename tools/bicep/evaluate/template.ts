/** One template under evaluation: its names, each evaluated when it is first asked for. */
import type { Deployed, Expression, FunctionDeclaration, Import, Place, Statement } from '../ast.js';
import { besides, type BicepProject } from '../project.js';
import { builtIns } from './functions.js';
import { deploymentFunction, type Scope } from './deployment.js';
import { evaluate } from './expressions.js';
import { innerNames, type Names } from './names.js';
import { isProperties, Later, type Properties, textOf, type Value } from './values.js';

/** What cannot be evaluated, with its file and place. */
export class EvaluationError extends Error {
  constructor(
    message: string,
    readonly file: string,
    readonly place: Place,
  ) {
    super(`${file}:${place.line}:${place.column} ${message}`);
    this.name = 'EvaluationError';
  }
}

type Declaration = Extract<Statement, { name: string }>;

/** Evaluates a resource or module of a template: its value as others refer to it. */
export type Deploy = (template: Template, declaration: Deployed, names: Names) => Value;

export interface TemplateOptions {
  readonly project: BicepProject;
  readonly file: string;
  readonly scope: Scope;
  readonly parameters: Properties;
  readonly deploy: Deploy;
  /** Variables of the environment, for `readEnvironmentVariable`. */
  readonly environment: Readonly<Record<string, string>>;
}

export class Template implements Names {
  private readonly values = new Map<string, Value>();
  private readonly underway = new Set<string>();
  private readonly declarations = new Map<string, Declaration>();
  private readonly imports = new Map<string, { readonly from: string; readonly name: string }>();
  readonly statements: readonly Statement[];

  constructor(readonly options: TemplateOptions) {
    this.statements = options.project.file(options.file).statements;
    for (const statement of this.statements) this.declare(statement);
  }

  private declare(statement: Statement): void {
    if (statement.kind === 'import') this.declareImport(statement);
    // Metadata and outputs are no names that expressions can use.
    else if ('name' in statement && statement.kind !== 'metadata' && statement.kind !== 'output') {
      this.declarations.set(statement.name, statement);
    }
  }

  private declareImport({ names, from }: Import): void {
    const file = besides(this.options.file, from);
    for (const { name, as } of names) this.imports.set(as, { from: file, name });
  }

  fail(message: string, place: Place): never {
    throw new EvaluationError(message, this.options.file, place);
  }

  value(name: string, place: Place): Value {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    if (this.underway.has(name)) this.fail(`'${name}' refers to itself`, place);
    this.underway.add(name);
    const value = this.evaluateName(name, place);
    this.underway.delete(name);
    this.values.set(name, value);
    return value;
  }

  private evaluateName(name: string, place: Place): Value {
    const imported = this.imports.get(name);
    if (imported !== undefined) return this.otherFile(imported.from).value(imported.name, place);
    const declaration = this.declarations.get(name);
    switch (declaration?.kind) {
      case 'param':
        return this.parameter(declaration.name, declaration.value);
      case 'var':
        return evaluate(declaration.value, this);
      case 'resource':
      case 'module':
        return this.options.deploy(this, declaration, this);
      default:
        // Namespaces (`az.subscription()`) and types have no value.
        return name === 'az' || name === 'sys' ? {} : this.fail(`'${name}' has no value`, place);
    }
  }

  private parameter(name: string, otherwise: Expression | undefined): Value {
    const given = this.options.parameters[name];
    if (given !== undefined) return given;
    return otherwise === undefined ? null : evaluate(otherwise, this);
  }

  /** A file whose exported variables and functions are imported: it has no scope of its own. */
  private otherFile(file: string): Template {
    return new Template({ ...this.options, file, parameters: {} });
  }

  call(name: string, args: readonly Value[], place: Place): Value {
    const imported = this.imports.get(name);
    if (imported !== undefined) return this.otherFile(imported.from).call(imported.name, args, place);
    const declaration = this.declarations.get(name);
    if (declaration?.kind === 'func') return this.callDeclared(declaration, args);
    const { scope, environment } = this.options;
    if (name === 'readEnvironmentVariable') return environment[textOf(args[0] ?? null)] ?? args[1] ?? '';
    const loaded = this.loadFile(name, args, place);
    const value = loaded ?? deploymentFunction(scope, name, args) ?? this.builtIn(name, args, place);
    return value;
  }

  private builtIn(name: string, args: readonly Value[], place: Place): Value {
    const builtIn = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
    if (builtIn === undefined) this.fail(`unknown function '${name}'`, place);
    // Lists and objects may hold what is known later; a text or a number computed from it is known later itself.
    if (args.some((arg) => arg instanceof Later)) {
      return name === 'any' || name === 'union'
        ? (args[0] ?? null)
        : new Later(`${name}(${args.map(textOf).join(', ')})`);
    }
    try {
      return builtIn(...args);
    } catch (error) {
      return this.fail(`${name}: ${(error as Error).message}`, place);
    }
  }

  private callDeclared(declaration: FunctionDeclaration, args: readonly Value[]): Value {
    const parameters = Object.fromEntries(
      declaration.parameters.map(({ name }, index) => [name, args[index] ?? null]),
    );
    return evaluate(declaration.body, innerNames(this, parameters));
  }

  private loadFile(name: string, [path, query]: readonly Value[], place: Place): Value | undefined {
    if (!/^load(Text|Json)Content$/.test(name)) return undefined;
    const file = besides(this.options.file, textOf(path ?? null));
    if (!this.options.project.has(file)) this.fail(`there is no file ${file}`, place);
    const content = this.options.project.text(file);
    if (name === 'loadTextContent') return content;
    const whole = JSON.parse(content) as Value;
    if (query === undefined) return whole;
    const steps = textOf(query)
      .replace(/^\$?\.?/, '')
      .split('.')
      .filter(Boolean);
    return steps.reduce<Value>((found, step) => (isProperties(found) ? (found[step] ?? null) : null), whole);
  }

  /** Outputs, evaluated. */
  outputs(): Properties {
    const outputs: Record<string, Value> = {};
    for (const statement of this.statements) {
      if (statement.kind === 'output') outputs[statement.name] = evaluate(statement.value, this);
    }
    return outputs;
  }
}
