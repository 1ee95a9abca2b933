/** XCN as Practitioner and PractitionerRole. */
import type { HumanName, Identifier, Reference } from 'fhir/r4.js';
import type { Feed } from '../../feed.js';
import { uriSegment } from '../../identity/assigning-authority.js';
import { markField } from '../engine/ledger.js';
import { below, copyOf, textAt, trace, traceConstant, type Step } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { displayOf, staffName } from './human-names.js';
import { organisation } from './organisations.js';
import { into, referenceTo, share, untraced, type Profiles } from './shared-records.js';
import { upperCase } from '../../upper-case.js';

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** Registers by the authority or type that names them in XCN-9 or XCN-13, and by the shape of their numbers. */
const REGISTERS: readonly {
  readonly names: readonly string[];
  readonly shape?: RegExp;
  readonly system: string;
}[] = [
  { names: ['GMC'], system: 'https://fhir.hl7.org.uk/Id/gmc-number' },
  { names: ['GMP'], shape: /^G\d{7}$/, system: 'https://fhir.hl7.org.uk/Id/gmp-number' },
  { names: ['NMC'], system: 'https://fhir.hl7.org.uk/Id/nmc-number' },
  { names: ['GPHC'], system: 'https://fhir.hl7.org.uk/Id/gphc-number' },
  { names: ['HCPC'], system: 'https://fhir.hl7.org.uk/Id/hcpc-number' },
  { names: ['SDS'], system: 'https://fhir.nhs.uk/Id/sds-user-id' },
  { names: ['NPI', '2.16.840.1.113883.4.6'], system: 'http://hl7.org/fhir/sid/us-npi' },
];
/** NHS consultant code: C and the seven digits of the General Medical Council reference number. */
const CONSULTANT_CODE = /^C(\d{7})$/;

/**
 * The system and value by which a member of staff is known everywhere, else within the feed. An authority may be named by
 * its universal id alone: the same number is somebody else's with another one.
 */
function staffIdentifier(step: Step): { readonly system: string; readonly value: string } {
  const authority = textAt(step, 9, 1) || textAt(step, 9, 2);
  return staffNumber(textAt(step, 1), authority, textAt(step, 13), step.run.feed);
}

/** The same for a number with its authority and type (`GMC`), wherever a segment holds them. */
export function staffNumber(
  value: string,
  authority: string,
  type: string,
  { localSystems }: Feed,
): { readonly system: string; readonly value: string } {
  const consultant = CONSULTANT_CODE.exec(value)?.[1];
  if (consultant !== undefined) return { system: 'https://fhir.hl7.org.uk/Id/gmc-number', value: consultant };
  const stated = [authority, type].map(upperCase);
  const register = REGISTERS.find(
    ({ names, shape }) =>
      names.some((name) => stated.includes(name)) ||
      (shape?.test(value) === true && stated.every((name) => name === '')),
  );
  if (register !== undefined) return { system: register.system, value };
  const local = localSystems.staff;
  return { system: authority === '' ? local : `${local}/${uriSegment(authority.toLowerCase())}`, value };
}

/**
 * `practitioner(NameUse)`: XCN. Someone with a name but no number stays a name: it cannot be told from others.
 * `practitioner(NameUse, typed)` states the type of the reference too, by which a list of several types can be told
 * apart.
 */
export const practitioner: TransformFactory = ([useTable = '', form], { table, profiles }) => {
  const uses = table(useTable);
  return (step) => {
    const person = practitionerAt(step, uses, profiles);
    if (person !== undefined && form === 'typed') person.type = 'Practitioner';
    return person;
  };
};

/** `participant(NameUse, ATND, attender)`: XCN as an Encounter's participant in this role. */
export const participant: TransformFactory = ([useTable = '', code, display], { table, profiles }) => {
  if (code === undefined || display === undefined)
    throw new RangeError('participant needs a role and its display');
  const uses = table(useTable);
  return (step) => {
    const individual = practitionerAt(below(step, 'individual'), uses, profiles);
    return individual === undefined
      ? undefined
      : { type: [{ coding: [{ system: PARTICIPATION, code, display }] }], individual };
  };
};

/** The Practitioner of an XCN as a reference; someone without a number is only shown. */
export function practitionerAt(
  step: Step,
  uses: Parameters<typeof staffName>[1],
  profiles: Profiles,
): Reference | undefined {
  if (textAt(step, 1) === '') {
    const display = displayOf(staffName(untraced(step), uses) ?? {});
    if (display === '') return undefined;
    trace(step, 'display', 2);
    return { display };
  }
  const { node, field, repetition, component, run } = step;
  const text = node.segment.raw(field, repetition, component === 0 ? undefined : component);
  let person = run.staff.get(text);
  if (person === undefined) run.staff.set(text, (person = identifiedPractitioner(step, uses, profiles)));
  trace(step, 'reference', 1);
  return { ...person };
}

function identifiedPractitioner(
  step: Step,
  uses: Parameters<typeof staffName>[1],
  profiles: Profiles,
): Reference {
  const { system, value } = staffIdentifier(step);
  let stated: HumanName | undefined;
  const draft = share(step.run, 'Practitioner', system, value, profiles, (shared) => {
    const identifier: Identifier = { system };
    copyOf(into(step, shared, 'identifier[0]'), identifier, 'value', value, 1);
    shared.resource['identifier'] = [identifier];
    stated = staffName(into(step, shared, 'name[0]'), uses);
    if (stated !== undefined) shared.resource['name'] = [stated];
  });
  // Whoever was mentioned before may be written differently here.
  return referenceTo(draft, displayOf(stated ?? staffName(untraced(step), uses) ?? {}));
}

/**
 * `practitionerRole(NameUse, 23, MDIR)`: XCN in a role (table 0912) at the organisation that another field of the
 * segment names (XON); without one, the person alone.
 */
export const practitionerRole: TransformFactory = ([useTable = '', organisationField, role], setting) => {
  const uses = setting.table(useTable);
  const field = Number(organisationField);
  if (!Number.isInteger(field) || role === undefined)
    throw new RangeError('practitionerRole needs a field and a role');
  const readOrganisation = organisation([], setting);
  return (step) => {
    const person = practitionerAt(step, uses, setting.profiles);
    const employer = readOrganisation(untraced({ ...step, field, repetition: 1 })) as Reference | undefined;
    if (person?.reference === undefined || employer?.reference === undefined) return person;
    const identity = `${person.reference}|${employer.reference}|${role}`;
    const scope = step.run.feed.id;
    const draft = share(step.run, 'PractitionerRole', scope, identity, setting.profiles, (shared) => {
      const { resource } = shared;
      resource['practitioner'] = person;
      resource['organization'] = employer;
      resource['code'] = [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0912', code: role }] },
      ];
      traceConstant(step, shared, 'PractitionerRole.practitioner');
      traceConstant(step, shared, 'PractitionerRole.organization');
    });
    markField(step.node, field, 1, { fate: 'mapped', rule: step.rule });
    return referenceTo(draft, person.display);
  };
};
