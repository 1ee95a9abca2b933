import { parseConstraint } from './route-constraints.js';
import type { Constraint } from './route-constraints.js';

/** A compiled route template. */
export type Route = {
  /** `/prefix/template`, as declared. */
  readonly template: string;
  /** Upper-case methods; empty = any. */
  readonly methods: readonly string[];
  /** ASP.NET's precedence, one digit per segment: the lower the more specific. */
  readonly precedence: readonly number[];
  /** Parameters of a path (percent-encoded, beginning with `/`), or undefined when it does not match. */
  match(path: string): Record<string, string> | undefined;
};

type Parameter = {
  readonly name: string;
  readonly isCatchAll: boolean;
  readonly isOptional: boolean;
  readonly fallback: string | undefined;
  readonly constraints: readonly Constraint[];
};

type Segment = { readonly parts: readonly (string | Parameter)[] };

/**
 * Compiles an ASP.NET route template: literals (any case), `{id}`, `{id?}`, `{id=default}`, `{id:int:min(1)}`, `{*rest}`, and
 * several parts in one segment (`{name}.{extension}`).
 *
 * @param prefix - `extensions.http.routePrefix` of host.json, without slashes
 * @param template - the function's route, or its name when it has none
 * @throws Error naming the template when it cannot be read, or begins with a path that the real host keeps for itself
 */
export function compileRoute(prefix: string, template: string, methods: readonly string[]): Route {
  const full = [prefix, template.replace(/^\/+/, '')].filter((part) => part !== '').join('/');
  const segments = splitSegments(full).map((text) => parseSegment(text, full));
  const [first] = segments[0]?.parts ?? [];
  if (typeof first === 'string' && ['admin', 'runtime'].includes(first.toLowerCase())) {
    throw new Error(`Route '${full}' begins with '${first}', which the Functions host keeps for itself`);
  }
  const names = segments.flatMap(({ parts }) =>
    parts.map((part) => (typeof part === 'string' ? '' : part.name.toLowerCase())),
  );
  const given = names.filter((name) => name !== '');
  if (new Set(given).size < given.length) throw new Error(`Route '${full}' names a parameter twice`);
  if (
    segments
      .slice(0, -1)
      .some(({ parts }) => parts.some((part) => typeof part !== 'string' && part.isCatchAll))
  ) {
    throw new Error(`Route '${full}': a catch-all parameter must come last`);
  }
  const match = createMatcher(segments);
  return {
    template: `/${full}`,
    methods: methods.map((method) => method.toUpperCase()),
    precedence: segments.map(segmentPrecedence),
    match: (path) => match(toPathSegments(path)),
  };
}

/** Orders routes so that the first that matches is the one ASP.NET takes. Equal ones keep their order. */
export function compareRoutes(a: Route, b: Route): number {
  const length = Math.max(a.precedence.length, b.precedence.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a.precedence[index] ?? 0) - (b.precedence[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function segmentPrecedence({ parts }: Segment): number {
  const [part] = parts;
  if (parts.length > 1) return 2;
  if (part === undefined || typeof part === 'string') return 1;
  if (part.isCatchAll) return part.constraints.length > 0 ? 4 : 5;
  return part.constraints.length > 0 ? 2 : 3;
}

/** Splits at slashes outside braces: a regex constraint may hold one. */
function splitSegments(template: string): readonly string[] {
  const segments: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of template) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) {
      segments.push(current);
      current = '';
    } else {
      current += character;
    }
  }
  if (depth !== 0) throw new Error(`Route '${template}' has unbalanced braces`);
  segments.push(current);
  return segments.filter((segment) => segment !== '');
}

function parseSegment(text: string, template: string): Segment {
  const parts: (string | Parameter)[] = [];
  let rest = text;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open !== 0) {
      const literal = open < 0 ? rest : rest.slice(0, open);
      parts.push(literal);
      rest = rest.slice(literal.length);
      continue;
    }
    const end = closingBrace(rest);
    parts.push(parseParameter(rest.slice(1, end), template));
    rest = rest.slice(end + 1);
  }
  if (
    parts.length > 1 &&
    parts.some((part) => typeof part !== 'string' && (part.isCatchAll || part.isOptional))
  ) {
    throw new Error(`Route '${template}': a catch-all or optional parameter must fill its whole segment`);
  }
  return { parts };
}

/** The brace that closes the first one. Balanced already; doubled braces in a regex constraint balance too. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  return text.length;
}

function parseParameter(text: string, template: string): Parameter {
  const match = /^(\*{0,2})([\w-]+)((?::(?:[^:(?=]+(?:\((?:[^()]|\([^()]*\))*\))?))*)(\?|=.*)?$/.exec(text);
  if (!match) throw new Error(`Route '${template}': the parameter '{${text}}' cannot be read`);
  const [, stars = '', name = '', constraints = '', ending = ''] = match;
  const constraintTexts = constraints.match(/:[^:(]+(?:\((?:[^()]|\([^()]*\))*\))?/g) ?? [];
  return {
    name,
    isCatchAll: stars !== '',
    isOptional: ending === '?' || ending.startsWith('='),
    fallback: ending.startsWith('=') ? ending.slice(1) : undefined,
    constraints: constraintTexts.map((constraint) => parseConstraint(constraint.slice(1), template)),
  };
}

/** Decoded path segments; an escaped slash stays escaped, so that it does not divide. */
function toPathSegments(path: string): readonly string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/').map(decodeSegment);
}

function decodeSegment(text: string): string {
  try {
    return text
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
      .join('');
  } catch {
    return text; // a stray percent sign stands for itself
  }
}

function createMatcher(
  segments: readonly Segment[],
): (path: readonly string[]) => Record<string, string> | undefined {
  const regExps = segments.map(({ parts }) => (parts.length > 1 ? toSegmentRegExp(parts) : undefined));
  return (path) => {
    const values: Record<string, string> = {};
    for (const [index, segment] of segments.entries()) {
      const [part] = segment.parts;
      const isCatchAll = typeof part === 'object' && part.isCatchAll;
      const text = isCatchAll ? path.slice(index).join('/') : (path[index] ?? '');
      if (!matchSegment(segment, regExps[index], text, values)) return undefined;
      if (isCatchAll) return values;
    }
    return path.length > segments.length ? undefined : values;
  };
}

function matchSegment(
  { parts }: Segment,
  regExp: RegExp | undefined,
  text: string,
  values: Record<string, string>,
): boolean {
  const [part] = parts;
  if (regExp === undefined) {
    if (typeof part === 'string') return part.toLowerCase() === text.toLowerCase();
    return part !== undefined && setParameter(part, text, values);
  }
  const match = regExp.exec(text);
  const parameters = parts.filter((candidate) => typeof candidate !== 'string');
  return (
    match !== null &&
    parameters.every((parameter, index) => setParameter(parameter, match[index + 1] ?? '', values))
  );
}

function setParameter(parameter: Parameter, text: string, values: Record<string, string>): boolean {
  if (text === '') {
    if (parameter.fallback !== undefined) values[parameter.name] = parameter.fallback;
    return parameter.isOptional || parameter.isCatchAll;
  }
  if (!parameter.constraints.every((holds) => holds(text))) return false;
  values[parameter.name] = text;
  return true;
}

function toSegmentRegExp(parts: readonly (string | Parameter)[]): RegExp {
  const sources = parts.map((part) =>
    typeof part === 'string' ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : '(.+)',
  );
  return new RegExp(`^${sources.join('')}$`, 'i');
}
