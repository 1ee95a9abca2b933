/**
 * Whether a record stands or was retired: by a merge of patients, a move or another number of a visit or account, the
 * cancellation or replacement of a document. A retired record takes what ordinary messages say of it and stays retired.
 */
import type { Period, Resource } from 'fhir/r4.js';
import { formerOf, withoutSuccession } from '../mapping/succession.js';
import type { MappedRecord } from '../mapping/types.js';
import { labelsOf, onlyLabels } from './labels.js';
import { mergeLineage } from './lineage.js';
import { mergeResources, standAgain } from './merge.js';
import { isNewStatus, isStated, laterStatus, onlyStatus, statedOf, statusOf } from './stated-status.js';
import type { CurrentDocument, Standing, StoredLineage } from './types.js';

/** What is said of a resource, and where each element comes from. */
export interface Statement {
  readonly resource: Resource;
  readonly lineage: StoredLineage;
}

/** The time of a message, and the records that those it states depend on. */
export interface StandingContext {
  /** ISO instant of the event: the earliest that it can mean, and the latest. */
  readonly eventTime: string;
  readonly latestEventTime: string;
  /** As stored, by reference (`Encounter/<id>`): what `dependsOn` names. */
  readonly others?: ReadonlyMap<string, CurrentDocument>;
}

type Elements = Readonly<Record<string, unknown>>;

const elementsOf = (resource: Resource): Elements => resource as unknown as Elements;

const omit = <T extends Resource>(resource: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name))) as unknown as T;

interface Link {
  readonly type?: string;
  readonly other?: { readonly reference?: string };
}

/** What a patient is linked to (`Patient.link`). */
export const linksOf = (resource: Resource): readonly Link[] =>
  (elementsOf(resource)['link'] as readonly Link[] | undefined) ?? [];

/** The records (`Encounter/<id>`) that must be known before this one can be stored. */
export function dependsOn({ resource, removed }: MappedRecord): readonly string[] {
  if (resource.resourceType === 'Patient')
    return linksOf(resource).flatMap(({ other }) => other?.reference ?? []);
  const former = formerOf(removed);
  return former === undefined ? [] : [former];
}

/** What a message says of whether a record stands. */
type Verdict = 'retired' | 'stands';

/** Whether a message retires a record or lets it stand; undefined for an ordinary one. */
export function verdictOf({ resource, mode, removed }: MappedRecord): Verdict | undefined {
  switch (resource.resourceType) {
    case 'Patient': {
      const types = linksOf(resource).map(({ type }) => type);
      if (types.includes('replaces')) return 'stands';
      return types.includes('replaced-by') ? 'retired' : undefined;
    }
    case 'Encounter':
    case 'Account':
      if (mode === 'link') return 'retired';
      return formerOf(removed) === undefined ? undefined : 'stands';
    case 'DocumentReference':
      return mode === 'link' || isCancelled(resource) ? 'retired' : undefined;
    default:
      return undefined;
  }
}

/** A document that its sender cancelled (T11), as against one whose availability nobody understands. */
const isCancelled = (document: Resource): boolean => elementsOf(document)['docStatus'] === 'entered-in-error';

/** Whether a later event has decided already. */
export const isOutdated = (held: Standing | undefined, { latestEventTime }: StandingContext): boolean =>
  held !== undefined && latestEventTime < held.since;

/** How a record stands after a message. */
export function standingAfter(
  record: MappedRecord,
  stored: CurrentDocument | undefined,
  context: StandingContext,
): Standing | undefined {
  const verdict = verdictOf(record);
  const held = stored?.standing;
  const status = statusOf(withoutAssumedState(record, context));
  const said = status === undefined ? {} : { status, statusSince: context.eventTime };
  if (verdict === undefined || isOutdated(held, context)) {
    const isNews = stored !== undefined && verdict !== 'retired' && isNewStatus(stored, context);
    return held === undefined || !isNews ? held : { ...held, ...said };
  }
  const known = statedOf(stored, context);
  if (verdict === 'retired') return { since: context.eventTime, isRetired: true, ...known };
  const taken = laterStatus(known, statedOf(sourceOf(record, stored, context), context));
  return { since: context.eventTime, isRetired: false, ...laterStatus(taken, said) };
}

/** What a message says, in parts that meet what is stored in turn. */
export interface Part {
  readonly resource: Resource & { id: string };
  readonly removed: readonly string[];
  /** Whether the part only adds what is not known yet. */
  readonly fillsOnly: boolean;
}

/** What a message meets, and what it says. */
export interface Meeting {
  readonly base: Statement;
  readonly parts: readonly Part[];
}

