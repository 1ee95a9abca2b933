/**
 * FHIR search read off the standard (R4 section 3.1.1.4) and carried out by looking at every resource. It shares no
 * code with the exchange, and takes values from resources by FHIRPath, so that the two can be compared.
 */
import { createRequire } from 'node:module';
import { naiveParameters, type Parameter } from './naive-parameters.js';

export interface NaiveResource {
  readonly resourceType: string;
  readonly id: string;
}

type Evaluate = (resource: unknown, environment?: object) => unknown[];
const require = createRequire(import.meta.url);
const { compile } = require('fhirpath') as { compile: (expression: string, model: unknown) => Evaluate };
const model = require('fhirpath/fhir-context/r4') as unknown;
const compiled = new Map<string, Evaluate>();

function select(node: unknown, type: string, path: string): unknown[] {
  if (path === '$this') return [node];
  const isElement = (node as Partial<NaiveResource>).resourceType === undefined;
  // Of an element, its choices are named as they are in JSON: outside its resource it has no type.
  const expression = isElement
    ? path.replace(/value\.ofType\((\w)(\w*)\)/, (_, a: string, b: string) => `value${a.toUpperCase()}${b}`)
    : `${type}.${path.replaceAll(' | ', ` | ${type}.`)}`;
  let evaluate = compiled.get(expression);
  if (evaluate === undefined)
    compiled.set(expression, (evaluate = compile(expression, isElement ? undefined : model)));
  return evaluate(node);
}

type Fields = Readonly<Record<string, unknown>>;
const list = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** System and code of what tokens are taken from. */
function tokensOf(value: unknown): { system?: string; code?: string; text?: string }[] {
  if (typeof value !== 'object' || value === null) return [{ code: String(value) }];
  const {
    coding,
    text,
    system,
    code,
    value: own,
    display,
    type,
  } = value as Record<string, string | undefined> & Fields;
  if (coding !== undefined || (text !== undefined && own === undefined))
    return [...list(coding).flatMap(tokensOf), ...(text === undefined ? [] : [{ text }])];
  const typeText = (type as Fields | undefined)?.['text'] as string | undefined;
  const words = display ?? typeText;
  const held = code ?? own;
  return [
    {
      ...(system === undefined ? {} : { system }),
      ...(held === undefined ? {} : { code: held }),
      ...(words === undefined ? {} : { text: words }),
    },
  ];
}

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

interface Span {
  readonly from: number;
  readonly to: number;
}

const hourInLondon = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'Europe/London', hour: '2-digit', hourCycle: 'h23' },
});

/** When a day begins in London. */
const midnightOf = (utc: number): number => utc - Number(hourInLondon.format(utc)) * 3_600_000;

/** First and last millisecond. */
function spanOf(value: unknown): Span {
  if (typeof value === 'object') {
    const { start, end } = value as { start?: string; end?: string };
    return {
      from: start === undefined ? -Infinity : spanOf(start).from,
      to: end === undefined ? Infinity : spanOf(end).to,
    };
  }
  const text = value as string;
  const from = Date.parse(text);
  const day = new Date(from);
  const days = (first: number, next: number): Span => ({ from: midnightOf(first), to: midnightOf(next) - 1 });
  if (/^\d{4}$/.test(text)) return days(from, Date.UTC(day.getUTCFullYear() + 1, 0));
  if (/^\d{4}-\d\d$/.test(text)) return days(from, Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1));
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return days(from, from + 86_400_000);
  return { from, to: from + 999 };
}

const prefixed = (text: string) =>
  /^(eq|ne|gt|lt|ge|le|sa|eb)?(.*)$/.exec(text)!.slice(1) as [string | undefined, string];

function passesDate(value: unknown, wanted: string): boolean {
  const [prefix = 'eq', text] = prefixed(wanted);
  const [target, search] = [spanOf(value), spanOf(text)];
  const within = search.from <= target.from && target.to <= search.to;
  const tests: Readonly<Record<string, boolean>> = {
    eq: within,
    ne: !within,
    gt: target.to > search.to,
    lt: target.from < search.from,
    ge: target.to >= search.from,
    le: target.from <= search.to,
    sa: target.from > search.to,
    eb: target.to < search.from,
  };
  return tests[prefix]!;
}

