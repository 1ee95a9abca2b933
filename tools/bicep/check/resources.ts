/** Bodies of resources against the types of Azure: unknown, missing and read-only properties, kinds of values, enumerations. */
import type { BicepFile, Deployed, Expression, Place } from '../ast.js';
import type { Report } from './finding.js';
import {
  type PropertyType,
  type Reference,
  type ResourceType,
  type ResourceTypes,
  typeAt,
  type TypeList,
} from './resource-types.js';
import { innerBody } from './walk.js';

const isRequired = ({ flags }: PropertyType): boolean => (flags & 1) !== 0;
const isReadOnly = ({ flags }: PropertyType): boolean => (flags & 2) !== 0 && (flags & 1) === 0;

/** Folders of types may be made without texts, which takes properties of this name away too. */
const untyped = 'description';

/** Properties that Bicep gives every resource. */
const ofBicep = new Set(['parent', 'scope', 'dependsOn']);

/** Kinds of literals, as messages name them. */
const literalKinds: Partial<Record<Expression['kind'], string>> = {
  string: 'a text',
  interpolation: 'a text',
  integer: 'a number',
  boolean: 'a boolean',
  object: 'an object',
  array: 'an array',
};

/** The kind of value that a type takes. */
const kindOf: Partial<Record<ResourceType['$type'], string>> = {
  ObjectType: 'an object',
  DiscriminatedObjectType: 'an object',
  ArrayType: 'an array',
  StringType: 'a text',
  StringLiteralType: 'a text',
  IntegerType: 'a number',
  BooleanType: 'a boolean',
};

class BodyCheck {
  constructor(
    private readonly types: TypeList,
    private readonly report: Report,
  ) {}

  value(reference: Reference, value: Expression, path: string): void {
    const type = typeAt(this.types, reference);
    if (type === undefined) return;
    switch (value.kind) {
      case 'wrapped':
        this.value(reference, value.operand, path);
        break;
      case 'conditional':
        this.value(reference, value.then, path);
        this.value(reference, value.otherwise, path);
        break;
      case 'if':
        this.value(reference, value.body, path);
        break;
      case 'for':
        this.value(type.$type === 'ArrayType' ? type.itemType : reference, value.body, path);
        break;
      default:
        this.plain(type, value, path);
    }
  }

  private plain(type: ResourceType, value: Expression, path: string): void {
    const expected = kindOf[type.$type];
    if (expected !== undefined) this.expect(value, path, expected);
    if (type.$type === 'ObjectType' || type.$type === 'DiscriminatedObjectType') {
      if (value.kind === 'object') this.object(type, value, path);
    } else if (type.$type === 'UnionType') this.union(type.elements, value, path);
    else if (value.kind === 'array') this.items(type, value, path);
    else if (value.kind === 'string') this.text(type, value, path);
    else if (value.kind === 'integer' && type.$type === 'IntegerType') {
      this.range(value, path, 'value', value.value, type.minValue, type.maxValue);
    }
  }

  private items(type: ResourceType, { items }: Extract<Expression, { kind: 'array' }>, path: string): void {
    if (type.$type !== 'ArrayType') return;
    for (const item of items) if (item.kind !== 'spread') this.value(type.itemType, item, `${path}[]`);
  }

  private text(type: ResourceType, value: Extract<Expression, { kind: 'string' }>, path: string): void {
    if (type.$type === 'StringLiteralType' && value.value !== type.value) {
      this.notOneOf(value, path, value.value, [type.value]);
    }
    if (type.$type === 'StringType') {
      this.range(value, path, 'length', value.value.length, type.minLength, type.maxLength);
    }
  }

  private expect(value: Expression, path: string, expected: string): void {
    const found = literalKinds[value.kind];
    if (found !== undefined && found !== expected) {
      this.report(value, 'wrong-kind', `${path} takes ${expected}, not ${found}`);
    }
  }

  private range(place: Place, path: string, what: string, size: number, least = 0, most = Infinity): void {
    if (size < least || size > most) {
      this.report(place, 'out-of-range', `the ${what} of ${path} is ${size}, not ${least} to ${most}`);
    }
  }

  private notOneOf(place: Place, path: string, value: string, allowed: readonly string[]): void {
    this.report(place, 'unknown-value', `${path} is '${value}', not one of ${allowed.join(', ')}`);
  }

  private union(elements: readonly Reference[], value: Expression, path: string): void {
    const types = elements.map((element) => typeAt(this.types, element));
    const literals = types.flatMap((type) => (type?.$type === 'StringLiteralType' ? [type.value] : []));
    const isOpen = types.some((type) => type?.$type === 'StringType');
    const isText = types.every((type) => type?.$type === 'StringLiteralType' || type?.$type === 'StringType');
    if (!isText) return;
    this.expect(value, path, 'a text');
    if (value.kind !== 'string' || literals.includes(value.value)) return;
    // An open enumeration takes other texts, but one that differs in case only is a slip.
    const isSlip = literals.some((literal) => literal.toLowerCase() === value.value.toLowerCase());
    if (literals.length > 0 && (!isOpen || isSlip)) this.notOneOf(value, path, value.value, literals);
  }

