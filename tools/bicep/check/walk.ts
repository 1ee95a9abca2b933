/** Visits the parts of syntax trees. */
import type { Expression, Member, Spread, Statement, TypeExpression } from '../ast.js';

export type Part = Expression | Spread | Member;

/** Expressions directly inside a part. */
export function childrenOf(part: Part): readonly Part[] {
  switch (part.kind) {
    case 'interpolation':
      return part.expressions;
    case 'object':
      return part.members;
    case 'array':
      return part.items;
    case 'member':
      return typeof part.key === 'string' ? [part.value] : [part.key, part.value];
    case 'resource':
    case 'module':
      return [...part.decorators, part.reference, part.body];
    case 'call':
      return part.of === undefined ? part.args : [part.of, ...part.args];
    case 'lambda':
      return [part.body];
    default:
      return operandsOf(part);
  }
}

function operandsOf(part: Part): readonly Part[] {
  switch (part.kind) {
    case 'property':
    case 'nested':
      return [part.of];
    case 'index':
      return [part.of, part.index];
    case 'unary':
    case 'wrapped':
    case 'spread':
      return [part.operand];
    case 'binary':
      return [part.left, part.right];
    case 'conditional':
      return [part.condition, part.then, part.otherwise];
    case 'for':
      return [part.source, part.body];
    case 'if':
      return [part.condition, part.body];
    default:
      return [];
  }
}

/** The part and all that is in it, outermost first. */
export function* partsOf(part: Part): Generator<Part> {
  yield part;
  for (const child of childrenOf(part)) yield* partsOf(child);
}

/** Expressions of a statement, without those in its types. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  const own: (Expression | undefined)[] = [];
  if ('value' in statement) own.push(statement.value);
  if ('body' in statement) own.push(statement.body);
  if ('reference' in statement) own.push(statement.reference);
  return [...statement.decorators, ...own].filter((one) => one !== undefined);
}

/** Names that a type refers to. */
export function* typeNamesOf(
  type: TypeExpression,
): Generator<Extract<TypeExpression, { kind: 'type-name' }>> {
  switch (type.kind) {
    case 'type-name':
      yield type;
      for (const arg of type.args) yield* typeNamesOf(arg);
      return;
    case 'type-union':
    case 'type-tuple':
      for (const one of type.of) yield* typeNamesOf(one);
      return;
    case 'type-object':
      for (const member of type.members) yield* typeNamesOf(member.type);
      return;
    case 'type-array':
    case 'type-nullable':
    case 'type-part':
      yield* typeNamesOf(type.of);
      return;
    case 'type-literal':
  }
}

function* decoratedInType(type: TypeExpression): Generator<readonly Expression[]> {
  if (type.kind === 'type-object') {
    for (const member of type.members) {
      yield member.decorators;
      yield* decoratedInType(member.type);
    }
  } else if ('of' in type) {
    for (const one of 'kind' in type.of ? [type.of] : type.of) yield* decoratedInType(one);
  }
}

/** The decorators of a statement and of each property of its type, one list for each thing that is decorated. */
export function* decoratedIn(statement: Statement): Generator<readonly Expression[]> {
  yield statement.decorators;
  if ('type' in statement && statement.type !== undefined) yield* decoratedInType(statement.type);
}

/** What a resource or module is once its loops and conditions are taken off: usually its object. */
export function innerBody(body: Expression): Expression {
  if (body.kind === 'for' || body.kind === 'if') return innerBody(body.body);
  return body.kind === 'wrapped' ? innerBody(body.operand) : body;
}