/**
 * Prepares a message to meet the stored record: retired records keep their status, and a record that is taken up goes on
 * in the state of the one before.
 *
 * @param isStale whether the message may only add what is not known yet
 */
export function meet(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  const plain: Meeting = { base: stored, parts: [{ resource, removed, fillsOnly: isStale }] };
  switch (resource.resourceType) {
    case 'Patient':
      return linksOf(resource).length === 0 ? plain : meetPatient(record, stored, context, isStale);
    case 'Encounter':
    case 'Account':
      return meetVisit(record, stored, context, isStale);
    case 'DocumentReference':
      return meetDocument(record, stored, isStale);
    default:
      return plain;
  }
}

/** Links hold whatever became of the rest of the message; of two merges the later one says who stands. */
function meetPatient(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  const { id, resourceType } = resource;
  const { link, active } = elementsOf(resource);
  const verdict = verdictOf(record);
  const decides = verdict !== undefined && !isOutdated(stored.standing, context);
  const bond = { resourceType, id, link, ...(decides && active !== undefined ? { active } : {}) };
  return {
    base: withLabelsOfLinked(record, stored, context),
    parts: [
      {
        resource: omit(resource, verdict === 'retired' ? ['link', 'active'] : ['link']),
        removed,
        fillsOnly: isStale,
      },
      { resource: bond, removed: [], fillsOnly: !decides },
    ],
  };
}

/** Who is linked is one person: what restricts one record restricts the other. */
function withLabelsOfLinked(record: MappedRecord, base: Statement, context: StandingContext): Statement {
  return dependsOn(record).reduce((known, reference) => {
    const other = context.others?.get(reference);
    const labels = other === undefined ? [] : labelsOf(other.resource);
    if (other === undefined || labels.length === 0) return known;
    const restriction = { resource: onlyLabels(record.resource, labels), lineage: other.lineage };
    return mergeStatements(known, restriction, []);
  }, base);
}

