/** Amounts of medicines: a number in one field and its unit in another, or both in one (CQ). */
import type { Quantity } from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import type { CodedValue } from '../engine/pack.js';
import { copy, copyOf, report, textAt, trace, type Step } from '../engine/run.js';
import type { TransformFactory, TransformSetting } from '../engine/transform.js';
import { parseDecimal } from './numbers.js';
import { powerUnit, setDecimal } from './quantities.js';

const UCUM = 'http://unitsofmeasure.org';

/** What reading a unit needs. */
export interface UnitSetting {
  readonly units: ReadonlyMap<string, CodedValue>;
  readonly codeSystems: TransformSetting['codeSystems'];
}

/** @param name of the table of units */
export const unitSetting = (name: string, { table, codeSystems }: TransformSetting): UnitSetting => ({
  units: table(name),
  codeSystems,
});

/** `amount(Units, 7)`: NM with its unit in another field (CWE) of the segment; `amount(Units)`: CQ. */
export const amount: TransformFactory = ([units = '', unitField], setting) => {
  const used = unitSetting(units, setting);
  const field = unitField === undefined ? undefined : Number(unitField);
  if (field !== undefined && !Number.isInteger(field))
    throw new RangeError('amount takes the field of the unit');
  return (step) => (field === undefined ? compositeAmount(step, used) : amountAt(step, field, used));
};

/** A number that is none is reported and makes no amount: what is written stays unmapped and is seen. */
export function amountAt(step: Step, unitField: number, setting: UnitSetting): Quantity | undefined {
  const result = numberAt(step);
  if (result === undefined) return undefined;
  if (step.node.segment.has(unitField)) {
    const { run, node, draft, element, rule } = step;
    copyUnit(
      { run, node, field: unitField, repetition: 1, component: 0, draft, element, rule },
      result,
      setting,
    );
    markField(node, unitField, 1, { fate: 'mapped', rule });
  }
  return result;
}

/** CQ: the number and its unit, whose parts are subcomponents. */
export function compositeAmount(step: Step, setting: UnitSetting): Quantity | undefined {
  const result = numberAt(step);
  if (result === undefined) return undefined;
  const { run, node, field, repetition, draft, element, rule } = step;
  if (step.component > 0) copyPlainUnit(step, result, setting);
  else copyUnit({ run, node, field, repetition, component: 2, draft, element, rule }, result, setting);
  return result;
}

/** The unit of a CQ that is itself a component (TQ-1) has no parts of its own. */
function copyPlainUnit(step: Step, target: Quantity, { units }: UnitSetting): void {
  if (!copy(step, target, 'unit', 2)) return;
  const known = units.get(textAt(step, 2));
  if (known === undefined) return;
  target.system = UCUM;
  copyOf(step, target, 'code', known.code, 2);
}

function numberAt(step: Step): Quantity | undefined {
  const text = textAt(step, 1);
  if (text === '') return undefined;
  const decimal = parseDecimal(text);
  if (decimal === undefined) {
    report(step, 'HDE_HL7_DATA_TYPE', 'a number that can be kept digit for digit', 1);
    return undefined;
  }
  const result: Quantity = {};
  setDecimal(result, decimal);
  trace(step, 'value', 1);
  return result;
}

/** The unit in the sender's words, with its code where the sender names the system or UCUM has the same unit. */
function copyUnit(step: Step, target: Quantity, { units, codeSystems }: UnitSetting): void {
  const power = powerUnit(step);
  const code = power ?? textAt(step, 1);
  if (power !== undefined) copyOf(step, target, 'unit', power, 0);
  else if (!copy(step, target, 'unit', 2) && !copy(step, target, 'unit', 1)) return;
  if (code === '' || /\s/.test(code)) return;
  const system = power === undefined ? codeSystems.get(textAt(step, 3).toUpperCase()) : undefined;
  if (system !== undefined) {
    target.system = system;
    copyOf(step, target, 'code', code, 1);
    return;
  }
  const known = units.get(code);
  if (known === undefined) return;
  target.system = UCUM;
  copyOf(step, target, 'code', known.code, power === undefined ? 1 : 0);
}

/** `wholeNumber`: a whole number, zero included; anything else is reported. */
export const wholeNumber: TransformFactory = () => (step) => {
  const sent = textAt(step, 1);
  if (/^\d{1,9}$/.test(sent)) return Number(sent);
  if (sent !== '') report(step, 'HDE_HL7_DATA_TYPE', 'a whole number', 1);
  return undefined;
};
