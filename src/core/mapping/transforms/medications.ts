/** What a medicine is: its code, and where the sender states more, form, strength, components and batch. */
import type {
  Annotation,
  CodeableConcept,
  Medication,
  MedicationIngredient,
  Quantity,
  Ratio,
  Reference,
} from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { trace, textAt, type Json, type Step } from '../engine/run.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory, TransformSetting } from '../engine/transform.js';
import { NOT_STATED, REQUESTED } from '../medicine-words.js';
import { toFhirDateTime } from '../times/hl7-time.js';
import { amountAt, unitSetting, type UnitSetting } from './amounts.js';
import { sentConcept } from './coded-values.js';
import { entityIdentifier } from './identifiers.js';
import { partsOf } from './prescription-parts.js';
import { timeAt } from './simple-values.js';
import { practitionerAt } from './staff.js';

/** Where a segment describes the medicine; 0 where it does not. */
interface MedicineFields {
  readonly code: number;
  readonly form: number;
  readonly strength: number;
  readonly strengthUnit: number;
  readonly volume: number;
  readonly volumeUnit: number;
  readonly lot: number;
  readonly expiry: number;
}

const FIELDS: Readonly<Record<string, MedicineFields>> = {
  RXO: { code: 1, form: 5, strength: 18, strengthUnit: 19, volume: 25, volumeUnit: 26, lot: 0, expiry: 0 },
  RXE: { code: 2, form: 6, strength: 25, strengthUnit: 26, volume: 33, volumeUnit: 34, lot: 0, expiry: 0 },
  RXD: { code: 2, form: 6, strength: 16, strengthUnit: 17, volume: 0, volumeUnit: 0, lot: 18, expiry: 19 },
  RXG: { code: 4, form: 8, strength: 17, strengthUnit: 18, volume: 0, volumeUnit: 0, lot: 19, expiry: 20 },
  RXA: { code: 5, form: 8, strength: 13, strengthUnit: 14, volume: 0, volumeUnit: 0, lot: 15, expiry: 16 },
};

const CONTAINED = 'medication';

interface Setting {
  readonly units: UnitSetting;
  readonly codeSystems: TransformSetting['codeSystems'];
}

/** `medicine(Units)`: a contained Medication, where the sender states more about the medicine than its code. */
export const medicine: TransformFactory = ([units = ''], setting) => {
  const used: Setting = { units: unitSetting(units, setting), codeSystems: setting.codeSystems };
  return (step): Medication | undefined => {
    const fields = FIELDS[step.node.segment.name];
    if (fields === undefined) return undefined;
    const ingredient = ingredientsOf(step, fields, used);
    const form = conceptAt(step, step.node, fields.form, 'form', used);
    const batch = batchOf(step, fields);
    if (form === undefined && batch === undefined && ingredient.length === 0) return undefined;
    const code = conceptAt(step, step.node, fields.code, 'code', used) ?? { text: NOT_STATED };
    return {
      resourceType: 'Medication',
      id: CONTAINED,
      code,
      ...(form && { form }),
      ...(ingredient.length > 0 && { ingredient }),
      ...(batch && { batch }),
    };
  };
};

/** `medicineReference`: the contained Medication of the record. */
export const medicineReference: TransformFactory =
  () =>
  (step): Reference | undefined => {
    const [contained] = (step.draft.resource['contained'] ?? []) as Medication[];
    if (contained === undefined) return undefined;
    step.draft.removed.push('medicationCodeableConcept');
    const display = contained.code?.coding?.[0]?.display ?? contained.code?.text;
    return { reference: `#${CONTAINED}`, ...(display === undefined ? {} : { display }) };
  };

/** `medicineCode`: the medicine by its code alone, where nothing more is stated. */
export const medicineCode: TransformFactory =
  (_args, setting) =>
  (step): CodeableConcept | undefined => {
    if (isDescribed(step.draft.resource)) return undefined;
    step.draft.removed.push('medicationReference', 'contained');
    return sentConcept(step, setting.codeSystems);
  };

/** `medicineNotStated`: FHIR requires a medicine. */
export const medicineNotStated: TransformFactory =
  () =>
  (step): CodeableConcept | undefined =>
    isDescribed(step.draft.resource) ? undefined : { text: NOT_STATED };

const isDescribed = (resource: Json): boolean => resource['medicationReference'] !== undefined;

function at(step: Step, node: SegmentNode, field: number, part: string): Step {
  const { run, draft, element, rule } = step;
  return { run, node, field, repetition: 1, component: 0, draft, element: `${element}.${part}`, rule };
}

function conceptAt(step: Step, node: SegmentNode, field: number, part: string, setting: Setting) {
  if (field === 0 || !node.segment.has(field)) return undefined;
  const value = sentConcept(at(step, node, field, part), setting.codeSystems);
  if (value !== undefined) markField(node, field, 1, { fate: 'mapped', rule: step.rule });
  return value;
}

function quantityAt(
  step: Step,
  node: SegmentNode,
  field: number,
  unit: number,
  part: string,
  setting: Setting,
) {
  if (field === 0 || !node.segment.has(field)) return undefined;
  const value = amountAt(at(step, node, field, part), unit, setting.units);
  if (value !== undefined) markField(node, field, 1, { fate: 'mapped', rule: step.rule });
  return value;
}

/** Amounts are in one unit of the medicine where no volume says otherwise. */
const ratio = (numerator: Quantity, denominator: Quantity | undefined): Ratio => ({
  numerator,
  denominator: denominator ?? { value: 1 },
});

