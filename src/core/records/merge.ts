/**
 * How a new statement about a record meets what is stored. HL7 v2 sends only what it knows: an absent element means
 * "no change" (HL7 v2.5.1 section 2.5.3), so a message must not erase what another one stated.
 */
import type { Resource } from 'fhir/r4.js';
import { NHS_NUMBER_SYSTEM } from '../identity/nhs-number.js';
import { sameJson } from './equal.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** Tells which items of a repeating element are about the same thing; a later one replaces those of the same key. */
type KeyOf = (item: JsonObject) => string;

const at = (item: Json | undefined, ...path: readonly (string | number)[]): string => {
  let value: Json | undefined = item;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return '';
    value = (value as Readonly<Record<string | number, Json>>)[step];
  }
  return typeof value === 'string' ? value : '';
};

/**
 * A person has one NHS number, so a new one replaces another. They may have several numbers of one hospital, and a
 * message need not know them all.
 */
export const byIdentifier = (item: {
  readonly system?: string | undefined;
  readonly value?: string | undefined;
}): string => (item.system === NHS_NUMBER_SYSTEM ? item.system : `${item.system ?? ''}|${item.value ?? ''}`);
const byIdentifierItem: KeyOf = (item) =>
  byIdentifier({ system: at(item, 'system'), value: at(item, 'value') });
const byUrl: KeyOf = (item) => at(item, 'url');
const byCode: KeyOf = (item) => `${at(item, 'system')}|${at(item, 'code')}`;

/** Repeating elements whose stored items survive unless the message states items with the same key. */
const unions: Readonly<Record<string, KeyOf>> = {
  'Patient.identifier': byIdentifierItem,
  'Patient.extension': byUrl,
  // Several fields fill these lists, and a message need not hold all of them.
  'Patient.name': (item) => at(item, 'use'),
  'Patient.telecom': (item) => `${at(item, 'system')} ${at(item, 'use')}`,
  'Patient.address': (item) => at(item, 'use'),
  'Patient.generalPractitioner': (item) => at(item, 'reference').replace(/\/.*/, ''),
  // The latest merge says which of two numbers stands.
  'Patient.link': (item) => at(item, 'other', 'reference'),
  // What somebody remarked stays when somebody else remarks something else.
  'ServiceRequest.note': (item) => at(item, 'text'),
  'MedicationRequest.note': (item) => at(item, 'text'),
  'Encounter.identifier': byIdentifierItem,
  // Admission type, patient type and financial class come from fields of their own.
  'Encounter.type': (item) => at(item, 'coding', 0, 'system'),
  'Encounter.extension': byUrl,
  'Encounter.location': (item) => at(item, 'location', 'reference'),
  'Encounter.participant': (item) => at(item, 'type', 0, 'coding', 0, 'code'),
  'Encounter.diagnosis': (item) => at(item, 'condition', 'reference'),
  'Encounter.hospitalization.extension': byUrl,
};

/** Elements of which only one type may be present (FHIR R4 section 2.6.1.5). */
const choices: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['onset'],
  Condition: ['onset'],
  MedicationRequest: ['medication'],
  Patient: ['deceased', 'multipleBirth'],
  Procedure: ['performed'],
  ServiceRequest: ['occurrence'],
};

/** Elements whose parts are stated by different messages (admission and discharge), so they merge part by part. */
const nested = new Set(['Encounter.period', 'Encounter.hospitalization']);

/** Which side an element of the merged resource came from, and at which index of a repeating element. */
export interface Origin {
  readonly side: 'stored' | 'incoming';
  /** Element path there, without the type: `identifier[0]`. */
  readonly path: string;
  /** A label that the other side holds, too, stands there at this path: it stays for the reasons of both. */
  readonly also?: string;
}

