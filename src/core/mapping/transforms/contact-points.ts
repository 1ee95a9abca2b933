/** XTN as ContactPoint. */
import type { ContactPoint } from 'fhir/r4.js';
import { copyOf, textAt, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';

/**
 * `contactPoint(TelecomUse, TelecomSystem, home)`: always with system and value, as UK Core asks. The third argument
 * is the use of the field where XTN-2 gives none (PID-13 home, PID-14 work).
 */
export const contactPoint: TransformFactory = ([useTable = '', systemTable = '', defaultUse], setting) => {
  const uses = setting.table(useTable);
  const systems = setting.table(systemTable);
  return (step) => {
    const point: ContactPoint = {};
    const valueComponent = copyValue(step, point);
    if (point.value === undefined) return undefined;
    const equipment = textAt(step, 3).toUpperCase();
    const isEmail = valueComponent === 4 || point.value.includes('@');
    const system = isEmail ? 'email' : systems.get(equipment)?.code;
    copyOf(step, point, 'system', system ?? 'phone', isEmail ? valueComponent : 3);
    const isMobile = equipment === 'CP' || equipment === 'MC';
    const use = isMobile ? 'mobile' : uses.get(textAt(step, 2).toUpperCase())?.code;
    if (use !== undefined) copyOf(step, point, 'use', use, isMobile ? 3 : 2);
    else if (defaultUse !== undefined && textAt(step, 2) === '') return { ...point, use: defaultUse };
    return point;
  };
};

/** @returns the component that held the value */
function copyValue(step: Step, point: ContactPoint): number {
  const isInternet = ['INTERNET', 'X.400'].includes(textAt(step, 3).toUpperCase());
  for (const component of isInternet ? [4, 1, 12] : [1, 12, 4]) {
    const value = textAt(step, component);
    if (value === '') continue;
    copyOf(step, point, 'value', value, component);
    return component;
  }
  const assembled = assemble(step);
  if (assembled !== '') copyOf(step, point, 'value', assembled, 7);
  return 7;
}

/** XTN-5 to XTN-8: country, area, number and extension as one number. */
function assemble(step: Step): string {
  const number = textAt(step, 7);
  if (number === '') return '';
  const country = textAt(step, 5);
  const extension = textAt(step, 8);
  const parts = [
    country === '' ? '' : `+${country.replace(/^\+/, '')}`,
    textAt(step, 6),
    number,
    extension === '' ? '' : `X${extension}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
