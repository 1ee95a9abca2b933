/** What operations are asked with (FHIR R4 section 3.2): parameters of the address, a form, Parameters, or a resource. */
import type { Parameters, ParametersParameter, Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../../core/errors.js';
import type { ParameterPair } from '../../../core/fhir/bundle.js';
import type { ReadResource } from '../../../core/fhir/decimals.js';
import { fieldsOf, listOf } from '../../../core/fhir/search/shapes.js';
import { formType, readForm } from '../search-form.js';
import type { Writer } from '../write-dependencies.js';
import { type RequestBody, resourceOf } from '../write-request.js';

/** An operation as it was asked for. */
export interface OperationRequest {
  /** Empty for the system. */
  readonly type: string;
  /** Empty for a type. */
  readonly id: string;
  /** Of the address. */
  readonly parameters: readonly ParameterPair[];
  /** The Prefer header. */
  readonly prefer: string | undefined;
  readonly isPosted: boolean;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly writer: Writer;
  readonly readBody: () => Promise<RequestBody>;
}

/** The parameters of an operation by the way in which they are given. */
export interface OperationInput {
  /** Those that are values, as in an address. */
  readonly values: readonly ParameterPair[];
  /** Those that are resources or structures. */
  readonly objects: ReadonlyMap<string, object>;
  /** The body, where it is one resource and not Parameters. */
  readonly statement?: ReadResource;
}

/**
 * Reads the parameters of an operation from its address and its body.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID for a parameter of Parameters without a name, HDE_SEARCH_PARAMETER for a
 * resource or structure that is given twice, and those of reading a body
 */
export async function readInput(
  request: Pick<OperationRequest, 'parameters' | 'isPosted' | 'readBody'>,
): Promise<OperationInput> {
  const { parameters, isPosted } = request;
  const given: OperationInput = { values: parameters, objects: new Map() };
  if (!isPosted) return given;
  const body = await request.readBody();
  if ('bytes' in body) {
    if (body.bytes.byteLength === 0) return given;
    if (body.contentType?.startsWith(formType) === true)
      return { ...given, values: [...parameters, ...readForm(body.contentType, body.bytes)] };
  }
  const statement = await resourceOf(body);
  if (statement.resource.resourceType !== 'Parameters') return { ...given, statement };
  const { values, objects } = readParameters(statement.resource as Parameters);
  return { values: [...parameters, ...values], objects };
}

function readParameters({ parameter }: Parameters): OperationInput {
  const values: ParameterPair[] = [];
  const objects = new Map<string, object>();
  for (const [index, each] of listOf(parameter).entries()) {
    const { name, resource, ...rest } = (fieldsOf(each) ?? {}) as Partial<ParametersParameter>;
    const [, value] = Object.entries(rest).find(([key]) => key.startsWith('value')) ?? [];
    const content: unknown = resource ?? value;
    if (typeof name !== 'string' || content === undefined || content === null)
      throw new ExchangeError('HDE_REQUEST_INVALID', {
        location: `Parameters.parameter[${index}]`,
        detail: 'a name with a value or a resource',
      });
    // Of two, one would be passed over.
    if (objects.has(name)) throw refused(shown(name), 'It may be given once.');
    if (typeof content === 'object') objects.set(name, content);
    else values.push([name, typeof content === 'string' ? content : JSON.stringify(content)]);
  }
  return { values, objects };
}

/** The only value of a parameter; undefined without one. @throws ExchangeError HDE_SEARCH_PARAMETER for several */
export function valueOf({ values }: Pick<OperationInput, 'values'>, name: string): string | undefined {
  const [first, ...others] = values.filter(([each]) => each === name).map(([, value]) => value);
  if (others.length > 0) throw refused(name, 'It may be given once.');
  return first;
}

/** A parameter that is a whole number from 1. @throws ExchangeError HDE_SEARCH_PARAMETER for another value */
export function countOf(input: Pick<OperationInput, 'values'>, name: string): number | undefined {
  const text = valueOf(input, name);
  if (text !== undefined && !/^0*[1-9]\d{0,8}$/.test(text)) throw refused(name, 'A whole number from 1.');
  return text === undefined ? undefined : Number(text);
}

/** A parameter that is true or false; false where it is not given. @throws ExchangeError HDE_SEARCH_PARAMETER */
export function flagOf(input: OperationInput, name: string): boolean {
  const text = valueOf(input, name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw refused(name, 'true or false');
  return text === 'true';
}

/** @throws ExchangeError HDE_SEARCH_PARAMETER for a parameter that the operation does not have */
export function requireKnown({ values, objects }: OperationInput, known: readonly string[]): void {
  const unknown = [...values.map(([name]) => name), ...objects.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw refused(shown(unknown), known.length === 0 ? 'It has no parameters.' : `One of ${known.join(', ')}.`);
}

/**
 * The parameters of an operation that takes values only.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for a parameter that is a resource or a structure, HDE_REQUEST_INVALID for a
 * body that is another resource than Parameters
 */
export function requireValues({ values, objects, statement }: OperationInput): readonly ParameterPair[] {
  if (statement !== undefined)
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'resourceType', detail: 'Parameters' });
  const [name] = objects.keys();
  if (name !== undefined) throw refused(shown(name), 'A value, not a resource or a structure.');
  return values;
}

/** The name of a parameter comes from outside: only what looks like one is told. */
const shown = (name: string): string => (/^[A-Za-z_]{1,40}$/.test(name) ? name : 'parameters');

/** The resource that an operation is about: the body, or the parameter `resource`. */
export const statedResource = ({ statement, objects }: OperationInput): Resource | undefined =>
  statement?.resource ?? (objects.get('resource') as Resource | undefined);

/** A parameter that is refused. */
export const refused = (location: string, detail: string): ExchangeError =>
  new ExchangeError('HDE_SEARCH_PARAMETER', { location, detail });
