/** XAD as Address. */
import type { Address } from 'fhir/r4.js';
import { append, copy, copyOf, textAt, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { copyPeriod, copyRange } from './simple-values.js';
import { upperCase } from '../../upper-case.js';

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
    appendStreet(step, result);
    append(step, result, 'line', 2);
    append(step, result, 'line', 19);
    copy(step, result, 'city', 3);
    // Since version 2.7 a code may stand before the name of the county.
    const countyPart = textAt(step, 9, 1) === '' ? 2 : 0;
    const hasCounty = copy(step, result, 'district', 9, countyPart);
    copy(step, result, hasCounty ? 'state' : stateKey, 4);
    const postcode = textAt(step, 5);
    if (postcode !== '') copyOf(step, result, 'postalCode', formatPostcode(postcode), 5);
    copy(step, result, 'country', 6);
    if (Object.keys(result).length === 0) return undefined;
    const sentType = upperCase(textAt(step, 7));
    const use = uses.get(sentType)?.code;
    const type = types.get(sentType)?.code;
    if (use !== undefined) copyOf(step, result, 'use', use, 7);
    if (type !== undefined) copyOf(step, result, 'type', type, 7);
    // Since version 2.6 the two ends have components of their own.
    if (textAt(step, 13) !== '' || textAt(step, 14) !== '') copyPeriod(step, result, [13, 14]);
    else copyRange(step, result, 12);
    return result;
  };
};

/** SAD: the street as written, and its name and house number where they are not part of it already. */
function appendStreet(step: Step, result: Address): void {
  append(step, result, 'line', 1, 1);
  const street = ` ${textAt(step, 1, 1)} `;
  for (const subcomponent of [2, 3]) {
    if (!street.includes(` ${textAt(step, 1, subcomponent)} `)) append(step, result, 'line', 1, subcomponent);
  }
}

/** `county`: a county that stands alone (PID-12). */
export const county: TransformFactory = () => (step) => textAt(step, 2) || textAt(step, 1) || undefined;

/** `place`: the name of a place, or an address, on one line. */
export const place: TransformFactory = () => (step) => {
  const count = step.node.segment.components(step.field, step.repetition);
  const parts: string[] = [];
  for (let component = 1; component <= count; component++) {
    const part = textAt(step, component);
    if (part !== '') parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join(', ');
};
