import { findServedType } from '../../core/fhir/interactions.js';
import { parseReference } from '../../core/fhir/references.js';
import { anyOf } from '../../core/fhir/search/criteria.js';
import type { BackwardInclude, ForwardInclude, Include } from '../../core/fhir/search/includes.js';
import { referencesTo } from '../../core/fhir/search/parse-values.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { FhirDependencies } from './fhir-answer.js';
import { readMany } from './page-records.js';
import { referencesOf } from './search-plan.js';

/** Resources that come with one page. */
export const maxIncluded = 1000;
/** How often `:iterate` looks at what it has found. */
const maxRounds = 5;
/** References that one query asks for. */
const referencesAtOnce = 50;

/** What comes with the matches of a page. */
export interface Included {
  readonly documents: readonly CurrentDocument[];
  /** False when there are more than `maxIncluded`, or `:iterate` leads on. */
  readonly isComplete: boolean;
}

const keyOf = ({ resourceType, fhirId }: CurrentDocument): string => `${resourceType}/${fhirId}`;

/**
 * The resources that a page's matches refer to or are referred to by, each once and none that is a match (FHIR R4
 * section 3.1.1.5.3). With `:iterate` what was included is looked at too.
 */
export async function includeResources(
  deps: FhirDependencies,
  matched: readonly CurrentDocument[],
  includes: readonly Include[],
): Promise<Included> {
  const known = new Set(matched.map(keyOf));
  const included: CurrentDocument[] = [];
  let [sources, active] = [matched, includes];
  for (let round = 0; sources.length > 0 && active.length > 0; round += 1) {
    if (round === maxRounds) return { documents: included, isComplete: false };
    const found: CurrentDocument[] = [];
    for (const include of active) {
      const most = maxIncluded + 1 - included.length - found.length;
      // What an include of this round has found is looked at in the next.
      const documents =
        include.direction === 'forward'
          ? await readReferred(deps, sources, include, known, most)
          : await readReferring(deps, sources, include, known, most);
      for (const document of documents) known.add(keyOf(document));
      found.push(...documents);
      if (included.length + found.length > maxIncluded)
        return { documents: [...included, ...found].slice(0, maxIncluded), isComplete: false };
    }
    included.push(...found);
    sources = found;
    active = includes.filter(({ isIterated }) => isIterated);
  }
  return { documents: included, isComplete: true };
}

type Read<I extends Include> = (
  deps: FhirDependencies,
  sources: readonly CurrentDocument[],
  include: I,
  known: ReadonlySet<string>,
  most: number,
) => Promise<readonly CurrentDocument[]>;

const readReferred: Read<ForwardInclude> = async (deps, sources, { source, codes, target }, known, most) => {
  const referring = sources.filter(({ resourceType }) => source === undefined || resourceType === source);
  const keys = new Set(codes.flatMap((code) => [...referencesOf(deps, referring, code, target)]));
  const wanted = [...keys].flatMap((key) => {
    const reference = parseReference(key, deps.baseUrl);
    const isServed = reference !== undefined && findServedType(reference.type) !== undefined;
    return isServed && !known.has(key) ? [reference] : [];
  });
  return readMany(deps.records, wanted.slice(0, most));
};

const readReferring: Read<BackwardInclude> = async (
  deps,
  sources,
  { source, codes, target },
  known,
  most,
) => {
  const referred = sources.filter(({ resourceType }) => target === undefined || resourceType === target);
  const found = new Map<string, CurrentDocument>();
  for (let start = 0; start < referred.length && found.size < most; start += referencesAtOnce) {
    const keys = referred.slice(start, start + referencesAtOnce).map(keyOf);
    const criterion = anyOf(codes.map((code) => referencesTo(code, keys, deps.baseUrl)));
    const { documents } = await deps.records.findRecords(
      { resourceType: source, criterion },
      { limit: most + known.size },
    );
    for (const document of documents) {
      const key = keyOf(document);
      if (!known.has(key)) found.set(key, document);
    }
  }
  return [...found.values()].slice(0, most);
};