function passesQuantity(value: unknown, wanted: string): boolean {
  const held = value as {
    value?: number;
    comparator?: string;
    system?: string;
    code?: string;
    unit?: string;
  };
  if (held.value === undefined) return false;
  const [number = '', system, unit] = wanted.split('|');
  if (unit !== undefined) {
    const isUnit =
      system === ''
        ? held.code === unit || held.unit === unit
        : held.system === system && (unit === '' || held.code === unit);
    if (!isUnit) return false;
  }
  const [prefix = 'eq', text] = prefixed(number);
  const asked = Number(text);
  const half = 0.5 * 10 ** -(text.split('.')[1]?.length ?? 0);
  const least = held.comparator?.startsWith('<') === true ? -Infinity : held.value;
  const most = held.comparator?.startsWith('>') === true ? Infinity : held.value;
  const isOne = least === most;
  const near = (edge: number) => Math.round(edge * 1e9) / 1e9;
  const within =
    least >= near(asked - half) && (isOne ? most < near(asked + half) : most <= near(asked + half));
  const tests: Readonly<Record<string, boolean>> = {
    eq: within,
    ne: !within,
    gt: most > asked,
    lt: least < asked,
    // An end that is left out is not reached.
    ge: held.comparator === '<' ? most > asked : most >= asked,
    le: held.comparator === '>' ? least < asked : least <= asked,
    sa: held.comparator === '>' ? least >= asked : least > asked,
    eb: held.comparator === '<' ? most <= asked : most < asked,
  };
  return tests[prefix]!;
}

function passesToken(value: unknown, wanted: string): boolean {
  const [first = '', second] = wanted.split('|');
  return tokensOf(value).some(({ system = '', code }) => {
    if (second === undefined) return code?.toLowerCase() === first.toLowerCase();
    if (second === '') return system === first;
    return system === first && code?.toLowerCase() === second.toLowerCase();
  });
}

/** By the haversine formula, on a sphere of the Earth's mean radius. */
function passesNear(value: unknown, wanted: string): boolean {
  const { latitude, longitude } = value as { latitude: number; longitude: number };
  const [north = '', east = '', distance = '', unit = ''] = wanted.split('|');
  const turn = (degrees: number) => (degrees * Math.PI) / 180;
  const half =
    Math.sin(turn(Number(north) - latitude) / 2) ** 2 +
    Math.cos(turn(latitude)) *
      Math.cos(turn(Number(north))) *
      Math.sin(turn(Number(east) - longitude) / 2) ** 2;
  const away = 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(half)));
  return away <= (distance === '' ? 10 : Number(distance) * (unit === '[mi_us]' ? 1.609347 : 1));
}

export class NaiveSearch {
  readonly #resources: readonly NaiveResource[];
  readonly #base: string;

  constructor(resources: readonly NaiveResource[], base: string) {
    this.#resources = resources;
    this.#base = base;
  }

