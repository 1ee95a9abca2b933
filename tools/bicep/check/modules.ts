/** Modules and parameter files: the file exists, takes the parameters it is given, and gives the outputs asked of it. */
import type { BicepFile, Deployed, Member, Parameter, Statement } from '../ast.js';
import { besides, type BicepProject, isRegistryReference } from '../project.js';
import type { Report } from './finding.js';
import { expressionsOf, innerBody, type Part, partsOf } from './walk.js';

interface Interface {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly outputs: ReadonlySet<string>;
  readonly exported: ReadonlySet<string>;
}

function interfaceOf({ statements }: BicepFile): Interface {
  const named = statements.filter((statement) => 'name' in statement);
  return {
    parameters: new Map(named.flatMap((one) => (one.kind === 'param' ? [[one.name, one]] : []))),
    outputs: new Set(named.flatMap(({ kind, name }) => (kind === 'output' ? [name] : []))),
    exported: new Set(named.map(({ name }) => name)),
  };
}

/** Whether it may be left out. */
const isOptional = ({ type, value }: Parameter): boolean =>
  value !== undefined || type?.kind === 'type-nullable';

class ModuleCheck {
  private readonly modules = new Map<string, Interface>();

  constructor(
    private readonly project: BicepProject,
    private readonly path: string,
    private readonly report: Report,
  ) {}

  statement(statement: Statement): void {
    if (statement.kind === 'module') this.module(statement);
    if (statement.kind === 'import') {
      const found = this.read(statement, statement.from);
      for (const { name } of statement.names) {
        if (found !== undefined && name !== '*' && !found.exported.has(name)) {
          this.report(statement, 'unknown-import', `${statement.from} has no '${name}'`);
        }
      }
    }
  }

  outputs(statement: Statement): void {
    for (const expression of expressionsOf(statement)) {
      for (const part of partsOf(expression)) this.output(part);
    }
  }

  private output(part: Part): void {
    if (part.kind !== 'property' || part.safe || part.of.kind !== 'property' || part.of.name !== 'outputs')
      return;
    let of = part.of.of;
    while (of.kind === 'wrapped' || of.kind === 'index') of = of.kind === 'wrapped' ? of.operand : of.of;
    const module = of.kind === 'name' ? this.modules.get(of.name) : undefined;
    if (module !== undefined && !module.outputs.has(part.name)) {
      this.report(part, 'unknown-output', `the module has no output '${part.name}'`);
    }
  }

  private read(place: Statement, reference: string): Interface | undefined {
    const file = besides(this.path, reference);
    if (!this.project.has(file)) {
      this.report(place, 'missing-file', `there is no file ${file}`);
      return undefined;
    }
    return file.endsWith('.bicep') ? interfaceOf(this.project.file(file)) : undefined;
  }

  private module(module: Deployed): void {
    if (module.reference.kind !== 'string' || isRegistryReference(module.reference.value)) return;
    const found = this.read(module, module.reference.value);
    if (found === undefined) return;
    this.modules.set(module.name, found);
    const body = innerBody(module.body);
    if (body.kind !== 'object') return;
    const params = body.members.find((member) => member.kind === 'member' && member.key === 'params');
    const given = params?.kind === 'member' ? params.value : undefined;
    if (given !== undefined && given.kind !== 'object') return;
    this.given(module, found.parameters, given?.members ?? []);
  }

  private given(module: Deployed, parameters: Interface['parameters'], given: readonly Member[]): void {
    const names = new Set<string>();
    for (const member of given) {
      if (member.kind !== 'member' || typeof member.key !== 'string') return;
      names.add(member.key);
      if (!parameters.has(member.key)) {
        this.report(member, 'unknown-parameter', `module '${module.name}' takes no '${member.key}'`);
      }
    }
    this.missing(module, parameters, names, `module '${module.name}'`);
  }

  private missing(
    place: Statement,
    parameters: Interface['parameters'],
    given: ReadonlySet<string>,
    who: string,
  ): void {
    for (const [name, parameter] of parameters) {
      if (!given.has(name) && !isOptional(parameter)) {
        this.report(place, 'missing-parameter', `${who} needs '${name}'`);
      }
    }
  }

  parameterFile(statements: readonly Statement[]): void {
    const using = statements.find(({ kind }) => kind === 'using');
    if (using?.kind !== 'using' || using.value?.kind !== 'string') return;
    const found = this.read(using, using.value.value);
    if (found === undefined) return;
    const given = statements.filter((statement) => statement.kind === 'param');
    for (const parameter of given) {
      if (!found.parameters.has(parameter.name)) {
        this.report(parameter, 'unknown-parameter', `the template takes no '${parameter.name}'`);
      }
    }
    this.missing(using, found.parameters, new Set(given.map(({ name }) => name)), 'the template');
  }
}

export function checkModules(project: BicepProject, path: string, report: Report): void {
  const { statements } = project.file(path);
  const check = new ModuleCheck(project, path, report);
  for (const statement of statements) check.statement(statement);
  for (const statement of statements) check.outputs(statement);
  if (path.endsWith('.bicepparam')) check.parameterFile(statements);
}