export interface Merged {
  readonly resource: Resource;
  /** Origin of every element at the granularity at which it was merged: `identifier[1]`, `period.start`, `name`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** Combines two statements: elements of `incoming` win, those named in `removed` go, all others stay as stored. */
export function mergeResources(stored: Resource, incoming: Resource, removed: readonly string[]): Merged {
  const origins = new Map<string, Origin>();
  const statement = incoming as unknown as JsonObject;
  const remaining = withoutPaths(stored as unknown as JsonObject, removed);
  const resource = mergeObjects(
    withoutOtherChoices(remaining, statement, incoming.resourceType),
    statement,
    { type: incoming.resourceType, path: '' },
    origins,
  );
  if (resource['resourceType'] === 'Encounter') closeLeftLocations(resource, statement);
  if (resource['resourceType'] === 'Patient') keepRetired(resource);
  return { resource: settleLocations(resource as unknown as Resource), origins };
}

interface Place {
  readonly type: string;
  readonly path: string;
}

function mergeObjects(
  stored: JsonObject,
  incoming: JsonObject,
  place: Place,
  origins: Map<string, Origin>,
): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(incoming), ...Object.keys(stored)])) {
    if (isOutdated(key, stored, incoming)) continue;
    const path = place.path === '' ? key : `${place.path}.${key}`;
    result[key] = mergeElement(stored[key], incoming[key], { type: place.type, path }, origins);
  }
  return result;
}

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/**
 * Whether `_start` says nothing about the value that stays: it belongs to one that is replaced, or says that the value
 * is unknown where another message knows it.
 */
function isOutdated(key: string, stored: JsonObject, incoming: JsonObject): boolean {
  if (!key.startsWith('_')) return false;
  const name = key.slice(1);
  if (incoming[key] === undefined)
    return incoming[name] !== undefined && !sameJson(incoming[name], stored[name]);
  if (incoming[name] !== undefined || stored[name] === undefined) return false;
  return at(incoming[key], 'extension', 0, 'url') === ABSENT;
}

function mergeElement(
  stored: Json | undefined,
  incoming: Json | undefined,
  place: Place,
  origins: Map<string, Origin>,
): Json {
  const name = `${place.type}.${place.path}`;
  // Several fields restrict access, and leaving one of them out lifts nothing.
  const keyOf = place.path === LABELS ? byCode : unions[name];
  if (keyOf !== undefined && isArray(stored) && isArray(incoming)) {
    return unite(stored, incoming, keyOf, place, origins);
  }
  // A label of confidentiality stays until somebody takes it back, whatever else `meta` says.
  if ((nested.has(name) || place.path === 'meta') && isObject(stored) && isObject(incoming)) {
    return mergeObjects(stored, incoming, place, origins);
  }
  const side = incoming === undefined ? 'stored' : 'incoming';
  origins.set(place.path, { side, path: place.path });
  return (incoming ?? stored) as Json;
}

/** Several fields restrict access by the same label: it goes when each has taken it back. */
const LABELS = 'meta.security';

function unite(
  stored: readonly Json[],
  incoming: readonly Json[],
  keyOf: KeyOf,
  { path }: Place,
  origins: Map<string, Origin>,
): Json[] {
  const key = (item: Json) => (isObject(item) ? keyOf(item) : '');
  const stated = new Set(incoming.map(key));
  const result: Json[] = [];
  const add = (item: Json, side: Origin['side'], index: number, also?: string) => {
    const origin = { side, path: `${path}[${index}]` };
    origins.set(`${path}[${result.length}]`, also === undefined ? origin : { ...origin, also });
    result.push(item);
  };
  incoming.forEach((item, index) => {
    const held = path === LABELS ? stored.findIndex((each) => key(each) === key(item)) : -1;
    add(item, 'incoming', index, held < 0 ? undefined : `${path}[${held}]`);
  });
  stored.forEach((item, index) => {
    if (!stated.has(key(item))) add(item, 'stored', index);
  });
  return result;
}

/** States in which nobody is in a bed of the visit any more. */
const ended = new Set(['finished', 'cancelled', 'entered-in-error']);

/**
 * A patient is in one place at a time: a new active location completes the others (FHIR R4 Encounter.location.status).
 */
function closeLeftLocations(encounter: Record<string, Json>, incoming: JsonObject): void {
  const locations = encounter['location'];
  if (!isArray(locations)) return;
  const { location: stated = [] } = incoming;
  const active = (isArray(stated) ? stated : []).filter(isActive);
  const entered = new Set(active.map((item) => at(item, 'location', 'reference')));
  if (entered.size === 0) return;
  encounter['location'] = locations.map((item) =>
    isObject(item) && isActive(item) && !entered.has(at(item, 'location', 'reference'))
      ? { ...item, status: 'completed' }
      : item,
  );
}

const isActive = (item: Json): boolean => at(item, 'status') === 'active';

/**
 * Nobody is in a bed of a visit that is over or has not begun, whatever an update says that states no status. Other
 * resources stay as they are.
 */