  /** `Type/id` of what matches all parameters. */
  find(type: string, parameters: readonly (readonly [string, string])[]): string[] {
    return this.#ofType(type)
      .filter((resource) => parameters.every(([name, value]) => this.#passes(resource, name, value)))
      .map(({ id }) => `${type}/${id}`);
  }

  /** What `_include` and `_revinclude` add to matches; each is `[name, Type:parameter]`. */
  include(matches: readonly string[], includes: readonly (readonly [string, string])[]): string[] {
    const found = new Set(matches);
    for (let [sources, isFirst] = [[...matches], true]; sources.length > 0; isFirst = false) {
      const fresh: string[] = [];
      for (const [name, value] of includes.filter(([name]) => isFirst || name.includes(':'))) {
        const [type = '', code = ''] = value.split(':');
        const added = name.startsWith('_include')
          ? this.#ofType(type)
              .filter(({ id }) => sources.includes(`${type}/${id}`))
              .flatMap((resource) => this.#references(resource, code))
          : this.#ofType(type)
              .filter((resource) => this.#references(resource, code).some((key) => sources.includes(key)))
              .map(({ id }) => `${type}/${id}`);
        fresh.push(
          ...added.filter((key) =>
            this.#resources.some(({ resourceType, id }) => key === `${resourceType}/${id}`),
          ),
        );
      }
      sources = [...new Set(fresh)].filter((key) => !found.has(key));
      for (const key of sources) found.add(key);
    }
    return [...found].filter((key) => !matches.includes(key));
  }

  #ofType(type: string): NaiveResource[] {
    return this.#resources.filter(({ resourceType }) => resourceType === type);
  }

  #references(resource: NaiveResource, code: string): string[] {
    const { path } = naiveParameters[resource.resourceType]![code]!;
    return select(resource, resource.resourceType, path).map((value) =>
      (value as { reference: string }).reference.replace(`${this.#base}/`, '').replace(/\/_history\/.*$/, ''),
    );
  }

  #passes(resource: NaiveResource, name: string, value: string): boolean {
    const { resourceType } = resource;
    if (name.startsWith('_has:')) {
      const [, type = '', code = '', ...rest] = name.split(':');
      return this.#ofType(type).some(
        (each) =>
          this.#references(each, code).includes(`${resourceType}/${resource.id}`) &&
          this.#passes(each, rest.join(':'), value),
      );
    }
    const dot = name.indexOf('.');
    if (dot > 0) {
      const [code = '', type] = name.slice(0, dot).split(':');
      const keys = this.#references(resource, code).filter(
        (key) => type === undefined || key.startsWith(`${type}/`),
      );
      return this.#resources.some(
        (each) =>
          keys.includes(`${each.resourceType}/${each.id}`) &&
          naiveParameters[each.resourceType]![name.slice(dot + 1).split(/[.:]/)[0]!] !== undefined &&
          this.#passes(each, name.slice(dot + 1), value),
      );
    }
    const [code = '', modifier] = name.split(':');
    const parameter = naiveParameters[resourceType]![code]!;
    const values = select(resource, resourceType, parameter.path);
    if (modifier === 'missing') {
      const held =
        parameter.kind === 'composite'
          ? values.filter((each) =>
              parameter.parts!.every(([, path]) => select(each, resourceType, path).length > 0),
            )
          : values;
      return (held.length === 0) === (value === 'true');
    }
    const wanted = value.split(',');
    if (modifier === 'not') return !values.some((held) => wanted.some((each) => passesToken(held, each)));
    return values.some((held) =>
      wanted.some((each) => this.#one(parameter, modifier, held, each, resourceType)),
    );
  }

  #one(
    parameter: Parameter,
    modifier: string | undefined,
    held: unknown,
    wanted: string,
    type: string,
  ): boolean {
    switch (parameter.kind) {
      case 'token':
        return modifier === 'text'
          ? tokensOf(held).some(({ text }) => text !== undefined && plain(text).startsWith(plain(wanted)))
          : passesToken(held, wanted);
      case 'string':
        if (modifier === 'exact') return held === wanted;
        return modifier === 'contains'
          ? plain(String(held)).includes(plain(wanted))
          : plain(String(held)).startsWith(plain(wanted));
      case 'date':
        return passesDate(held, wanted);
      case 'quantity':
        return passesQuantity(held, wanted);
      case 'reference': {
        const { reference } = held as { reference: string };
        const key = reference.replace(`${this.#base}/`, '').replace(/\/_history\/.*$/, '');
        const asked = wanted.replace(`${this.#base}/`, '');
        if (asked.includes('/')) return key === asked;
        const targets = modifier === undefined ? parameter.targets! : [modifier];
        return targets.some((target) => key === `${target}/${asked}`);
      }
      case 'near':
        return passesNear(held, wanted);
      case 'composite': {
        const parts = wanted.split('$');
        return parameter.parts!.every(([kind, path], i) =>
          select(held, type, path).some((each) =>
            this.#one({ kind, path }, undefined, each, parts[i]!, type),
          ),
        );
      }
    }
  }
}