  private object(
    type: Extract<ResourceType, { $type: 'ObjectType' | 'DiscriminatedObjectType' }>,
    value: Extract<Expression, { kind: 'object' }>,
    path: string,
  ): void {
    const properties = this.propertiesOf(type, value, path);
    if (properties === undefined) return;
    const others = type.$type === 'ObjectType' ? type.additionalProperties : undefined;
    for (const member of value.members) {
      if (member.kind !== 'member' || typeof member.key !== 'string') continue;
      const property = Object.hasOwn(properties, member.key) ? properties[member.key] : undefined;
      const isOfBicep = !path.includes('.') && ofBicep.has(member.key);
      if (property !== undefined) this.property(property, member, `${path}.${member.key}`);
      else if (others !== undefined) this.value(others, member.value, `${path}.${member.key}`);
      else if (!isOfBicep && member.key !== untyped) this.unknown(member, properties, path, member.key);
    }
    this.missing(properties, value, path);
  }

  private missing(
    properties: Readonly<Record<string, PropertyType>>,
    value: Extract<Expression, { kind: 'object' }>,
    path: string,
  ): void {
    // What is spread, or has a computed key, may be what is missing.
    const keys = value.members.map((member) => (member.kind === 'member' ? member.key : member.kind));
    if (keys.includes('spread') || keys.some((key) => typeof key !== 'string')) return;
    for (const [name, property] of Object.entries(properties)) {
      const mustBeGiven = isRequired(property) && (property.flags & 2) === 0;
      if (mustBeGiven && !keys.includes(name))
        this.report(value, 'missing-property', `${path} needs '${name}'`);
    }
  }

  private property(
    property: PropertyType,
    member: Place & { readonly value: Expression },
    path: string,
  ): void {
    if (isReadOnly(property)) this.report(member, 'read-only-property', `${path} cannot be set`);
    this.value(property.type, member.value, path);
  }

  private unknown(place: Place, known: Readonly<Record<string, unknown>>, path: string, name: string): void {
    const close = Object.keys(known).find((key) => key.toLowerCase() === name.toLowerCase());
    const hint = close === undefined ? '' : `; did you mean '${close}'?`;
    this.report(place, 'unknown-property', `${path} has no '${name}'${hint}`);
  }

  /** Undefined where the discriminator is not known until it is evaluated. */
  private propertiesOf(
    type: Extract<ResourceType, { $type: 'ObjectType' | 'DiscriminatedObjectType' }>,
    { members }: Extract<Expression, { kind: 'object' }>,
    path: string,
  ): Readonly<Record<string, PropertyType>> | undefined {
    if (type.$type === 'ObjectType') return type.properties;
    const { discriminator, baseProperties, elements } = type;
    const chosen = members.find((member) => member.kind === 'member' && member.key === discriminator);
    if (chosen?.kind !== 'member' || chosen.value.kind !== 'string') return undefined;
    const element = elements[chosen.value.value];
    const own = element === undefined ? undefined : typeAt(this.types, element);
    if (own?.$type === 'ObjectType') return { ...baseProperties, ...own.properties };
    this.notOneOf(chosen, `${path}.${discriminator}`, chosen.value.value, Object.keys(elements));
    return undefined;
  }
}

/** A nested resource has the version of its parent unless it names one. */
function checkResource(
  resource: Deployed,
  outer: { readonly type: string; readonly apiVersion: string },
  types: ResourceTypes,
  report: Report,
): void {
  if (resource.reference.kind !== 'string') return;
  const [own = '', apiVersion = outer.apiVersion] = resource.reference.value.split('@');
  const type = own.includes('.') ? own : `${outer.type}/${own}`;
  const list = types.find(type, apiVersion);
  const body = innerBody(resource.body);
  if (list !== undefined && !resource.existing) {
    new BodyCheck(list, report).value({ $ref: '#/0' }, body, type.split('/').at(-1) ?? '');
  }
  if (list === undefined && types.has(type)) {
    report(resource, 'unknown-api-version', `there is no version '${apiVersion}' of '${type}'`);
  }
  if (body.kind !== 'object') return;
  for (const member of body.members) {
    if (member.kind === 'resource') checkResource(member, { type, apiVersion }, types, report);
  }
}

/** Checks the resources of a file; types that the folder does not hold are not checked. */
export function checkResources({ statements }: BicepFile, types: ResourceTypes, report: Report): void {
  for (const statement of statements) {
    if (statement.kind === 'resource') checkResource(statement, { type: '', apiVersion: '' }, types, report);
  }
}
