/** XAD as Address. */
import type { Address } from 'fhir/r4.js';
import { append, copy, copyOf, textAt } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { copyPeriod } from './simple-values.js';

const POSTCODE = /^([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})$/i;

/** A British postcode in capitals with its space; other texts as they are. */
export function formatPostcode(text: string): string {
  const match = POSTCODE.exec(text);
  return match === null ? text : `${match[1] ?? ''} ${match[2] ?? ''}`.toUpperCase();
}

/**
 * `address(AddressUse, AddressType)`: lines in the order of the Postcode Address File. With `uk` as third argument
 * XAD-4, which has no states to hold there, is the county.
 */
export const address: TransformFactory = ([useTable = '', typeTable = '', country], setting) => {
  const uses = setting.table(useTable);
  const types = setting.table(typeTable);
  const stateKey = country === 'uk' ? 'district' : 'state';
  return (step) => {
    const result: Address = {};
    for (const subcomponent of [1, 2, 3]) append(step, result, 'line', 1, subcomponent);
    append(step, result, 'line', 2);
    append(step, result, 'line', 19);
    copy(step, result, 'city', 3);
    const hasCounty = copy(step, result, 'district', 9);
    copy(step, result, hasCounty ? 'state' : stateKey, 4);
    const postcode = textAt(step, 5);
    if (postcode !== '') copyOf(step, result, 'postalCode', formatPostcode(postcode), 5);
    copy(step, result, 'country', 6);
    if (Object.keys(result).length === 0) return undefined;
    const sentType = textAt(step, 7).toUpperCase();
    const use = uses.get(sentType)?.code;
    const type = types.get(sentType)?.code;
    if (use !== undefined) copyOf(step, result, 'use', use, 7);
    if (type !== undefined) copyOf(step, result, 'type', type, 7);
    copyPeriod(step, result, [13, 14]);
    return result;
  };
};
