/** XTN as ContactPoint. */
import type { ContactPoint } from 'fhir/r4.js';
import { copyOf, textAt, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { untraced } from './shared-records.js';
import { copyPeriod } from './simple-values.js';
import { upperCase } from '../../upper-case.js';

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
    const equipment = upperCase(textAt(step, 3));
    const isEmail = point.value.includes('@') || (valueComponent === 4 && !isNumber(point.value));
    const system = isEmail ? 'email' : systems.get(equipment)?.code;
    copyOf(step, point, 'system', system ?? 'phone', isEmail ? valueComponent : 3);
    copyUse(step, point, equipment, uses.get(upperCase(textAt(step, 2)))?.code, defaultUse);
    copyPeriod(step, point, [13, 14]);
    const rank = textAt(step, 18);
    if (/^[1-9]\d{0,8}$/.test(rank)) copyOf(step, point, 'rank', Number(rank), 18);
    return point;
  };
};

/**
 * `numberBesideEmail(TelecomUse, home)`: the telephone number of an XTN that states an address of electronic mail as
 * well, of which `contactPoint` makes only the address.
 */
export const numberBesideEmail: TransformFactory = ([useTable = '', defaultUse], setting) => {
  const uses = setting.table(useTable);
  return (step) => {
    const email = textAt(step, 4);
    if (email === '' || copyValue(untraced(step), {}) !== 4) return undefined;
    const point: ContactPoint = {};
    copyNumber(step, point);
    // Senders repeat the address where the number belongs.
    if (point.value === undefined || !/\d{3}/.test(point.value) || point.value.includes('@'))
      return undefined;
    point.system = 'phone';
    const use = uses.get(upperCase(textAt(step, 2)))?.code;
    if (use !== undefined) copyOf(step, point, 'use', use, 2);
    else if (defaultUse !== undefined) point.use = defaultUse as NonNullable<ContactPoint['use']>;
    return point;
  };
};

function copyUse(
  step: Step,
  point: ContactPoint,
  equipment: string,
  use: string | undefined,
  defaultUse: string | undefined,
): void {
  if (equipment === 'CP' || equipment === 'MC') copyOf(step, point, 'use', 'mobile', 3);
  else if (use !== undefined) copyOf(step, point, 'use', use, 2);
  else if (defaultUse !== undefined && textAt(step, 2) === '')
    point.use = defaultUse as NonNullable<ContactPoint['use']>;
}

/** @returns the component that held the value */
function copyValue(step: Step, point: ContactPoint): number {
  const equipment = upperCase(textAt(step, 3));
  const isInternet = equipment === 'INTERNET' || equipment === 'X.400' || textAt(step, 2) === 'NET';
  const email = textAt(step, 4);
  // Whatever the type says, an address with an @ is one of electronic mail.
  if (email !== '' && (isInternet || email.includes('@'))) return copyText(step, point, email, 4);
  return copyNumber(step, point);
}

/** @returns the component that held the number */
function copyNumber(step: Step, point: ContactPoint): number {
  for (const component of [1, 12]) {
    const value = textAt(step, component);
    if (value !== '') return copyText(step, point, value, component);
  }
  const assembled = assemble(step);
  if (assembled !== '') return copyText(step, point, assembled, 7);
  const elsewhere = MISPLACED.find((component) => isNumber(textAt(step, component)));
  return elsewhere === undefined ? 7 : copyText(step, point, textAt(step, elsewhere), elsewhere);
}

/** Components where some senders write the whole number: that of the e-mail address, of notes and of extensions. */
const MISPLACED = [4, 9, 10, 11];

/** Whether a text is a telephone number and nothing else: digits, six at least, and what people write between them. */
const isNumber = (text: string): boolean =>
  /^[+(\d][\d\s()./+-]*$/.test(text) && text.replace(/\D/g, '').length > 5;

function copyText(step: Step, point: ContactPoint, value: string, component: number): number {
  copyOf(step, point, 'value', value, component);
  return component;
}

/** XTN-5 to XTN-8: country, area, number and extension as one number. */
function assemble(step: Step): string {
  const number = textAt(step, 7);
  if (number === '') return '';
  const country = textAt(step, 5);
  const extension = textAt(step, 8);
  const parts = [
    country === '' ? '' : country.startsWith('+') ? country : `+${country}`,
    textAt(step, 6),
    number,
    extension === '' ? '' : `X${extension}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
