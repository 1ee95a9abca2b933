import { findServedType } from '../../core/fhir/interactions.js';
import { parseReference } from '../../core/fhir/references.js';
import { anyOf } from '../../core/fhir/search/criteria.js';
import type { BackwardInclude, ForwardInclude, Include } from '../../core/fhir/search/includes.js';
import { referencesTo } from '../../core/fhir/search/parse-values.js';
import { pageRoom, weightOf } from '../../core/fhir/weight.js';
import type { CurrentDocument } from '../../core/records/types.js';
import type { FhirDependencies } from './fhir-answer.js';
import { pageById, type Place, readWithin, type RecordPage, weightOfAll } from './page-records.js';
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
  /** False when there are more than `maxIncluded`, they are too large together, or `:iterate` leads on. */
  readonly isComplete: boolean;
}

const keyOf = ({ resourceType, fhirId }: CurrentDocument): string => `${resourceType}/${fhirId}`;

/**
 * The resources that a page's matches refer to or are referred to by, each once and none that is a match (FHIR R4
 * section 3.1.1.5.3). With `:iterate` what was included is looked at too. Together they have room as a page has.
 */
export async function includeResources(
  deps: FhirDependencies,
  matched: readonly CurrentDocument[],
  includes: readonly Include[],
): Promise<Included> {
  const known = new Set(matched.map(keyOf));
  const included: CurrentDocument[] = [];
  let { room = pageRoom } = deps;
  let [sources, active] = [matched, includes];
  for (let round = 0; sources.length > 0 && active.length > 0; round += 1) {
    if (round === maxRounds) return { documents: included, isComplete: false };
    const found: CurrentDocument[] = [];
    for (const include of active) {
      const most = maxIncluded - included.length - found.length;
      // What an include of this round has found is looked at in the next.
      const { documents, isComplete } =
        include.direction === 'forward'
          ? await readReferred(deps, sources, include, { known, most, room })
          : await readReferring(deps, sources, include, { known, most, room });
      for (const document of documents) known.add(keyOf(document));
      found.push(...documents);
      if (!isComplete) return { documents: [...included, ...found], isComplete };
      room -= weightOfAll(documents);
    }
    included.push(...found);
    sources = found;
    active = includes.filter(({ isIterated }) => isIterated);
  }
  return { documents: included, isComplete: true };
}

interface Bounds {
  /** What is there already. */
  readonly known: ReadonlySet<string>;
  /** How many more resources may come. */
  readonly most: number;
  /** In characters. */
  readonly room: number;
}

type Read<I extends Include> = (
  deps: FhirDependencies,
  sources: readonly CurrentDocument[],
  include: I,
  bounds: Bounds,
) => Promise<Included>;

const readReferred: Read<ForwardInclude> = async (
  deps,
  sources,
  { source, codes, target },
  { known, most, room },
) => {
  const referring = sources.filter(({ resourceType }) => source === undefined || resourceType === source);
  const keys = new Set(codes.flatMap((code) => [...referencesOf(deps, referring, code, target)]));
  const wanted = [...keys].flatMap((key) => {
    const reference = parseReference(key, deps.baseUrl);
    const isServed = reference !== undefined && findServedType(reference.type) !== undefined;
    return isServed && !known.has(key) ? [reference] : [];
  });
  // Some of them may not exist.
  const { documents, isComplete } = await readWithin(deps.records, wanted.slice(0, most + 1), room);
  return documents.length > most
    ? { documents: documents.slice(0, most), isComplete: false }
    : { documents, isComplete: isComplete && wanted.length <= most + 1 };
};

const readReferring: Read<BackwardInclude> = async (
  deps,
  sources,
  { source, codes, target },
  { known, most, room },
) => {
  const referred = sources.filter(({ resourceType }) => target === undefined || resourceType === target);
  const found = new Map<string, CurrentDocument>();
  let left = room;
  for (let start = 0; start < referred.length; start += referencesAtOnce) {
    const keys = referred.slice(start, start + referencesAtOnce).map(keyOf);
    const criterion = anyOf(codes.map((code) => referencesTo(code, keys, deps.baseUrl)));
    const read = pageById((page) => deps.records.findRecords({ resourceType: source, criterion }, page));
    let from: Place | undefined;
    do {
      const page: RecordPage = await read(most + 1 - found.size, from);
      for (const document of page.documents) {
        const key = keyOf(document);
        if (known.has(key) || found.has(key)) continue;
        left -= weightOf(document.resource);
        if (found.size === most || left < 0) return { documents: [...found.values()], isComplete: false };
        found.set(key, document);
      }
      from = page.next;
    } while (from !== undefined);
  }
  return { documents: [...found.values()], isComplete: true };
};
