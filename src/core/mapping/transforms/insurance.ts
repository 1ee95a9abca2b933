/** IN1: who pays, and for which plan. */
import type { Coverage, Identifier } from 'fhir/r4.js';
import type { Feed } from '../../feed.js';
import { systemOf } from '../../identity/assigning-authority.js';
import { markField } from '../engine/ledger.js';
import { copy, readText, textAt, trace, type Step } from '../engine/run.js';
import type { Transform, TransformFactory } from '../engine/transform.js';
import { address } from './addresses.js';
import { contactPoint } from './contact-points.js';
import { odsSystemOf } from './organisations.js';
import { readPart } from './parts.js';
import { into, referenceTo, share } from './shared-records.js';

/**
 * `payor`: the insurance company, known by its number (IN1-3), else by the code in its name (IN1-4), else by the name;
 * its address (IN1-5) and telephone (IN1-7) are stated when it is mentioned for the first time. Read from IN1 as such.
 */
export const payor: TransformFactory = (_args, setting) => {
  const readAddress = address(['OrganisationAddressUse', 'AddressType'], setting);
  const readPhone = contactPoint(['OrganisationTelecomUse', 'TelecomSystem', 'work'], setting);
  return (step) => {
    const number = fieldStep(step, 3);
    const name = fieldStep(step, 4);
    const identifier = companyIdentifier(step);
    const shown = textAt(name, 1);
    if (identifier === undefined && shown === '') return undefined;
    const { system, value } = identifier ?? {
      system: insurersOf(step.run.feed),
      value: `name:${shown}`,
    };
    const draft = share(step.run, 'Organization', system ?? '', value ?? '', setting.profiles, (shared) => {
      if (identifier !== undefined) {
        shared.resource['identifier'] = [identifier];
        trace(into(textAt(number, 1) === '' ? name : number, shared, 'identifier[0]'), 'value', 1);
      }
      copy(into(name, shared, ''), shared.resource, 'name', 1);
      fillList(into(step, shared, ''), 5, 'address', readAddress);
      fillList(into(step, shared, ''), 7, 'telecom', readPhone);
    });
    if (shown !== '') trace(name, 'display', 1);
    else trace(number, 'reference', 1);
    for (const field of [3, 4, 5, 7]) markIfValued(step, field);
    return referenceTo(draft, shown);
  };
};

function fillList(step: Step, field: number, name: string, read: Transform): void {
  const value = readPart(step, field, `${name}[0]`, read);
  if (value !== undefined) (step.draft.resource as Record<string, unknown>)[name] = [value];
}

function markIfValued({ node, rule }: Step, field: number): void {
  if (node.segment.raw(field, 1) !== '') markField(node, field, 1, { fate: 'mapped', rule });
}

/** Numbers of insurers are not those of other organisations. */
const insurersOf = (feed: Feed): string => `${feed.localSystems.location}/insurer`;

/** IN1-3, else XON-10 or XON-3 of IN1-4. */
function companyIdentifier(step: Step): Identifier | undefined {
  const { feed } = step.run;
  const local = insurersOf(feed);
  const number = fieldStep(step, 3);
  const value = textAt(number, 1);
  if (value !== '') {
    const authority = { namespace: textAt(number, 4, 1), universal: textAt(number, 4, 2), type: '' };
    return { system: odsSystemOf(value) ?? systemOf(authority, feed, local), value };
  }
  const name = fieldStep(step, 4);
  const code = textAt(name, 10) || textAt(name, 3);
  return code === '' ? undefined : { system: odsSystemOf(code) ?? local, value: code };
}

function fieldStep({ run, node, draft, element, rule }: Step, field: number): Step {
  return { run, node, field, repetition: 1, component: 0, draft, element, rule };
}

const CLASSES = 'http://terminology.hl7.org/CodeSystem/coverage-class';

/** `coverageClass(plan)`, `coverageClass(group, 9)`: the number of the plan or group, and its name (CWE-2, or a field). */
export const coverageClass: TransformFactory = ([type, nameField]) => {
  if (type === undefined) throw new RangeError('coverageClass needs a type');
  const field = Number(nameField ?? 0);
  return (step): NonNullable<Coverage['class']>[number] | undefined => {
    const value = textAt(step, 1) || textAt(step, 2);
    if (value === '') return undefined;
    trace(step, 'value', textAt(step, 1) === '' ? 2 : 1);
    const name = field === 0 ? textAt(step, 2) : readText(step.run.message, step.node.segment, field, 1, 1);
    if (name !== '') trace(field === 0 ? step : fieldStep(step, field), 'name', field === 0 ? 2 : 1);
    if (field > 0) markIfValued(step, field);
    return {
      type: { coding: [{ system: CLASSES, code: type }] },
      value,
      ...(name === '' ? {} : { name }),
    };
  };
};
