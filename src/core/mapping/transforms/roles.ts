/** ROL and PRT: who takes part, as what, for whom and when. */
import type {
  CareTeamParticipant,
  CodeableConcept,
  ContactPoint,
  EncounterParticipant,
  Period,
  Reference,
} from 'fhir/r4.js';
import { markField } from '../engine/ledger.js';
import { below, textAt, traceConstant, type Step } from '../engine/run.js';
import type { Transform, TransformFactory, TransformSetting } from '../engine/transform.js';
import { concept, conceptBy } from './coded-values.js';
import { contactPoint } from './contact-points.js';
import { locationAt } from './locations.js';
import { organisation } from './organisations.js';
import { readPart } from './parts.js';
import { into, referenceTo, share } from './shared-records.js';
import { dateTime } from './simple-values.js';
import { practitionerAt } from './staff.js';

/** Where the two segments have the same things. */
interface Layout {
  readonly action: number;
  readonly role: number;
  readonly begin: number;
  readonly end: number;
  readonly kind: number;
  readonly telecom: number;
  readonly location: number;
  readonly organisation: number;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  ROL: { action: 2, role: 3, begin: 5, end: 6, kind: 9, telecom: 12, location: 13, organisation: 14 },
  PRT: { action: 2, role: 4, begin: 11, end: 12, kind: 6, telecom: 15, location: 9, organisation: 8 },
};

const layoutOf = ({ node }: Step): Layout => {
  const layout = LAYOUTS[node.segment.name];
  if (layout === undefined) throw new RangeError(`${node.segment.name} has no roles`);
  return layout;
};

/** Table 0287: the role is deleted or unlinked. */
const ENDED = new Set(['DE', 'UN']);

/** Reads the parts that roles have in common. */
interface RoleReader {
  readonly role: Transform;
  readonly kind: Transform;
  readonly time: Transform;
  readonly telecom: Transform;
  readonly organisation: Transform;
  readonly uses: ReturnType<TransformSetting['table']>;
  readonly profiles: TransformSetting['profiles'];
}

function createReader(useTable: string, roleTable: string, setting: TransformSetting): RoleReader {
  return {
    role: conceptBy([roleTable], setting),
    kind: concept([], setting),
    time: dateTime([], setting),
    telecom: contactPoint(['TelecomUse', 'TelecomSystem', 'work'], setting),
    organisation: organisation([], setting),
    uses: setting.table(useTable),
    profiles: setting.profiles,
  };
}

/**
 * `roleParticipant(NameUse, ProviderRole)`: who takes part in a visit. A role that is deleted goes; one that has ended
 * keeps its end.
 */
export const roleParticipant: TransformFactory = ([useTable = '', roleTable = ''], setting) => {
  const reader = createReader(useTable, roleTable, setting);
  return (step): EncounterParticipant | undefined => {
    const individual = holderAt(below(step, 'individual'), reader);
    if (individual === undefined) return undefined;
    const period = periodAt(step, reader);
    if (isDeleted(step) && period?.end === undefined) {
      removeFrom(step, 'participant', 'individual.reference', individual);
      return undefined;
    }
    const type = readPart(step, layoutOf(step).role, 'type[0]', reader.role) as CodeableConcept | undefined;
    return {
      ...(type === undefined ? {} : { type: [type] }),
      ...(period === undefined ? {} : { period }),
      individual,
    };
  };
};

/** `roleReference(NameUse, ProviderRole)`: who has a role, as an item of a list of references of several types. */
export const roleReference: TransformFactory = ([useTable = '', roleTable = ''], setting) => {
  const reader = createReader(useTable, roleTable, setting);
  return (step): Reference | undefined => {
    const holder = holderAt(step, reader);
    if (holder === undefined) return undefined;
    // Whose general practitioner they are is what the role says.
    markField(step.node, layoutOf(step).role, 1, { fate: 'mapped', rule: step.rule });
    const list = listName(step.element);
    if (isDeleted(step)) {
      removeFrom(step, list, 'reference', holder);
      return undefined;
    }
    const held = (step.draft.resource[list] ?? []) as readonly Reference[];
    if (holder.reference !== undefined && held.some(({ reference }) => reference === holder.reference)) {
      markField(step.node, step.field, step.repetition, { fate: 'ignored', rule: step.rule });
      return undefined;
    }
    return holder.reference === undefined
      ? holder
      : { ...holder, type: holder.reference.slice(0, holder.reference.indexOf('/')) };
  };
};

/** `Patient.generalPractitioner[0]`: `generalPractitioner`. */
const listName = (element: string): string => element.slice(element.indexOf('.') + 1, element.indexOf('['));

