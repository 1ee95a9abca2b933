/**
 * The simple FHIRPath of a FHIRPath Patch (FHIR R4 section 3.1.0.6.2): names of elements, indexes, `first()`, `last()`,
 * `extension(url)`, `ofType(type)`, and `where(...)` with equalities joined by `and`.
 */
import { fail, ok, type Result } from '../../result.js';

/** One step of a path. */
export type PathStep =
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'first' | 'last' }
  /** Of a choice, or of what is contained, what has this type. */
  | { readonly kind: 'ofType'; readonly type: string }
  | { readonly kind: 'where'; readonly criteria: readonly PathCriterion[] };

/** `system = 'phone'`, `period.start = '2026'`. */
export interface PathCriterion {
  readonly names: readonly string[];
  readonly value: string | number | boolean;
}

/** A path below a type of resource. */
export interface SimplePath {
  readonly type: string;
  readonly steps: readonly PathStep[];
}

const longestPath = 1_000;
const quoted = String.raw`'(?:[^'\\]|\\.)*'`;
const literal = String.raw`(?:${quoted}|true|false|-?\d+(?:\.\d+)?)`;
const criterion = String.raw`\s*[a-z]\w*(?:\.[a-z]\w*)*\s*=\s*${literal}\s*`;
const stepShape = new RegExp(
  String.raw`\.(?:where\((?<where>${criterion}(?:\band\b${criterion})*)\)|(?<end>first|last)\(\)|extension\((?<url>${quoted})\)|(?:ofType|as)\((?:FHIR\.)?(?<type>[A-Za-z]\w{0,60})\)|(?<name>[a-z]\w*))|\[(?<index>\d{1,6})\]`,
  'y',
);
const criterionShape = new RegExp(String.raw`([a-z][\w.]*)\s*=\s*(${literal})`, 'g');

/** Reads a path; the failure says what is understood. */
export function parseSimplePath(text: string): Result<SimplePath, string> {
  const [type = ''] = /^[A-Z][A-Za-z]{0,60}/.exec(text) ?? [];
  if (type === '' || text.length > longestPath) return fail(understood);
  const steps: PathStep[] = [];
  stepShape.lastIndex = type.length;
  while (stepShape.lastIndex < text.length) {
    const found = stepShape.exec(text);
    if (found === null) return fail(understood);
    steps.push(...readSteps(found.groups ?? {}));
  }
  return ok({ type, steps });
}

const understood =
  'a path of the type, names, indexes, where(a = b), extension(url), ofType(type), first() and last()';

type Groups = Readonly<Record<string, string | undefined>>;

function readSteps({ where, end, url, type, name, index }: Groups): PathStep[] {
  if (where !== undefined) return [{ kind: 'where', criteria: readCriteria(where) }];
  if (end !== undefined) return [{ kind: end === 'first' ? 'first' : 'last' }];
  if (url !== undefined)
    return [
      { kind: 'element', name: 'extension' },
      { kind: 'where', criteria: [{ names: ['url'], value: readLiteral(url) }] },
    ];
  if (type !== undefined) return [{ kind: 'ofType', type }];
  return name === undefined ? [{ kind: 'index', index: Number(index) }] : [{ kind: 'element', name }];
}

const readCriteria = (text: string): PathCriterion[] =>
  [...text.matchAll(criterionShape)].map(([, names = '', value = '']) => ({
    names: names.split('.'),
    value: readLiteral(value),
  }));

function readLiteral(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.startsWith("'") ? text.slice(1, -1).replace(/\\(.)/g, '$1') : Number(text);
}
