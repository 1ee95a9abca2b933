/** The latest observations of each kind (FHIR R4 operation Observation-lastn). */
import type { Observation } from 'fhir/r4.js';
import { findParameter } from './search/definitions.js';
import type { IndexedRecord } from './search/match.js';
import { comparePositions, positionOf, type SortKey } from './search/sort.js';

/** An observation with its index. */
export type IndexedObservation = IndexedRecord & { readonly resource: Observation };

const date = findParameter('Observation', 'date');
const latestFirst: readonly SortKey[] = date === undefined ? [] : [{ definition: date, isDescending: true }];

/**
 * The `most` latest of each kind, kind by kind. Observations are of one kind when they share a coding, directly or by way
 * of others: codings of one concept are translations of each other. Those without codings go by their text, those
 * without a time come last, and those that were entered in error do not count: they would hide what holds.
 */
export function lastObservations<T extends IndexedObservation>(
  observations: readonly T[],
  most: number,
): readonly T[] {
  const groups = groupByCode(observations.filter(({ resource }) => resource.status !== 'entered-in-error'));
  return groups.flatMap((group) =>
    group
      .map((observation) => ({
        observation,
        position: positionOf(observation, latestFirst, [observation.fhirId]),
      }))
      .sort((a, b) => comparePositions(a.position, b.position, latestFirst))
      .slice(0, most)
      .map(({ observation }) => observation),
  );
}

interface Group<T> {
  readonly names: readonly string[];
  readonly members: readonly T[];
}

function groupByCode<T extends IndexedObservation>(observations: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, Group<T>>();
  for (const observation of observations) {
    const own = namesOf(observation.resource);
    const joined = [...new Set(own.flatMap((name) => groups.get(name) ?? []))];
    const group: Group<T> = {
      // Each once: of one kind there may be two thousand.
      names: [...new Set([...joined.flatMap(({ names }) => names), ...own])],
      members: [...joined.flatMap(({ members }) => members), observation],
    };
    for (const name of group.names) groups.set(name, group);
  }
  const named = [...new Set(groups.values())].map(({ names, members }) => ({
    name: [...names].sort()[0] ?? '',
    members,
  }));
  return named.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ members }) => members);
}

/** What an observation's kind is known by. */
function namesOf({ code }: Observation): string[] {
  const { coding = [], text = '' } = (code as Observation['code'] | undefined) ?? { coding: [] };
  const codes = coding.flatMap((each) =>
    each.code === undefined ? [] : [`${each.system ?? ''}|${each.code}`],
  );
  return codes.length > 0 ? codes : [`text ${text.trim().toLowerCase()}`];
}
