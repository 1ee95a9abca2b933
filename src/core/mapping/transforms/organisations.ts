/** XON as Organization. */
import type { Identifier } from 'fhir/r4.js';
import { copy, textAt, trace, traceConstant, type Draft, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { into, referenceTo, share, type Profiles } from './shared-records.js';

const ODS_ORGANISATION = 'https://fhir.nhs.uk/Id/ods-organization-code';
const ODS_SITE = 'https://fhir.nhs.uk/Id/ods-site-code';

/** Patterns of codes that the Organisation Data Service issues, by what they name. */
const ODS_CODES: readonly (readonly [RegExp, string])[] = [
  // Trusts, care trusts, integrated care boards, practices and other organisations.
  [
    /^(?:[A-Z]\d{5}|R[A-Z0-9]{2}|[TQ][A-Z0-9]{2}|X\d{2}|8[A-Z0-9]{4}|N[A-Z0-9]{2}|F[A-Z0-9]{4})$/,
    ODS_ORGANISATION,
  ],
  // A site is its trust's code and two characters more.
  [/^R[A-Z0-9]{2}[A-Z0-9]{2}$/, ODS_SITE],
];

/** The identifier system of an organisation code, if it has the shape of an ODS code. */
export function odsSystemOf(code: string): string | undefined {
  return ODS_CODES.find(([pattern]) => pattern.test(code))?.[1];
}

/** `owner`: the organisation that owns the feed. */
export const owner: TransformFactory =
  (_args, { profiles }) =>
  (step) =>
    referenceTo(odsOrganisation(step, step.run.feed.organisation, profiles));

/** The organisation or site of this ODS code. */
export function odsOrganisation(step: Step, code: string, profiles: Profiles): Draft {
  const system = odsSystemOf(code) ?? ODS_ORGANISATION;
  return share(step.run, 'Organization', system, code, profiles, (shared) => {
    const { resource } = shared;
    resource['identifier'] = [{ system, value: code }];
    traceConstant(step, shared, 'Organization.identifier[0].value');
  });
}

/**
 * `organisation`: XON, identified by its code or, without one, by its name in the feed. `organisation(typed)` states
 * the type of the reference too, by which a list of several types can be told apart.
 */
export const organisation: TransformFactory =
  ([form], { profiles }) =>
  (step) => {
    const codeComponent = textAt(step, 10) === '' ? 3 : 10;
    const code = textAt(step, codeComponent);
    const name = textAt(step, 1);
    if (code === '' && name === '') return undefined;
    const system = odsSystemOf(code) ?? `${step.run.feed.localSystems.location}/organisation`;
    const identity = code === '' ? `name:${name}` : code;
    const draft = share(step.run, 'Organization', system, identity, profiles, (shared) => {
      if (code !== '') {
        const value: Identifier = { system };
        copy(into(step, shared, 'identifier[0]'), value, 'value', codeComponent);
        shared.resource['identifier'] = [value];
      }
      copy(into(step, shared, ''), shared.resource, 'name', 1);
    });
    trace(step, '', name === '' ? codeComponent : 1);
    const reference = referenceTo(draft, name);
    if (form === 'typed') reference.type = 'Organization';
    return reference;
  };
