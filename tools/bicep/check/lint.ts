/** Rules of Bicep's linter that follow from the syntax tree (https://aka.ms/bicep/linter-diagnostics). */
import type { BicepFile, Expression, Parameter, Place, Statement } from '../ast.js';
import type { Report } from './finding.js';
import { expressionsOf, innerBody, type Part, partsOf } from './walk.js';

interface LintedFile {
  readonly file: BicepFile;
  readonly parts: readonly Part[];
  readonly isParameterFile: boolean;
}

type LintRule = (linted: LintedFile, report: (place: Place, message: string) => void) => void;

const decorated = ({ decorators }: Statement, name: string): boolean =>
  decorators.some((decorator) => decorator.kind === 'call' && decorator.name === name);

const nameOfStatement = (statement: Statement): string => ('name' in statement ? statement.name : '');

const isSecretName = (name: string): boolean => /(password|secret|accountkey|privatekey)$/i.test(name);

const parametersOf = ({ file, isParameterFile }: LintedFile): readonly Parameter[] =>
  isParameterFile ? [] : file.statements.filter((statement) => statement.kind === 'param');

function textsOf(part: Part): readonly string[] {
  if (part.kind === 'string') return [part.value];
  return part.kind === 'interpolation' ? part.texts : [];
}

/** Suffixes of services that differ between Azure's clouds. */
const hosts =
  /\b(management\.azure\.com|login\.microsoftonline\.com|core\.windows\.net|vault\.azure\.net|database\.windows\.net)\b/;

const isNamedLocation = (expression: Expression): boolean =>
  expression.kind === 'string' && expression.value !== 'global';

function deployedIn(statement: Statement): Extract<Expression, { kind: 'object' }> | undefined {
  if (statement.kind !== 'resource' && statement.kind !== 'module') return undefined;
  const body = innerBody(statement.body);
  return body.kind === 'object' ? body : undefined;
}

const memberOf = (object: Extract<Expression, { kind: 'object' }> | undefined, key: string) =>
  object?.members.find((member) => member.kind === 'member' && member.key === key);

/** Each rule by the name that Bicep's linter gives it. */
const rules: Readonly<Record<string, LintRule>> = {
  'no-hardcoded-env-urls': ({ parts }, report) => {
    for (const part of parts) {
      // Zones of private endpoints have these names in every cloud that this project is for.
      const host = textsOf(part).find((text) => hosts.test(text) && !text.includes('privatelink'));
      if (host !== undefined && 'line' in part)
        report(part, `'${host}' depends on the cloud: use environment()`);
    }
  },
  'no-hardcoded-location': ({ file }, report) => {
    for (const statement of file.statements) {
      const location = memberOf(deployedIn(statement), 'location');
      if (location?.kind === 'member' && isNamedLocation(location.value)) {
        report(location, 'a location is a parameter');
      }
    }
  },
  'no-loc-expr-outside-params': ({ parts }, report) => {
    for (const part of parts) {
      const isLocation = part.kind === 'property' && part.name === 'location' && part.of.kind === 'call';
      if (isLocation && ['resourceGroup', 'deployment'].includes(part.of.name)) {
        report(part, 'the location of the scope is for defaults of parameters only');
      }
    }
  },
  'outputs-should-not-contain-secrets': ({ file }, report) => {
    for (const statement of file.statements) {
      if (statement.kind !== 'output') continue;
      const lists = expressionsOf(statement).some((one) =>
        [...partsOf(one)].some((part) => part.kind === 'call' && /^list[A-Z]/.test(part.name)),
      );
      const secrets = new Set(
        file.statements
          .filter((one) => one.kind === 'param' && decorated(one, 'secure'))
          .map(nameOfStatement),
      );
      const hands = expressionsOf(statement).some((one) =>
        [...partsOf(one)].some((part) => part.kind === 'name' && secrets.has(part.name)),
      );
      if (hands || lists || isSecretName(statement.name))
        report(statement, `'${statement.name}' may be a secret`);
    }
  },
  'secure-parameter-default': (linted, report) => {
    for (const parameter of parametersOf(linted)) {
      if (!decorated(parameter, 'secure') || parameter.value === undefined) continue;
      const isEmpty = parameter.value.kind === 'string' && parameter.value.value === '';
      const isByChance = [...partsOf(parameter.value)].some(
        (part) => part.kind === 'call' && part.name === 'newGuid',
      );
      if (!isEmpty && !isByChance) {
        report(parameter, `'${parameter.name}' is secret and has a default`);
      }
    }
  },
  'secure-secrets-in-params': (linted, report) => {
    for (const parameter of parametersOf(linted)) {
      if (isSecretName(parameter.name) && !decorated(parameter, 'secure')) {
        report(parameter, `'${parameter.name}' looks like a secret and is not @secure()`);
      }
    }
  },
  'use-description-params': (linted, report) => {
    for (const parameter of parametersOf(linted)) {
      if (!decorated(parameter, 'description')) report(parameter, `'${parameter.name}' has no description`);
    }
  },
  'prefer-interpolation': ({ parts }, report) => {
    for (const part of parts) {
      const joinsTexts =
        part.kind === 'call' && part.name === 'concat' && part.args.some(({ kind }) => kind === 'string');
      if (joinsTexts) report(part, 'write an interpolated text instead of concat()');
    }
  },
  'no-unnecessary-dependson': ({ file }, report) => {
    for (const statement of file.statements) {
      const body = deployedIn(statement);
      const depends = memberOf(body, 'dependsOn');
      if (body === undefined || depends?.kind !== 'member' || depends.value.kind !== 'array') continue;
      const others = body.members
        .filter((member) => member !== depends)
        .flatMap((member) => [...partsOf(member)]);
      const used = new Set(others.flatMap((part) => (part.kind === 'name' ? [part.name] : [])));
      for (const item of depends.value.items) {
        if (item.kind === 'name' && used.has(item.name))
          report(item, `the use of '${item.name}' says so already`);
      }
    }
  },
  'max-params': (linted, report) => {
    const [first, ...others] = parametersOf(linted);
    if (first !== undefined && others.length >= 256) report(first, 'more than 256 parameters');
  },
};

/** Runs the rules, but for those that `#disable-next-line` turns off for a line. */
export function lint(file: BicepFile, isParameterFile: boolean, report: Report): void {
  const parts = file.statements.flatMap((statement) =>
    expressionsOf(statement).flatMap((one) => [...partsOf(one)]),
  );
  for (const [name, rule] of Object.entries(rules)) {
    rule({ file, parts, isParameterFile }, (place, message) => {
      report(place, name, message);
    });
  }
}
