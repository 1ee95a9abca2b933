/** A rule over what an environment would deploy. */
import type { PlannedResource } from '../../bicep/evaluate/plan.js';
import { Later, textOf, type Value } from '../../bicep/evaluate/values.js';
import { type Infrastructure, nameOf, ofType, property } from '../infrastructure.js';

export interface Rule {
  readonly name: string;
  /** What must hold. */
  readonly says: string;
  /** What does not hold, each with the resource or setting it is about. */
  readonly check: (infra: Infrastructure) => readonly string[];
}

/** A property that resources of a type must have. */
export interface Demand {
  readonly type: string;
  readonly path: readonly string[];
  /** Allowed values. */
  readonly values: readonly Value[];
  /** Leaves resources out. */
  readonly when?: (resource: PlannedResource, infra: Infrastructure) => boolean;
}

/** Checks a table of demands; a type of which there is no resource at all is a fault of its own rule. */
export const demands =
  (table: readonly Demand[]) =>
  (infra: Infrastructure): readonly string[] =>
    table.flatMap(({ type, path, values, when = () => true }) =>
      ofType(infra, type)
        .filter((resource) => when(resource, infra))
        .flatMap((resource) => {
          const found = property(resource, ...path);
          const fits = found !== undefined && !(found instanceof Later) && values.includes(found);
          const shown = found === undefined ? 'not set' : textOf(found);
          return fits
            ? []
            : [`${nameOf(resource)}: ${path.join('.')} is ${shown}, not ${values.map(textOf).join(' or ')}`];
        }),
    );

/** What an environment cannot do without. */
export const present =
  (types: readonly string[]) =>
  (infra: Infrastructure): readonly string[] =>
    types.flatMap((type) => (ofType(infra, type).length > 0 ? [] : [`there is no ${type}`]));
