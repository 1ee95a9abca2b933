import { createHash } from 'node:crypto';
import { parameterisedTypes, parametersOf } from './definitions.js';

/** To be raised when the values of the same paths are made otherwise (`extract.ts`, `normalise.ts`, `quantities.ts`,
 * `ranges.ts`). */
const extraction = 4;

let version: string | undefined;

/** Changes whenever what is indexed of a record does: a hash of the compiled parameters and of how values are made. */
export function definitionsVersion(): string {
  version ??= createHash('sha256')
    .update(JSON.stringify([extraction, indexed()]))
    .digest('hex')
    .slice(0, 16);
  return version;
}

/** What of the definitions decides what is indexed. */
const indexed = () =>
  ['Resource', ...parameterisedTypes].map((type) =>
    parametersOf(type).map(({ code, type: kind, paths, isPresence, targets, components }) => ({
      ...{ of: type, code, kind, paths, isPresence, targets, components },
    })),
  );
