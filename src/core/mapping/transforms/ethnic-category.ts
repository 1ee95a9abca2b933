/** The ethnic category of the NHS among fields that other countries fill with codes of their own. */
import type { TransformFactory } from '../engine/transform.js';
import { textAt, type Step } from '../engine/run.js';
import { conceptBy, conceptIfKnown } from './coded-values.js';
import { upperCase } from '../../upper-case.js';

/** Tables whose letters mean something else: N is not Hispanic there, and African here. */
const FOREIGN = /^(?:HL7|CDC)/;

const isForeign = (step: Step): boolean =>
  FOREIGN.test(upperCase(textAt(step, 3))) || textAt(step, 2).toUpperCase().includes('HISPANIC');

/**
 * `ethnicCategory(EthnicCategory)`: PID-22. Codes that the message attributes to another table are left out.
 * `ethnicCategory(EthnicCategory, named)`: PID-10, where the letters of American races would be taken for British
 * categories, so that only a code counts whose text is that of the category.
 */
export const ethnicCategory: TransformFactory = ([tableName = '', form], setting) => {
  const table = setting.table(tableName);
  const readKnown = conceptIfKnown([tableName], setting);
  const readAny = conceptBy([tableName], setting);
  return (step) => {
    if (isForeign(step)) return undefined;
    if (form !== 'named') return readAny(step);
    const name = table.get(textAt(step, 1))?.display ?? '';
    const isNamed = name !== '' && textAt(step, 2).toUpperCase() === name.toUpperCase();
    return isNamed ? readKnown(step) : undefined;
  };
};
