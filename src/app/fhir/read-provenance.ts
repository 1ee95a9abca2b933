import type { Provenance } from 'fhir/r4.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import { searchsetBundle, type ParameterPair } from '../../core/fhir/bundle.js';
import { provenanceOf, type ProvenanceContext } from '../../core/fhir/provenance.js';
import { parseReference } from '../../core/fhir/references.js';
import type { HistoryDocument } from '../../core/records/types.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from './fhir-answer.js';
import { requireServed } from './require-served.js';
import { partsOf } from './version-parts.js';

/** As many versions as one answer tells of. */
const mostVersions = 100;

/** Parameters beside the target; a count of what there is comes without being asked for. */
const others: ReadonlySet<string> = new Set(['_count', '_total']);

/**
 * Where the versions of a record come from, the latest first: `GET Provenance?target=Type/id`, or
 * `Type/id/_history/version` for one of them. It passes the same guard as the record: of one that is not let out there is
 * nothing.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER without one target, or for any other parameter; HDE_TYPE_NOT_SUPPORTED
 */
export async function readProvenance(
  { records, baseUrl }: FhirDependencies,
  parameters: readonly ParameterPair[],
  context: ProvenanceContext,
): Promise<FhirAnswer> {
  const target = targetOf(parameters, baseUrl);
  const count = countOf(parameters);
  const found: Provenance[] = [];
  for await (const part of versionsOf(records, target))
    found.push(...part.map((version) => provenanceOf(version, context)));
  const versions = found.slice(0, Math.min(count ?? mostVersions, mostVersions));
  const isCut = count !== 0 && found.length > versions.length;
  return answerWith(
    searchsetBundle({
      ...{ baseUrl, path: 'Provenance' },
      parameters: [
        ['target', target.reference],
        ...(count === undefined ? [] : [['_count', String(count)] as const]),
      ],
      matches: versions,
      ...(found.length > mostVersions ? {} : { total: found.length }),
      ...(isCut ? { issues: [incomplete(versions.length)] } : {}),
    }),
  );
}

const incomplete = (count: number): Issue => ({
  ...{ code: 'HDE_RESULT_INCOMPLETE', severity: 'warning', location: 'Bundle.entry' },
  detail: `The latest ${count} versions: ask for one by Type/id/_history/version.`,
});

/** Versions that are wanted at most; 0 asks how many there are. @throws ExchangeError HDE_SEARCH_PARAMETER */
function countOf(parameters: readonly ParameterPair[]): number | undefined {
  const [given, another] = parameters.filter(([name]) => name === '_count');
  if (given === undefined) return undefined;
  if (another !== undefined || !/^\d{1,9}$/.test(given[1]))
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: '_count', detail: 'once, a whole number' });
  return Number(given[1]);
}

interface Target {
  readonly reference: string;
  readonly type: string;
  readonly id: string;
  readonly version: number | undefined;
}

/** The record that the parameters name. @throws ExchangeError HDE_SEARCH_PARAMETER, HDE_TYPE_NOT_SUPPORTED */
function targetOf(parameters: readonly ParameterPair[], baseUrl: string): Target {
  const [unknown] = parameters.find(([name]) => name !== 'target' && !others.has(name)) ?? [];
  if (unknown !== undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: /^[A-Za-z_][A-Za-z_.:-]{0,63}$/.test(unknown) ? unknown : 'parameters',
      detail: 'target is the only parameter, and _count beside it.',
    });
  const [target, another] = parameters.filter(([name]) => name === 'target');
  const named =
    target === undefined || another !== undefined ? undefined : parseReference(target[1], baseUrl);
  if (target === undefined || named === undefined)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'target', detail: 'one record: Type/id' });
  requireServed(named.type, 'read');
  const [, version] = /\/_history\/([1-9]\d{0,14})$/.exec(target[1]) ?? [];
  if (version === undefined && target[1].includes('/_history/'))
    throw new ExchangeError('HDE_SEARCH_PARAMETER', {
      location: 'target',
      detail: 'a version by its number',
    });
  const reference = `${named.type}/${named.id}`;
  return version === undefined
    ? { reference, ...named, version }
    : { reference: `${reference}/_history/${version}`, ...named, version: Number(version) };
}

/** Part by part, since little is told of each. */
function versionsOf(
  records: FhirDependencies['records'],
  { type, id, version }: Target,
): AsyncIterable<readonly HistoryDocument[]> {
  if (version !== undefined) return partsOf(() => oneVersion(records, { type, id, version }), 1);
  return partsOf(
    (limit, last) =>
      records.listVersions(type, id, { limit, ...(last !== undefined && { before: last.versionId }) }),
    mostVersions + 1,
  );
}

async function oneVersion(
  records: FhirDependencies['records'],
  { type, id, version }: { readonly type: string; readonly id: string; readonly version: number },
): Promise<readonly HistoryDocument[]> {
  const found = await records.readVersion(type, id, version);
  return found === undefined ? [] : [found];
}
