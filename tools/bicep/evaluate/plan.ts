/** What a deployment would make: every resource of a template and its modules, with evaluated properties. */
import type { Deployed, Expression, Place } from '../ast.js';
import { besides, type BicepProject, isRegistryReference } from '../project.js';
import { type Scope, scopeId, scopeOf, typedPath } from './deployment.js';
import { evaluate, loop } from './expressions.js';
import { holds, type Names } from './names.js';
import { Template } from './template.js';
import { at, completeLater, isProperties, type Properties, textOf, type Value } from './values.js';

export interface PlannedResource {
  /** `Microsoft.Storage/storageAccounts/blobServices`, as in the template. */
  readonly type: string;
  readonly apiVersion: string;
  /** Names from the outermost resource inwards, with `/` between them. */
  readonly name: string;
  readonly id: string;
  /** Id of the resource, resource group or subscription it belongs to. */
  readonly scope: string;
  readonly body: Properties;
  readonly file: string;
  readonly place: Place;
  readonly symbol: string;
}

export interface Plan {
  readonly resources: readonly PlannedResource[];
  readonly outputs: Properties;
  /** Values of the parameters of the main template. */
  readonly parameters: Properties;
  /** Files of all templates in use. */
  readonly files: readonly string[];
}

class Planner {
  readonly resources: PlannedResource[] = [];
  readonly files = new Set<string>();

  constructor(
    private readonly project: BicepProject,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  template(file: string, scope: Scope, parameters: Properties): Template {
    this.files.add(file);
    const { project, environment } = this;
    const template = new Template({ project, file, scope, parameters, environment, deploy: this.deploy });
    for (const statement of template.statements) {
      if (statement.kind === 'resource' || statement.kind === 'module')
        template.value(statement.name, statement);
    }
    return template;
  }

  private readonly deploy = (template: Template, declaration: Deployed, names: Names): Value =>
    this.bodyOf(template, declaration, declaration.body, names);

  /** A loop gives a list, a condition that does not hold gives null. */
  private bodyOf(template: Template, declaration: Deployed, body: Expression, names: Names): Value {
    if (body.kind === 'for') {
      return loop(body, names).map(({ names: inner }) =>
        this.bodyOf(template, declaration, body.body, inner),
      );
    }
    if (body.kind === 'if') {
      return holds(evaluate(body.condition, names))
        ? this.bodyOf(template, declaration, body.body, names)
        : null;
    }
    const value = evaluate(body, names);
    if (!isProperties(value)) return template.fail(`'${declaration.name}' has no body`, declaration);
    const reference = textOf(evaluate(declaration.reference, names));
    const made =
      declaration.kind === 'module'
        ? this.module(template, declaration, reference, value)
        : this.resource(template, declaration, reference, value, undefined);
    return this.withNested(template, declaration, body, names, made);
  }

  private module(template: Template, declaration: Deployed, reference: string, body: Properties): Properties {
    if (isRegistryReference(reference)) template.fail('modules of registries are not evaluated', declaration);
    const file = besides(template.options.file, reference);
    if (!this.project.has(file)) template.fail(`there is no file ${file}`, declaration);
    const scope = scopeOf(body['scope'], template.options.scope);
    const parameters = body['params'];
    const inner = this.template(file, scope, isProperties(parameters) ? parameters : {});
    return { name: body['name'] ?? declaration.name, outputs: inner.outputs() };
  }

  private resource(
    template: Template,
    declaration: Deployed,
    reference: string,
    body: Properties,
    outer: Properties | undefined,
  ): Properties {
    const [ownType = '', apiVersion = textOf(outer?.['apiVersion'] ?? '')] = reference.split('@');
    const parent = outer ?? body['parent'];
    const type = outer === undefined ? ownType : nestedType(textOf(outer['type'] ?? null), ownType);
    const ownName = textOf(body['name'] ?? null);
    const name = isProperties(parent) ? `${textOf(parent['name'] ?? null)}/${ownName}` : ownName;
    const scope = this.scopeOfResource(template, body, parent);
    const id = idOf(type, name, scope);
    const { scope: _scope, parent: _parent, dependsOn: _dependsOn, ...properties } = body;
    if (!declaration.existing) {
      const { line, column } = declaration;
      this.resources.push({
        ...{ type, apiVersion, name, id, scope, body: properties, file: template.options.file },
        ...{ place: { line, column }, symbol: declaration.name },
      });
    }
    const value = { ...properties, id, type, apiVersion, name, scope };
    completeLater(value, id);
    return value;
  }

  private scopeOfResource(template: Template, body: Properties, parent: Value | undefined): string {
    const named = at(parent, 'scope') ?? at(body['scope'], 'id');
    return named === undefined || named === null ? scopeId(template.options.scope) : textOf(named);
  }

  /** Resources that stand inside of the body of another one are its children. */
  private withNested(
    template: Template,
    declaration: Deployed,
    body: Expression,
    names: Names,
    made: Properties,
  ): Properties {
    if (declaration.kind === 'module' || body.kind !== 'object') return made;
    const nested: Record<string, Value> = {};
    for (const member of body.members) {
      if (member.kind !== 'resource') continue;
      const inner = evaluate(member.body.kind === 'if' ? member.body.body : member.body, names);
      if (!isProperties(inner)) continue;
      const reference = textOf(evaluate(member.reference, names));
      nested[member.name] = this.resource(template, member, reference, inner, made);
    }
    const whole = { ...made, ...nested };
    completeLater(whole, textOf(made['id'] ?? null));
    return whole;
  }
}

const nestedType = (outer: string, own: string): string => (own.includes('.') ? own : `${outer}/${own}`);

function idOf(type: string, name: string, scope: string): string {
  if (type === 'Microsoft.Resources/resourceGroups') return `${scope}/resourceGroups/${name}`;
  return `${scope}/providers/${typedPath(type, name.split('/'))}`;
}

/** Values of a parameter file, and the template it is for. */
function parametersOf(
  planner: Planner,
  project: BicepProject,
  file: string,
  environment: Readonly<Record<string, string>>,
) {
  const scope: Scope = { subscription: '', resourceGroup: undefined, location: '' };
  const deploy = () => null;
  const template = new Template({ project, file, scope, parameters: {}, deploy, environment });
  const using = template.statements.find(({ kind }) => kind === 'using');
  const target =
    using?.kind === 'using' && using.value !== undefined ? evaluate(using.value, template) : undefined;
  if (typeof target !== 'string') throw new Error(`${file} names no template`);
  const values: Record<string, Value> = {};
  for (const statement of template.statements) {
    if (statement.kind === 'param') values[statement.name] = template.value(statement.name, statement);
  }
  planner.files.add(file);
  return { target: besides(file, target), values };
}

/** Evaluates a `.bicepparam` file and its template. Throws EvaluationError or BicepSyntaxError, which tell the place. */
export function planOf(
  project: BicepProject,
  parameterFile: string,
  environment: Readonly<Record<string, string>> = {},
): Plan {
  const planner = new Planner(project, environment);
  const { target, values } = parametersOf(planner, project, parameterFile, environment);
  const location = textOf(values['location'] ?? '');
  const subscription = '00000000-0000-0000-0000-000000000000';
  const template = planner.template(target, { subscription, resourceGroup: undefined, location }, values);
  const parameters: Record<string, Value> = {};
  for (const statement of template.statements) {
    if (statement.kind === 'param') parameters[statement.name] = template.value(statement.name, statement);
  }
  return { resources: planner.resources, outputs: template.outputs(), parameters, files: [...planner.files] };
}
