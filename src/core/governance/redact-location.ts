/** Leaves out of a resource whatever tells where somebody lives or is cared for: the obligation `redact-location`. */
import type { Resource } from 'fhir/r4.js';

/** Elements that say it by what they are, in whatever resource of R4 they stand. */
const placeElements: ReadonlySet<string> = new Set([
  ...['address', 'telecom', 'contact', 'location', 'generalPractitioner', 'managingOrganization'],
  ...['serviceProvider', 'origin', 'destination', 'custodian', 'institution', 'assigner', 'photo'],
  // A narrative may repeat any of them, and so may a resource inside another one.
  ...['text', 'contained', 'valueAddress', 'valueContactPoint'],
]);

/** What refers to a place or to those who work there. */
const placeReference = /(?:^|\/)(?:Location|Organization|PractitionerRole|HealthcareService)\//;

const placeTypes: ReadonlySet<unknown> = new Set([
  ...['Location', 'Organization', 'PractitionerRole', 'HealthcareService'],
]);

/** Total: of whatever comes, what cannot be looked into is left out. */
export function redactLocation<T extends Resource>(resource: T): T {
  return Object.fromEntries(keptOf(resource as unknown as Readonly<Record<string, unknown>>)) as unknown as T;
}

const keptOf = (fields: Readonly<Record<string, unknown>>): (readonly [string, unknown])[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (isPlace(name)) return [];
    const kept = redactValue(value);
    return kept === undefined ? [] : [[name, kept] as const];
  });

/** `_address` holds extensions of `address`. */
const isPlace = (name: string): boolean => placeElements.has(name.startsWith('_') ? name.slice(1) : name);

/** Undefined for what is left out: FHIR JSON has no empty lists and objects. */
function redactValue(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.map(redactValue).filter((each) => each !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (refersToPlace(fields)) return undefined;
  const kept = keptOf(fields);
  // An extension of which only the address is left says nothing.
  const isEmpty = kept.length === 0 || (kept.length === 1 && kept[0]?.[0] === 'url');
  return isEmpty ? undefined : Object.fromEntries(kept);
}

/** Systems of the numbers by which organisations and their sites are known. */
const placeSystem =
  /(?:ods-(?:organi[sz]ation|site)-code|2\.16\.840\.1\.113883\.2\.1\.(?:3\.2\.4\.18\.48|4\.3))$/i;

function refersToPlace({ reference, type, identifier, system }: Readonly<Record<string, unknown>>): boolean {
  return (
    (typeof reference === 'string' && placeReference.test(reference)) ||
    placeTypes.has(type) ||
    isPlaceSystem(system) ||
    isPlaceSystem((identifier as { readonly system?: unknown } | null | undefined)?.system)
  );
}

const isPlaceSystem = (system: unknown): boolean => typeof system === 'string' && placeSystem.test(system);