/** `teamMember(NameUse, ProviderRole)`: a person (XCN), and for which organisation they act, in a CareTeam. */
export const teamMember: TransformFactory = ([useTable = '', roleTable = ''], setting) => {
  const reader = createReader(useTable, roleTable, setting);
  return (step) => {
    const member = practitionerAt(below(step, 'member'), reader.uses, reader.profiles);
    if (member === undefined) return undefined;
    const { organisation: field } = layoutOf(step);
    const employer = readPart(step, field, 'onBehalfOf', reader.organisation) as Reference | undefined;
    // FHIR R4 ctm-1: only a Practitioner acts on behalf of an organisation.
    const isPractitioner = member.reference !== undefined && employer !== undefined;
    return { ...membership(step, reader), member, ...(isPractitioner ? { onBehalfOf: employer } : {}) };
  };
};

/** `teamOrganisation(NameUse, ProviderRole)`: an organisation (XON) as a member of a CareTeam. */
export const teamOrganisation: TransformFactory = ([useTable = '', roleTable = ''], setting) => {
  const reader = createReader(useTable, roleTable, setting);
  return (step) => {
    const member = reader.organisation(below(step, 'member')) as Reference | undefined;
    return member === undefined ? undefined : { ...membership(step, reader), member };
  };
};

function membership(step: Step, reader: RoleReader): CareTeamParticipant {
  const layout = layoutOf(step);
  const role = [
    readPart(step, layout.role, 'role[0]', reader.role),
    readPart(step, layout.kind, 'role[1]', reader.kind),
  ].filter((each): each is CodeableConcept => each !== undefined);
  const period = periodAt(step, reader);
  return { ...(role.length === 0 ? {} : { role }), ...(period === undefined ? {} : { period }) };
}

function periodAt(step: Step, { time }: RoleReader): Period | undefined {
  const { begin, end } = layoutOf(step);
  const period: Period = {};
  const start = readPart(step, begin, 'period.start', time);
  const stop = readPart(step, end, 'period.end', time);
  if (typeof start === 'string') period.start = start;
  if (typeof stop === 'string') period.end = stop;
  return start === undefined && stop === undefined ? undefined : period;
}

function isDeleted(step: Step): boolean {
  const { action } = layoutOf(step);
  markField(step.node, action, 1, { fate: 'mapped', rule: step.rule });
  return ENDED.has(step.node.segment.value(action).trim());
}

function removeFrom(step: Step, list: string, field: string, { reference }: Reference): void {
  if (reference !== undefined) step.draft.removed.push(`${list}[${field}=${reference}]`);
}

/** The person; where the segment says at which place or organisation, or as what, they act: their PractitionerRole. */
function holderAt(step: Step, reader: RoleReader): Reference | undefined {
  const person = practitionerAt(step, reader.uses, reader.profiles);
  if (person?.reference === undefined) return person;
  const layout = layoutOf(step);
  const { segment } = step.node;
  const says = (field: number): boolean => segment.raw(field) !== '';
  if (![layout.organisation, layout.location, layout.telecom, layout.kind].some(says)) return person;
  const role = roleRecord(step, person, reader, layout);
  return referenceTo(role, person.display);
}

function roleRecord(step: Step, person: Reference, reader: RoleReader, layout: Layout) {
  const code = textAt({ ...step, field: layout.role, repetition: 1 }, 1);
  const employer = textAt({ ...step, field: layout.organisation, repetition: 1 }, 10);
  const named = textAt({ ...step, field: layout.organisation, repetition: 1 }, 1);
  const identity = [person.reference, employer === '' ? named : employer, code].join('|');
  return share(step.run, 'PractitionerRole', step.run.feed.id, identity, reader.profiles, (shared) => {
    const at = into(step, shared, '');
    const { resource } = shared;
    resource['practitioner'] = person;
    traceConstant(step, shared, 'PractitionerRole.practitioner');
    const set = (name: string, value: unknown, isList: boolean): void => {
      if (value !== undefined) resource[name] = isList ? [value] : value;
    };
    set('organization', readPart(at, layout.organisation, 'organization', reader.organisation), false);
    set('code', readPart(at, layout.role, 'code[0]', reader.role), true);
    set('specialty', readPart(at, layout.kind, 'specialty[0]', reader.kind), true);
    const place: Transform = (part) => locationAt(part, reader.profiles);
    set('location', readPart(at, layout.location, 'location[0]', place), true);
    const telecom = readPart(at, layout.telecom, 'telecom[0]', reader.telecom) as ContactPoint | undefined;
    set('telecom', telecom, true);
  });
}
