/** Functions of Bicep that need nothing but their arguments. Hashes are not those of Azure: only as long as these. */
import { createHash } from 'node:crypto';
import { networkFunctions } from './cidr.js';
import {
  isList,
  isProperties,
  Later,
  type Lambda,
  type Properties,
  propertyOf,
  textOf,
  type Value,
} from './values.js';

type BuiltIn = (...args: readonly Value[]) => Value;

const list = (value: Value | undefined): readonly Value[] => (isList(value) ? value : []);
const properties = (value: Value | undefined): Properties => (isProperties(value) ? value : {});
const text = (value: Value | undefined): string => textOf(value ?? null);
const lambda = (value: Value | undefined): Lambda => {
  if (typeof value !== 'function') throw new Error('a lambda was expected');
  return value;
};
const same = (one: Value | undefined, other: Value | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const hashOf = (args: readonly Value[]): string =>
  createHash('sha256').update(JSON.stringify(args)).digest('hex');

function contains(container: Value = null, item: Value = null): boolean {
  if (isList(container)) return container.some((one) => same(one, item));
  if (isProperties(container)) return propertyOf(container, text(item)) !== undefined;
  return text(container).includes(text(item));
}

function merge(one: Value, other: Value): Value {
  if (isList(one)) {
    return [...one, ...list(other).filter((item) => !one.some((held) => same(held, item)))];
  }
  if (!isProperties(one) || !isProperties(other)) return other;
  const merged: Record<string, Value> = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const held = merged[name];
    merged[name] = isProperties(held) && isProperties(value) ? merge(held, value) : value;
  }
  return merged;
}

const sizeOf = (value: Value = null): number =>
  isList(value) ? value.length : isProperties(value) ? Object.keys(value).length : text(value).length;

function slice(value: Value = null, from: number, to?: number): Value {
  return isList(value) ? value.slice(from, to) : text(value).slice(from, to);
}

function substring(value?: Value, from?: Value, length?: Value): Value {
  const start = Number(from);
  return text(value).slice(start, length === undefined ? undefined : start + Number(length));
}

function format(pattern: Value = '', ...args: readonly Value[]): string {
  return text(pattern).replaceAll(/\{(\d+)\}/g, (_, index: string) => text(args[Number(index)]));
}

function reduce(items: Value = [], start: Value = null, step?: Value): Value {
  return list(items).reduce((held, item) => lambda(step)(held, item), start);
}

function toObject(items: Value = [], key: Value = null, value?: Value): Value {
  return Object.fromEntries(
    list(items).map((item) => [text(lambda(key)(item)), value === undefined ? item : lambda(value)(item)]),
  );
}

const textFunctions: Readonly<Record<string, BuiltIn>> = {
  base64: (value) => Buffer.from(text(value)).toString('base64'),
  concat: (...parts) => (isList(parts[0]) ? parts.flatMap(list) : parts.map(text).join('')),
  endsWith: (value, end) => text(value).toLowerCase().endsWith(text(end).toLowerCase()),
  format,
  guid: (...args) => hashOf(args).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
  indexOf: (value, part) => text(value).toLowerCase().indexOf(text(part).toLowerCase()),
  join: (items, between) => list(items).map(text).join(text(between)),
  json: (value) => JSON.parse(text(value)) as Value,
  padLeft: (value, width, filler = ' ') => text(value).padStart(Number(width), text(filler)),
  replace: (value, from, to) => text(value).replaceAll(text(from), text(to)),
  split: (value, at) => {
    const between = isList(at) ? at.map(text) : [text(at)];
    return between.reduce<string[]>(
      (parts, sign) => parts.flatMap((part) => part.split(sign)),
      [text(value)],
    );
  },
  startsWith: (value, start) => text(value).toLowerCase().startsWith(text(start).toLowerCase()),
  string: (value = null) => textOf(value),
  substring,
  toLower: (value) => text(value).toLowerCase(),
  toUpper: (value) => text(value).toUpperCase(),
  trim: (value) => text(value).trim(),
  uniqueString: (...args) => `u${hashOf(args).slice(0, 12)}`,
  uri: (base, path) => new URL(text(path), text(base)).href,
  uriComponent: (value) => encodeURIComponent(text(value)),
};

const collectionFunctions: Readonly<Record<string, BuiltIn>> = {
  array: (value = null) => (isList(value) ? value : [value]),
  coalesce: (...values) => values.find((value) => value !== null) ?? null,
  contains,
  empty: (value = null) => sizeOf(value) === 0,
  filter: (items, test) => list(items).filter((item, index) => lambda(test)(item, index) === true),
  first: (value = null) => (isList(value) ? (value[0] ?? null) : text(value).slice(0, 1)),
  flatten: (items) => list(items).flatMap(list),
  intersection: (one, other) => list(one).filter((item) => contains(other, item)),
  items: (value) =>
    Object.entries(properties(value))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, held]) => ({ key, value: held })),
  last: (value = null) => (isList(value) ? (value.at(-1) ?? null) : text(value).slice(-1)),
  length: sizeOf,
  map: (items, change) => list(items).map((item, index) => lambda(change)(item, index)),
  mapValues: (value, change) =>
    Object.fromEntries(Object.entries(properties(value)).map(([key, held]) => [key, lambda(change)(held)])),
  max: (...values) => Math.max(...values.flat().map(Number)),
  min: (...values) => Math.min(...values.flat().map(Number)),
  objectKeys: (value) => Object.keys(properties(value)),
  range: (from, count) => Array.from({ length: Number(count) }, (_, index) => Number(from) + index),
  reduce,
  shallowMerge: (items) => Object.assign({}, ...list(items).map(properties)) as Properties,
  skip: (value, count) => slice(value, Number(count)),
  sort: (items, before) =>
    [...list(items)].sort((one, other) => (lambda(before)(one, other) === true ? -1 : 1)),
  take: (value, count) => slice(value, 0, Number(count)),
  toObject,
  tryGet: (value, key) => propertyOf(properties(value), text(key)) ?? null,
  union: (...values) => values.reduce(merge),
};

const otherFunctions: Readonly<Record<string, BuiltIn>> = {
  any: (value = null) => value,
  bool: (value) => text(value).toLowerCase() === 'true',
  dateTimeAdd: (base, duration) => new Later(`${text(base)} + ${text(duration)}`),
  externalInput: (name) => new Later(`input ${text(name)}`),
  fail: (message) => {
    throw new Error(text(message));
  },
  int: (value) => Number(text(value)),
  newGuid: () => new Later('newGuid()'),
  utcNow: () => new Later('utcNow()'),
};

/** By name. A function that is in none of the tables is one of a deployment, or unknown. */
export const builtIns: Readonly<Record<string, BuiltIn>> = {
  ...textFunctions,
  ...collectionFunctions,
  ...otherFunctions,
  ...networkFunctions,
};
