/** What an order or prescription is for, and whether two are for the same. */
import type { Annotation, CodeableConcept, Resource } from 'fhir/r4.js';
import { NOT_STATED, REQUESTED } from '../mapping/medicine-words.js';

interface Order {
  readonly code?: CodeableConcept;
  readonly medicationCodeableConcept?: CodeableConcept;
  readonly contained?: readonly (Resource & { readonly code?: CodeableConcept })[];
  readonly note?: readonly Annotation[];
}

function conceptOf(resource: Resource): CodeableConcept | undefined {
  const { code, medicationCodeableConcept, contained } = resource as Order;
  const medicine = contained?.find(({ resourceType }) => resourceType === 'Medication')?.code;
  return code ?? medicationCodeableConcept ?? medicine;
}

/** Codes of what is ordered. */
export function codingsOf(resource: Resource): NonNullable<CodeableConcept['coding']> {
  const codings = conceptOf(resource)?.coding ?? [];
  return codings.filter((coding) => coding.code !== undefined);
}

/** Words are the same however they are spaced and in capitals or not. */
const plainWords = (text: string): string => text.replace(/\s+/g, '').toLowerCase();

/** What a medicine is called, in plain words. Services are told by their codes alone. */
function namesOf(resource: Resource): readonly string[] {
  if (resource.resourceType !== 'MedicationRequest') return [];
  const { text, coding = [] } = conceptOf(resource) ?? {};
  const names = [text, ...coding.flatMap(({ display, code }) => [display, code])];
  return names.flatMap((name) => (name === undefined || name === NOT_STATED ? [] : [plainWords(name)]));
}

/** The medicine that was asked for, where the pharmacy encodes another one. */
const namesRequested = (resource: Resource): readonly string[] =>
  ((resource as Order).note ?? []).flatMap(({ text }) =>
    text.startsWith(REQUESTED) ? [plainWords(text.slice(REQUESTED.length))] : [],
  );

const hasCommon = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((each) => others.includes(each));

const haveCommonCode = (one: Resource, other: Resource): boolean => {
  const others = codingsOf(other);
  return codingsOf(one).some(({ system, code }) =>
    others.some((each) => each.system === system && each.code === code),
  );
};

const areCoded = (one: Resource, other: Resource): boolean =>
  codingsOf(one).length > 0 && codingsOf(other).length > 0;

/**
 * Whether two orders name what is ordered, and differently: by no common code, or where one of two medicines has none,
 * in other words.
 *
 * @param isMention whether the one is only mentioned in passing: what is dispensed has a code also where the prescription
 * has none, and takes nothing from it
 */
export function asksForAnother(one: Resource, other: Resource, isMention = false): boolean {
  if (areCoded(one, other)) return !haveCommonCode(one, other);
  if (isMention && (codingsOf(one).length > 0 || codingsOf(other).length > 0)) return false;
  const names = namesOf(one);
  const others = namesOf(other);
  return names.length > 0 && others.length > 0 && !hasCommon(names, others);
}

/** Whether two orders are for the same by a code or a name, not just because nothing says otherwise. */
export function isForTheSame(one: Resource, other: Resource): boolean {
  if (haveCommonCode(one, other)) return true;
  const others = namesOf(other);
  return hasCommon(namesRequested(one), others) || (!areCoded(one, other) && hasCommon(namesOf(one), others));
}

/** Whether a medicine is the same as another one that has a code, but has none itself. */
export const isInWords = (one: Resource, other: Resource): boolean =>
  codingsOf(one).length === 0 && codingsOf(other).length > 0 && hasCommon(namesOf(one), namesOf(other));
