/** The parameters by which a client says how it wants a resource written (FHIR R4 sections 3.1.0.1.9 and 3.1.1.5). */
import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import { fail, ok, type Result } from '../result.js';
import type { ParameterPair } from './bundle.js';
import type { Decimals } from './decimals.js';
import { chooseFormat, type Format } from './format.js';
import { toJson } from './json-text.js';
import type { View } from './subset.js';

/** How an answer is written. */
export interface Style {
  readonly format: Format;
  /** Whether the text is broken into lines, for people. */
  readonly pretty: boolean;
}

/** How an answer is written, and which part of its resources. */
export interface Representation extends Style {
  /** Absent when resources are wanted whole. */
  readonly view?: View;
  /** The parameters that say so, which links to other pages repeat. */
  readonly parameters: readonly ParameterPair[];
  /** All others. */
  readonly others: readonly ParameterPair[];
}

const names: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);
const summaries = ['true', 'text', 'data', 'count'] as const;
const elementName = /^[a-z][A-Za-z0-9]{0,63}(\[x\])?$/;

/**
 * Reads how a client wants its answer, from the parameters of the request and its header Accept.
 *
 * @returns HDE_NOT_ACCEPTABLE for a format that is not served, HDE_SEARCH_PARAMETER for a value that is none
 */
export function readRepresentation(
  pairs: Iterable<ParameterPair>,
  accept: string | undefined,
): Result<Representation, Issue> {
  const parameters: ParameterPair[] = [];
  const others: ParameterPair[] = [];
  for (const pair of pairs) (names.has(pair[0]) ? parameters : others).push(pair);
  const format = chooseFormat(valuesOf(parameters, '_format'), accept);
  if (format === undefined) {
    const detail = 'FHIR R4 is served as application/fhir+json and application/fhir+xml.';
    return fail({ code: 'HDE_NOT_ACCEPTABLE', severity: 'error', detail });
  }
  const pretty = valuesOf(parameters, '_pretty').at(-1) === 'true';
  const view = readView(parameters);
  if (!view.ok) return view;
  const style = { format, pretty, parameters, others };
  return ok(view.value === undefined ? style : { ...style, view: view.value });
}

/** The style of an answer to a request that could not be read further: JSON where no other is asked for. */
export function styleOf(pairs: Iterable<ParameterPair>, accept: string | undefined): Style {
  const parameters = [...pairs];
  const format = chooseFormat(valuesOf(parameters, '_format'), accept) ?? 'json';
  return { format, pretty: valuesOf(parameters, '_pretty').at(-1) === 'true' };
}

/** The values of a parameter: where it has none it is ignored (FHIR R4 section 3.1.1.3). */
const valuesOf = (pairs: readonly ParameterPair[], name: string): string[] =>
  pairs.filter(([each, value]) => each === name && value !== '').map(([, value]) => value);

function readView(pairs: readonly ParameterPair[]): Result<View | undefined, Issue> {
  if (pairs.length === 0) return ok(undefined);
  const wanted = valuesOf(pairs, '_summary').filter((value) => value !== 'false');
  const elements = valuesOf(pairs, '_elements').flatMap((value) => value.split(','));
  const [summary, ...more] = wanted;
  if (summary === undefined) {
    if (elements.length === 0) return ok(undefined);
    const isNamed = elements.every((name) => elementName.test(name));
    const bare = elements.map((name) => name.replace('[x]', ''));
    return isNamed ? ok({ elements: bare }) : refuse('_elements', 'Names of elements, separated by commas.');
  }
  const known = summaries.find((each) => each === summary);
  if (known === undefined || more.length > 0)
    return refuse('_summary', 'One of true, text, data, count, false.');
  return elements.length > 0 ? refuse('_elements', 'Not together with _summary.') : ok({ summary: known });
}

const refuse = (location: string, detail: string) =>
  fail<Issue>({ code: 'HDE_SEARCH_PARAMETER', severity: 'error', location, detail });

/**
 * The text of a resource. Of a Bundle, each resource that XML cannot say gives way to an OperationOutcome that tells so.
 *
 * @throws ExchangeError HDE_NOT_ACCEPTABLE for any other resource that XML cannot say
 */
export function writeResource(
  resource: Resource,
  { format, pretty }: Style,
  decimals?: Decimals,
): string | Promise<string> {
  const options = { pretty, ...(decimals === undefined ? {} : { decimals }) };
  if (format === 'json') return toJson(resource, options);
  // XML needs the table of elements, which JSON does not pay for.
  return import('./xml/write-xml.js').then(({ writeXml }) => writeXml(resource, options));
}
