/**
 * Criteria of searches as conditions of a query. A condition selects exactly the records that `matches` accepts; values
 * travel as parameters only.
 */
import type { SqlParameter } from '@azure/cosmos';
import type {
  Comparison,
  Criterion,
  NearCriterion,
  RangeTest,
  ValueCriterion,
} from '../../core/fhir/search/criteria.js';
import { isMonotone } from '../../core/fhir/search/criteria.js';

/** A condition on the documents `c`, and the values of its parameters. */
export interface Condition {
  readonly condition: string;
  readonly parameters: readonly SqlParameter[];
}

/**
 * What selects the records of a type that meet a criterion. A staged document has the index of both its versions
 * (docs/adr/0009): it is selected if one of them may meet it, and whoever reads it asks the visible one again.
 */
export function conditionOf(resourceType: string, criterion: Criterion): Condition {
  const values = new Values();
  const parts = conjuncts(criterion).map((each) => {
    const text = translate(each, values);
    return isMonotone(each) ? text : `(c["kind"] = 'staged' OR ${text})`;
  });
  const type = `c["resourceType"] = ${values.bind(resourceType)}`;
  return { condition: [type, ...parts].join(' AND '), parameters: values.parameters };
}

const conjuncts = (criterion: Criterion): readonly Criterion[] =>
  criterion.kind === 'all' ? criterion.of.flatMap(conjuncts) : [criterion];

/** The values that a query binds. */
class Values {
  readonly parameters: SqlParameter[] = [];

  bind(value: string | number): string {
    const name = `@v${this.parameters.length}`;
    this.parameters.push({ name, value });
    return name;
  }
}

const index = 'c["index"]';

function translate(criterion: Criterion, values: Values): string {
  switch (criterion.kind) {
    case 'text':
    case 'range':
      return translateValue(criterion, index, values);
    case 'near':
      return some(pathOf(index, 'position', criterion.code), 'v', (place) =>
        translateNear(criterion, place, values),
      );
    case 'all':
    case 'any':
      return joined(
        criterion.of.map((each) => translate(each, values)),
        criterion.kind === 'all' ? 'AND' : 'OR',
      );
    case 'not':
      // What is not there makes a condition undefined, and its negation too.
      return `NOT (${translate(criterion.of, values)} ?? false)`;
    case 'present':
      return joined(
        criterion.parts.map((part) => `IS_DEFINED(${pathOf(index, part, criterion.code)})`),
        'OR',
      );
    case 'composite':
      return some(pathOf(index, 'composite', criterion.code), 'e', (element) =>
        joined(
          criterion.components.map((alternatives, i) =>
            joined(
              alternatives.map((each) => translateValue(each, `${element}[${i}]`, values)),
              'OR',
            ),
          ),
          'AND',
        ),
      );
    case 'id':
      return criterion.ids.length === 0
        ? 'false'
        : `c["fhirId"] IN (${criterion.ids.map((id) => values.bind(id)).join(', ')})`;
    case 'lastUpdated':
      return translateRange(criterion.test, () => 'c["lastUpdated"]', values);
  }
}

function translateValue(criterion: ValueCriterion, root: string, values: Values): string {
  const path = pathOf(root, criterion.part, criterion.code);
  if (criterion.kind === 'range')
    return some(path, 'v', (entry) =>
      translateRange(criterion.test, (field) => `${entry}[${JSON.stringify(field)}]`, values),
    );
  const { is, text } = criterion.test;
  const name = values.bind(text);
  if (is === 'equal') return `ARRAY_CONTAINS(${path}, ${name})`;
  return some(path, 'v', (entry) => `${is === 'prefix' ? 'STARTSWITH' : 'CONTAINS'}(${entry}, ${name})`);
}

function translateRange(
  test: RangeTest,
  fieldOf: (field: Comparison['field']) => string,
  values: Values,
): string {
  return joined(
    test.map((comparisons) =>
      joined(
        comparisons.map(
          ({ field, operator, value }) => `${fieldOf(field)} ${operator} ${values.bind(value)}`,
        ),
        'AND',
      ),
    ),
    'OR',
  );
}

/** The edge of a cube around what is near is moved out by so much (6 mm), so that no rounding cuts anything off. */
const edge = 1e-9;

/** The cube around what is near, for which the index is asked, and in it the sphere (`isNear`). */
function translateNear({ centre, chord }: NearCriterion, place: string, values: Values): string {
  const axes = (['x', 'y', 'z'] as const).map((axis) => ({
    held: `${place}["${axis}"]`,
    least: values.bind(centre[axis] - chord - edge),
    most: values.bind(centre[axis] + chord + edge),
    away: `(${place}["${axis}"] - ${values.bind(centre[axis])})`,
  }));
  const cube = axes.map(({ held, least, most }) => `${held} >= ${least} AND ${held} <= ${most}`);
  const square = axes.map(({ away }) => `${away} * ${away}`).join(' + ');
  return joined([...cube, `${square} <= ${values.bind(chord * chord)}`], 'AND');
}

/** Codes of parameters hold hyphens, and are names of our own table. */
const pathOf = (root: string, part: string, code: string): string =>
  `${root}[${JSON.stringify(part)}][${JSON.stringify(code)}]`;

const some = (path: string, name: string, condition: (entry: string) => string): string =>
  `EXISTS(SELECT VALUE ${name} FROM ${name} IN ${path} WHERE ${condition(name)})`;

function joined(conditions: readonly string[], operator: 'AND' | 'OR'): string {
  if (conditions.length === 0) return operator === 'AND' ? 'true' : 'false';
  return conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(` ${operator} `)})`;
}
