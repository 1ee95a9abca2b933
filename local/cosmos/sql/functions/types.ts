import { isArray, isObject } from '../../json.js';
import { typeRank } from '../values.js';
import type { BuiltInTable } from './built-in.js';
import { define } from './built-in.js';

/** Functions that test the type of a value. */
export const typeFunctions: BuiltInTable = {
  IS_DEFINED: define(1, (value) => value !== undefined),
  IS_NULL: define(1, (value) => value === null),
  IS_STRING: define(1, (value) => typeof value === 'string'),
  IS_NUMBER: define(1, (value) => typeof value === 'number'),
  IS_BOOL: define(1, (value) => typeof value === 'boolean'),
  IS_ARRAY: define(1, isArray),
  IS_OBJECT: define(1, isObject),
  IS_PRIMITIVE: define(1, (value) => typeRank(value) >= 1 && typeRank(value) <= 4),
  IS_INTEGER: define(1, (value) => Number.isInteger(value)),
  IS_FINITE_NUMBER: define(1, (value) => Number.isFinite(value)),
};
