/** The parts of a Consent (FHIR R4), those of its provisions held against who asks. Total. */
import { isResourceType } from '../fhir/elements.js';
import { purposeOf, type Action, type Label, type Purpose } from './access-vocabulary.js';
import { labelsOf } from './security-labels.js';

/** `unclear`: it cannot be told from what is known here. */
export type Fit = 'yes' | 'no' | 'unclear';

/** What a consent, or a provision of it, says. */
export type Effect = 'permit' | 'deny' | undefined;

/** The fields of an object; undefined for anything else. */
export function fieldsIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A list, or the one value that stands where a list should. */
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The codes of a CodeableConcept. */
function codesIn(concept: unknown): readonly string[] {
  const coding = fieldsIn(concept)?.['coding'];
  return coding === undefined ? [] : listIn(coding).flatMap(codeIn);
}

function codeIn(coding: unknown): string[] {
  const code = fieldsIn(coding)?.['code'];
  return typeof code === 'string' ? [code] : [];
}

/** What `Consent.scope` is about; unclear ones count as about privacy. */
export function scopeOf(scope: unknown): 'privacy' | 'research' | 'other' | 'unclear' {
  const codes = codesIn(scope);
  if (codes.includes('patient-privacy')) return 'privacy';
  if (codes.includes('research')) return 'research';
  return codes.includes('treatment') || codes.includes('adr') ? 'other' : 'unclear';
}

/** HL7 v3 ActCode: `OPTIN` permits, `OPTOUT` refuses; with them those that say how (`OPTINR`, `OPTOUTE`). */
export function baseOf(policyRule: unknown): Effect {
  const codes = codesIn(policyRule);
  if (codes.some((code) => code.startsWith('OPTOUT'))) return 'deny';
  return codes.some((code) => code.startsWith('OPTIN')) ? 'permit' : undefined;
}

/** Elements of a provision that nothing here reads. */
export const unread = ['code', 'data', 'dataPeriod'] as const;

/**
 * `class` names resource types, or kinds of content that are not known here. A type that FHIR does not have is a slip: taken
 * for one, it would hold nothing back.
 */
export function typesOf(classes: unknown): ReadonlySet<string> | 'unclear' {
  const names = listIn(classes).map((each) => fieldsIn(each)?.['code']);
  const isReadable = names.every((name) => typeof name === 'string' && isResourceType(name));
  return isReadable ? new Set(names as string[]) : 'unclear';
}

/** Labels that hold nothing back, or are of systems that are not known here, do not say which records are meant. */
export function labelsNamed(codings: unknown): ReadonlySet<Label> | 'unclear' {
  const named = listIn(codings).map((coding) => labelsOf([coding]));
  return named.some((each) => each.length === 0) ? 'unclear' : new Set(named.flat());
}

/** One of several is enough. */
function anyOf(values: unknown, fit: (value: unknown) => Fit): Fit {
  if (values === undefined) return 'yes';
  const fits = listIn(values).map(fit);
  return fits.includes('yes') ? 'yes' : fits.includes('unclear') || fits.length === 0 ? 'unclear' : 'no';
}

/** Days, months and years last to their end. */
export function fitsPeriod(period: unknown, now: number): Fit {
  if (period === undefined) return 'yes';
  const fields = fieldsIn(period);
  if (fields === undefined) return 'unclear';
  const start = momentOf(fields['start'], 0);
  const end = momentOf(fields['end'], 1);
  if (Number.isNaN(start) || Number.isNaN(end)) return 'unclear';
  return (start === undefined || now >= start) && (end === undefined || now < end) ? 'yes' : 'no';
}

/**
 * The first moment of a FHIR dateTime, or the first after it.
 *
 * @returns undefined without one, NaN for what is none
 */
function momentOf(dateTime: unknown, after: 0 | 1): number | undefined {
  if (dateTime === undefined) return undefined;
  if (typeof dateTime !== 'string') return Number.NaN;
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(dateTime) ?? [];
  if (year === undefined)
    return /T.+(?:Z|[+-]\d{2}:\d{2})$/.test(dateTime) ? Date.parse(dateTime) : Number.NaN;
  if (Number.isNaN(Date.parse(dateTime))) return Number.NaN;
  if (month === undefined) return Date.UTC(Number(year) + after, 0);
  if (day === undefined) return Date.UTC(Number(year), Number(month) - 1 + after);
  return Date.UTC(Number(year), Number(month) - 1, Number(day) + after);
}

interface Actor {
  readonly subject: string;
  readonly organisation: string | undefined;
}

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const odsCode = /^[A-Z0-9]{3,10}$/;

/**
 * By ODS code or the token's subject, as `reference.identifier` or as the id of a reference. A number of another system,
 * such as that of a register of doctors, may be that of whoever asks.
 */
export function fitsActor(actors: unknown, asker: Actor): Fit {
  return anyOf(actors, (actor) => {
    const reference = fieldsIn(fieldsIn(actor)?.['reference']);
    const { system, value } = fieldsIn(reference?.['identifier']) ?? {};
    if (typeof value === 'string') return fitsIdentifier(system, value, asker);
    const text = reference?.['reference'];
    const [, type, id] = typeof text === 'string' ? (/^(\w+)\/([^/]+)$/.exec(text) ?? []) : [];
    if (type === undefined || id === undefined) return 'unclear';
    if (isAsker(id, asker) === 'yes') return 'yes';
    // The id of an Organization that is no ODS code does not say which one it is; nor does that of a Practitioner.
    return type === 'Organization' && odsCode.test(id) ? 'no' : 'unclear';
  });
}

const fitsIdentifier = (system: unknown, value: string, asker: Actor): Fit => {
  if (isAsker(value, asker) === 'yes') return 'yes';
  if (system === undefined) return 'no';
  // What cannot be an ODS code is a slip in the code of somebody, maybe of whoever asks.
  return system === ODS && odsCode.test(value.trim().toUpperCase()) ? 'no' : 'unclear';
};

const isAsker = (value: string, { subject, organisation }: Actor): Fit =>
  value === subject || value.trim().toUpperCase() === organisation ? 'yes' : 'no';

const actionsByCode: Readonly<Record<string, readonly Action[]>> = {
  access: ['r', 's'],
  use: ['r', 's'],
  disclose: ['r', 's'],
  collect: ['c'],
  correct: ['u', 'd'],
};

/** http://terminology.hl7.org/CodeSystem/consentaction */
export function fitsAction(actions: unknown, asked: readonly Action[]): Fit {
  return anyOf(actions, (action) => {
    const codes = codesIn(action);
    if (codes.length === 0) return 'unclear';
    const known = codes.filter((code) => Object.hasOwn(actionsByCode, code));
    if (known.some((code) => actionsByCode[code]?.some((each) => asked.includes(each)))) return 'yes';
    return known.length < codes.length ? 'unclear' : 'no';
  });
}

/** http://terminology.hl7.org/CodeSystem/v3-ActReason, PurposeOfUse */
export function fitsPurpose(purposes: unknown, asked: Purpose): Fit {
  return anyOf(purposes, (purpose) => {
    const code = fieldsIn(purpose)?.['code'];
    const known = typeof code === 'string' ? purposeOf(code) : undefined;
    if (known === undefined) return 'unclear';
    return known === asked ? 'yes' : 'no';
  });
}
