/**
 * What cannot be told of a Consent: by it `compileConsents` would withhold more than is meant, or nothing at all. Whoever
 * states it is told at once.
 */
import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import {
  baseOf,
  fieldsIn,
  fitsAction,
  fitsActor,
  fitsPeriod,
  fitsPurpose,
  labelsNamed,
  scopeOf,
  typesOf,
  unread,
} from './consent-parts.js';

/** More findings than these help nobody. */
const mostIssues = 50;

/**
 * What cannot be told of an active consent to sharing, each with its place; nothing for any other resource. No value of it
 * appears.
 */
export function doubtsOfConsent(resource: Resource): Issue[] {
  const { resourceType, status, scope, patient, policy, policyRule, provision } = { ...fieldsIn(resource) };
  if (resourceType !== 'Consent' || status !== 'active') return [];
  const about = scopeOf(scope);
  if (about === 'other') return [];
  const isSilent = baseOf(policyRule) === undefined && !saysSomething(provision);
  // What it permits or refuses stands in a text elsewhere: a record of an agreement, which changes nothing here.
  const restsOnPolicy = isSilent && policyRule === undefined && policy !== undefined;
  return [
    ...(about === 'unclear' ? [doubt('Consent.scope', 'a code of the code system consentscope')] : []),
    ...(patient === undefined ? [doubt('Consent.patient', 'is needed: it would concern nobody')] : []),
    ...(restsOnPolicy ? [] : doubtsOfEffect(isSilent, provision)),
  ].slice(0, mostIssues);
}

const doubtsOfEffect = (isSilent: boolean, provision: unknown): Issue[] => [
  ...(isSilent ? [doubt('Consent.provision.type', 'is needed, or a policyRule OPTIN or OPTOUT')] : []),
  ...doubtsIn(provision, 'Consent.provision'),
];

const doubt = (location: string, detail: string): Issue => ({
  code: 'HDE_CONSENT_UNCLEAR',
  severity: 'error',
  location,
  detail,
});

function saysSomething(provision: unknown): boolean {
  const { type, provision: nested } = { ...fieldsIn(provision) };
  return type !== undefined || (Array.isArray(nested) && nested.some(saysSomething));
}

interface Part {
  readonly isClear: (value: unknown) => boolean;
  /** What would be clear. */
  readonly wanted: string;
}

/** Nobody fits it: what is unclear about this asker is so about all that it does not happen to name. */
const anybody = { subject: '', organisation: undefined };

const unreadPart: Part = {
  isClear: () => false,
  wanted: 'is not read: name records by class or securityLabel',
};

const parts: Readonly<Record<string, Part>> = {
  period: { isClear: (value) => fitsPeriod(value, 0) !== 'unclear', wanted: 'dates, or times with a zone' },
  actor: {
    isClear: (value) => fitsActor([value], anybody) !== 'unclear',
    wanted: 'reference.identifier with an ODS code',
  },
  action: {
    isClear: (value) => fitsAction([value], []) !== 'unclear',
    wanted: 'codes of the code system consentaction',
  },
  purpose: {
    isClear: (value) => fitsPurpose([value], 'direct-care') !== 'unclear',
    wanted: 'a code of v3 PurposeOfUse that the access model knows',
  },
  class: { isClear: (value) => typesOf([value]) !== 'unclear', wanted: 'a type of resource' },
  securityLabel: {
    isClear: (value) => labelsNamed([value]) !== 'unclear',
    wanted: 'a security label that holds something back',
  },
  ...Object.fromEntries(unread.map((name) => [name, unreadPart])),
};

function doubtsIn(provision: unknown, place: string): Issue[] {
  const fields = fieldsIn(provision) ?? {};
  const own = Object.entries(parts).flatMap(([name, { isClear, wanted }]) =>
    placed(fields[name], `${place}.${name}`)
      .filter(({ value }) => !isClear(value))
      .map(({ location }) => doubt(location, wanted)),
  );
  const nested = placed(fields['provision'], `${place}.provision`);
  return [...own, ...nested.flatMap(({ value, location }) => doubtsIn(value, location))];
}

/** The values of an element, each with its place. */
function placed(values: unknown, place: string): { readonly value: unknown; readonly location: string }[] {
  if (values === undefined) return [];
  return Array.isArray(values)
    ? values.map((value: unknown, at) => ({ value, location: `${place}[${at}]` }))
    : [{ value: values, location: place }];
}