/** The medicine itself with its strength, then its components (RXC): of each the amount, else the strength. */
function ingredientsOf(step: Step, fields: MedicineFields, setting: Setting): MedicationIngredient[] {
  const result: MedicationIngredient[] = [];
  const own = 'ingredient[0].strength';
  const strength = quantityAt(
    step,
    step.node,
    fields.strength,
    fields.strengthUnit,
    `${own}.numerator`,
    setting,
  );
  if (strength !== undefined) {
    const volume = quantityAt(
      step,
      step.node,
      fields.volume,
      fields.volumeUnit,
      `${own}.denominator`,
      setting,
    );
    const item = conceptAt(step, step.node, fields.code, 'ingredient[0].itemCodeableConcept', setting);
    result.push({ itemCodeableConcept: item ?? { text: NOT_STATED }, strength: ratio(strength, volume) });
  }
  for (const node of partsOf(step.node, 'RXC')) {
    const part = `ingredient[${result.length}]`;
    const item = conceptAt(step, node, 2, `${part}.itemCodeableConcept`, setting);
    if (item === undefined) continue;
    const numerator =
      quantityAt(step, node, 3, 4, `${part}.strength.numerator`, setting) ??
      quantityAt(step, node, 5, 6, `${part}.strength.numerator`, setting);
    result.push({
      itemCodeableConcept: item,
      ...(numerator === undefined ? {} : { strength: ratio(numerator, undefined) }),
    });
  }
  return result;
}

function batchOf(step: Step, { lot, expiry }: MedicineFields): Medication['batch'] {
  const lotSource = at(step, step.node, lot, 'batch.lotNumber');
  const lotNumber = lot === 0 ? '' : textAt(lotSource, 1);
  const expirySource = at(step, step.node, expiry, 'batch.expirationDate');
  const expires = expiry === 0 ? undefined : timeAt(expirySource);
  if (lotNumber !== '') trace(lotSource, '', 1);
  if (expires !== undefined) trace(expirySource, '', 1);
  if (lotNumber === '' && expires === undefined) return undefined;
  for (const { field } of [lotSource, expirySource])
    if (step.node.segment.has(field)) markField(step.node, field, 1, { fate: 'mapped', rule: step.rule });
  return {
    ...(lotNumber === '' ? {} : { lotNumber }),
    ...(expires === undefined ? {} : { expirationDate: toFhirDateTime(expires, step.run.feed.timeZone) }),
  };
}

/** `requestedMedicine`: what was asked for (RXO-1) where the pharmacy encodes another medicine, as a note. */
export const requestedMedicine: TransformFactory =
  () =>
  (step): Annotation | undefined => {
    const encoded = findSegment(step.node, 'RXE');
    if (encoded === undefined || encoded === step.node.parent) return undefined;
    const requested = textAt(step, 1) + textAt(step, 2);
    const other = at(step, encoded, 2, '');
    if (requested === '' || requested === textAt(other, 1) + textAt(other, 2)) return undefined;
    const component = [9, 2, 1].find((candidate) => textAt(step, candidate) !== '');
    trace(step, 'text', component);
    return { text: `${REQUESTED}${textAt(step, component ?? 1)}` };
  };

/** `prescriptionReference`: the prescription that the order's number (ORC-2) names, or the record that the message makes of it. */
export const prescriptionReference: TransformFactory = (_args, setting) => {
  const readNumber = entityIdentifier(['order'], setting);
  return (step): Reference | undefined => {
    const orc = step.node;
    for (const { drafts } of orc.children) {
      const draft = drafts.find(({ resource }) => resource.resourceType === 'MedicationRequest');
      if (draft !== undefined) return { reference: draft.reference };
    }
    const { run, draft, element, rule, field } = step;
    const source: Step = {
      run,
      node: orc,
      field,
      repetition: 1,
      component: 0,
      // The number is that of another record: the numbers of this one do not matter.
      draft: { ...draft, resource: { resourceType: 'MedicationRequest', id: '' } },
      element: `${element}.identifier`,
      rule,
    };
    const identifier = readNumber(source) as Reference['identifier'];
    return identifier && { type: 'MedicationRequest', identifier };
  };
};

/** `performerAs(NameUse, AP, Administering Provider)`: XCN as a performer in a role of table 0443. */
export const performerAs: TransformFactory = ([useTable = '', code, display], { table, profiles }) => {
  if (code === undefined || display === undefined)
    throw new RangeError('performerAs needs a role and its display');
  const uses = table(useTable);
  const role = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code, display }] };
  return (step) => {
    const actor = practitionerAt({ ...step, element: `${step.element}.actor` }, uses, profiles);
    return actor && { function: role, actor };
  };
};

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** `timeNotStated`: FHIR requires a time of administration, or why there is none. */
export const timeNotStated: TransformFactory = () => (step) => {
  const { effectiveDateTime, effectivePeriod } = step.draft.resource;
  return effectiveDateTime === undefined && effectivePeriod === undefined
    ? { extension: [{ url: ABSENT, valueCode: 'unknown' }] }
    : undefined;
};

const hasNoDose = ({ draft }: Step): boolean => {
  const dosage = draft.resource['dosage'] as Json | undefined;
  return dosage !== undefined && dosage['dose'] === undefined;
};

/** `doseNotStatedText`: says so where route or site are stated without an amount. */
export const doseNotStatedText: TransformFactory = () => (step) =>
  hasNoDose(step) ? 'Amount not stated' : undefined;

/** `absentDose`: the dose that FHIR requires (R4 mad-1) where route, site or a text are stated without an amount. */
export const absentDose: TransformFactory = () => (step) =>
  hasNoDose(step)
    ? {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
        ],
      }
    : undefined;