function meetVisit(
  record: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Meeting {
  const { resource, removed } = record;
  const verdict = isOutdated(stored.standing, context) ? undefined : verdictOf(record);
  if (verdict === 'retired') {
    const isPart = elementsOf(resource)['partOf'] !== undefined;
    const parts = [{ resource, removed: isPart ? removed : ['partOf', ...removed], fillsOnly: false }];
    return { base: stored, parts };
  }
  if (verdict === 'stands') {
    const base = takeUp(record, stored, context);
    return {
      base,
      parts: [
        {
          resource: withoutAssumedState(record, context),
          removed: withoutSuccession(removed),
          fillsOnly: isStale,
        },
      ],
    };
  }
  return { base: stored, parts: ordinaryParts(record, stored, context, isStale) };
}

/** Not even a move that a later one has taken back brings the record to life, or ends it. */
function ordinaryParts(
  { resource, removed, mode }: MappedRecord,
  stored: CurrentDocument,
  context: StandingContext,
  isStale: boolean,
): Part[] {
  const { standing } = stored;
  const others = withoutSuccession(removed);
  const without = (...kept: string[]): Part => ({
    resource: omit(resource, kept),
    removed: others.filter((path) => !kept.includes(path)),
    fillsOnly: isStale || mode === 'link',
  });
  if (mode === 'link' || standing?.isRetired === true) return [without('status', 'partOf')];
  const status = statusOf(resource);
  const whole: Part = { resource, removed: others, fillsOnly: isStale };
  if (standing === undefined || status === undefined) return [whole];
  if (isNewStatus(stored, context))
    return isStale
      ? [whole, { resource: onlyStatus(resource, status), removed: [], fillsOnly: false }]
      : [whole];
  return standing.statusSince === undefined ? [whole] : [without('status')];
}

/** Messages that move an account say nothing of its state: what is known of it counts. */
function withoutAssumedState(
  { resource, removed }: MappedRecord,
  { others }: StandingContext,
): Resource & { id: string } {
  const isKnown = resource.resourceType === 'Account' && others?.has(formerOf(removed) ?? '') === true;
  return isKnown ? omit(resource, ['status']) : resource;
}

/** What belongs to one record of a visit: its numbers and patient, and what else was filed under it. */
const OWN = [
  'id',
  'meta',
  'identifier',
  'subject',
  'partOf',
  'diagnosis',
  'basedOn',
  'appointment',
  'account',
  'text',
];

/** What goes on when the visit or account does under another number or at another patient. */
function stateOf({ resource, lineage, standing }: CurrentDocument, id: string): Statement {
  const isRetired = standing?.isRetired === true;
  const labels = labelsOf(resource);
  const left = isRetired ? [...OWN, 'status', 'location'] : OWN;
  const state = {
    // A class that stands for one that nobody stated is none.
    ...omit(resource, isStated(lineage, 'class') ? left : [...left, 'class']),
    ...(isRetired && standing.status !== undefined ? { status: standing.status } : {}),
    ...(labels.length === 0 ? {} : { meta: { security: [...labels] } }),
    id,
  };
  return { resource: state, lineage };
}

/** The record that another goes on from. Said again after the visit has gone, nothing of what is left there is newer. */
function sourceOf(
  { removed }: MappedRecord,
  stored: CurrentDocument | undefined,
  { others }: StandingContext,
): CurrentDocument | undefined {
  const former = others?.get(formerOf(removed) ?? '');
  const hasGone = stored !== undefined && stored.standing?.isRetired !== true;
  return former?.standing?.isRetired === true && hasGone ? undefined : former;
}

/** The stored record, which goes on from the former one: whichever says the newer thing holds. */
function takeUp(record: MappedRecord, stored: CurrentDocument, context: StandingContext): Statement {
  const isRetired = stored.standing?.isRetired === true;
  const { lineage } = stored;
  const isOwn = !isRetired && isStated(lineage, 'status');
  const own = { resource: omit(stored.resource, isOwn ? ['partOf'] : ['partOf', 'status']), lineage };
  const source = sourceOf(record, stored, context);
  const state =
    source === undefined ? own : inOrder(own, source, isRetired || source.eventTime > stored.eventTime);
  const { status } = laterStatus(statedOf(stored, context), statedOf(source, context));
  const known = status ?? statusOf(state.resource) ?? (isRetired ? undefined : statusOf(stored.resource));
  if (known === undefined || known === statusOf(state.resource)) return state;
  const resource: Resource & { status: string } = { ...state.resource, status: known };
  return { ...state, resource };
}

function inOrder(own: Statement, former: CurrentDocument, isNewer: boolean): Statement {
  const state = stateOf(former, own.resource.id ?? '');
  return isNewer ? mergeStatements(own, state, []) : mergeStatements(state, own, []);
}

/** A document stays cancelled or replaced, and its cancellation is never out of date. */
function meetDocument(record: MappedRecord, stored: CurrentDocument, isStale: boolean): Meeting {
  const { resource, removed, mode } = record;
  const { id, resourceType } = resource;
  const { status, docStatus } = elementsOf(resource);
  if (mode === 'link') {
    const statement = (
      isCancelled(stored.resource) ? { resourceType, id } : { resourceType, id, status }
    ) as typeof resource;
    return { base: stored, parts: [{ resource: statement, removed: [], fillsOnly: false }] };
  }
  if (isCancelled(resource)) {
    const end = { resourceType, id, status, docStatus } as typeof resource;
    return {
      base: stored,
      parts: [
        { resource: omit(resource, ['status', 'docStatus']), removed, fillsOnly: isStale },
        { resource: end, removed: [], fillsOnly: false },
      ],
    };
  }
  if (stored.standing?.isRetired !== true)
    return { base: stored, parts: [{ resource, removed, fillsOnly: isStale }] };
  const kept = isCancelled(stored.resource) ? ['status', '_status', 'docStatus'] : ['status', '_status'];
  const others = removed.filter((path) => !kept.includes(path));
  return { base: stored, parts: [{ resource: omit(resource, kept), removed: others, fillsOnly: isStale }] };
}

/** A record that is new, with the state of the one that it goes on from. */
export function begin(record: MappedRecord, statement: Statement, context: StandingContext): Statement {
  if (record.resource.resourceType === 'Patient') return withLabelsOfLinked(record, statement, context);
  const former = context.others?.get(formerOf(record.removed) ?? '');
  if (former === undefined) return statement;
  const own = { ...statement, resource: withoutAssumedState(record, context) };
  return mergeStatements(stateOf(former, record.resource.id), own, []);
}

/** What follows from how a record stands, once all is known that is said of it. */
export function settleStanding<T extends Resource>(
  record: MappedRecord,
  resource: T,
  standing: Standing | undefined,
): T {
  if (resource.resourceType === 'Patient')
    return standing?.isRetired === false ? standAgain(resource) : resource;
  if (resource.resourceType !== 'Encounter' || formerOf(record.removed) === undefined) return resource;
  const { status, period } = elementsOf(resource);
  if (status !== undefined || (period as Period | undefined)?.end !== undefined) return resource;
  // Where it began is no proof that it runs still.
  return { ...resource, status: 'unknown' };
}

/** Two statements as one: the later one wins. */
export function mergeStatements(earlier: Statement, later: Statement, removed: readonly string[]): Statement {
  const { resource, origins } = mergeResources(earlier.resource, later.resource, removed);
  return { resource, lineage: mergeLineage(earlier.lineage, later.lineage, origins) };
}