export function settleLocations<T extends Resource>(resource: T): T {
  if (resource.resourceType !== 'Encounter') return resource;
  const { status, location: locations } = resource as unknown as JsonObject;
  if (typeof status !== 'string' || !isArray(locations) || !locations.some(isActive)) return resource;
  const left = ended.has(status) ? 'completed' : status === 'planned' ? 'planned' : undefined;
  if (left === undefined) return resource;
  const location = locations.map((item) =>
    isObject(item) && isActive(item) ? { ...item, status: left } : item,
  );
  return { ...resource, location };
}

const isReplacedBy = (link: Json): boolean => at(link, 'type') === 'replaced-by';

/** A record that a merge has retired stays so, whatever later messages under its old number say. */
function keepRetired(patient: Record<string, Json>): void {
  const links = patient['link'];
  if (isArray(links) && links.some(isReplacedBy)) patient['active'] = false;
}

/**
 * The patient into whom the latest merge went stands, although an earlier one had retired them: those who replaced them
 * stay linked, since all are one person.
 */
export function standAgain<T extends Resource>(patient: T): T {
  const { link: links } = patient as unknown as JsonObject;
  if (!isArray(links) || !links.some(isReplacedBy)) return patient;
  const link = links.map((each) =>
    isObject(each) && isReplacedBy(each) ? { ...each, type: 'seealso' } : each,
  );
  return { ...patient, active: true, link };
}

/** Drops stored values of a choice element for which the message states another type. */
function withoutOtherChoices(stored: JsonObject, incoming: JsonObject, type: string): JsonObject {
  const stated = (choices[type] ?? []).filter((name) =>
    Object.keys(incoming).some((key) => isChoiceOf(key, name)),
  );
  if (stated.length === 0) return stored;
  return Object.fromEntries(
    Object.entries(stored).filter(
      ([key]) => key in incoming || !stated.some((name) => isChoiceOf(key, name)),
    ),
  );
}

/** `deceasedBoolean` is of `deceased[x]`. */
const isChoiceOf = (key: string, name: string): boolean =>
  key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length));

/** A resource without the elements at some paths, such as `period.end` or `telecom[use=work]`. */
function withoutPaths(resource: JsonObject, paths: readonly string[]): JsonObject {
  return paths.reduce((result, path) => withoutPath(result, path.match(pathStep) ?? []), resource);
}

function withoutPath(object: JsonObject, [head, ...rest]: readonly string[]): JsonObject {
  if (head === undefined) return object;
  const [, name, field, value] = selector.exec(head) ?? [];
  if (name !== undefined && field !== undefined) return withoutItems(object, name, field, value ?? '');
  if (!(head in object)) return object;
  const { [head]: child, ...others } = object;
  if (rest.length === 0) return others;
  const remaining = isArray(child)
    ? child.map((item) => (isObject(item) ? withoutPath(item, rest) : item)).filter(isFull)
    : isObject(child)
      ? withoutPath(child, rest)
      : child;
  return isFull(remaining) ? { ...others, [head]: remaining ?? null } : others;
}

/** FHIR knows neither empty objects (ele-1) nor empty lists. */
const isFull = (value: Json | undefined): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length > 0;

/** A step of a path: dots inside a selector belong to it. */
const pathStep = /[^.[]+(?:\[[^\]]*\])?/g;

/** `telecom[use=work]`, `location[location.reference=Location/1]`: items of a list by one of their fields. */
const selector = /^(\w+)\[([\w.]+)=([^\]]*)\]$/;

function withoutItems(object: JsonObject, name: string, field: string, value: string): JsonObject {
  const { [name]: list, ...others } = object;
  if (!isArray(list)) return object;
  const remaining = list.filter((item) => at(item, ...field.split('.')) !== value);
  return remaining.length === 0 ? others : { ...others, [name]: remaining };
}

const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A resource without some items of a list. @param path of the list, such as `meta.security` */
export function withoutItemsAt<T extends Resource>(resource: T, path: string, indexes: readonly number[]): T {
  if (indexes.length === 0) return resource;
  const change = (object: JsonObject, [name = '', ...rest]: readonly string[]): JsonObject => {
    const { [name]: value, ...others } = object;
    const remaining = isArray(value)
      ? value.filter((_, index) => !indexes.includes(index))
      : isObject(value)
        ? change(value, rest)
        : value;
    return isFull(remaining) ? { ...others, [name]: remaining ?? null } : others;
  };
  return change(resource as unknown as JsonObject, path.split('.')) as unknown as T;
}

/** A statement without what was deleted after it was made. */
export function withoutElements<T extends Resource>(resource: T, paths: readonly string[]): T {
  return withoutPaths(resource as unknown as JsonObject, paths) as unknown as T;
}
