import { arrayFunctions } from './functions/arrays.js';
import type { BuiltIn } from './functions/built-in.js';
import { dateFunctions } from './functions/dates.js';
import { numberFunctions } from './functions/numbers.js';
import { stringFunctions } from './functions/strings.js';
import { typeFunctions } from './functions/types.js';

/** Every built-in function by its upper-case name. */
export const builtInFunctions: ReadonlyMap<string, BuiltIn> = new Map(
  Object.entries({
    ...arrayFunctions,
    ...dateFunctions,
    ...numberFunctions,
    ...stringFunctions,
    ...typeFunctions,
  }),
);
