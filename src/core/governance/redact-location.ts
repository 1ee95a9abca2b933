/** Leaves out of a resource whatever tells where somebody lives or is cared for: the obligation `redact-location`. */
import type { Resource } from 'fhir/r4.js';

/** Elements that say it by what they are, in whatever resource of R4 they stand. */
const placeElements: ReadonlySet<string> = new Set([
  ...['address', 'telecom', 'contact', 'location', 'generalPractitioner', 'managingOrganization'],
  ...['serviceProvider', 'origin', 'destination', 'custodian', 'institution', 'assigner', 'photo'],
  ...['locationCode', 'facilityType'],
  // Of `meta`: the system that a record comes from.
  'source',
  ...['valueAddress', 'valueContactPoint'],
  // A letter has the addresses of who sent it and of whom it is about at its head.
  ...['attachment', 'presentedForm', 'valueAttachment', 'sourceAttachment'],
]);

/** What refers to a place or to those who work there. */
const placeReference = /(?:^|\/)(?:Location|Organization|PractitionerRole|HealthcareService)[/?]/;

const placeTypes: ReadonlySet<unknown> = new Set([
  ...['Location', 'Organization', 'PractitionerRole', 'HealthcareService'],
]);

/** Total: of whatever comes, what cannot be looked into is left out. */
export function redactLocation<T extends Resource>(resource: T): T {
  return Object.fromEntries(keptOf(resource as unknown as Readonly<Record<string, unknown>>)) as unknown as T;
}

/** @param within the element whose fields they are */
const keptOf = (fields: Readonly<Record<string, unknown>>, within = ''): (readonly [string, unknown])[] =>
  Object.entries(fields).flatMap(([name, value]) => {
    if (isPlace(name) || isTold(name, value, within)) return [];
    const kept = redactValue(name === 'contained' ? medicinesAmong(value) : value, name);
    return kept === undefined ? [] : [[name, kept] as const];
  });

/** Of the resources inside another one a medicine is needed, and the others may repeat whatever is left out. */
const medicinesAmong = (contained: unknown): unknown =>
  Array.isArray(contained)
    ? contained.filter(
        (each: { readonly resourceType?: unknown } | null) => each?.resourceType === 'Medication',
      )
    : undefined;

/** What may repeat any of it: a narrative, and a note; not the text of a code or a dosage, which says what is the matter. */
const isTold = (name: string, value: unknown, within: string): boolean =>
  /^_?text$/.test(name) && (typeof value !== 'string' || within === 'note');

/** `_address` holds extensions of `address`. */
const isPlace = (name: string): boolean => placeElements.has(name.startsWith('_') ? name.slice(1) : name);

/** Undefined for what is left out: FHIR JSON has no empty lists and objects. */
function redactValue(value: unknown, name: string): unknown {
  if (Array.isArray(value)) {
    const kept = value.map((each) => redactValue(each, name)).filter((each) => each !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (refersToPlace(fields) || (isReference(fields) && mayBePlace(name, fields))) return undefined;
  const kept = keptOf(fields, name);
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
    isPlaceType(type) ||
    isPlaceSystem(system) ||
    isPlaceSystem((identifier as { readonly system?: unknown } | null | undefined)?.system)
  );
}

const referenceFields: ReadonlySet<string> = new Set(['reference', 'type', 'identifier', 'display']);

/** Whether fields are those of a Reference; a Coding that has nothing but its display has the same. */
const isReference = ({ id: _, extension: __, ...fields }: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(fields).length > 0 &&
  Object.keys(fields).every((name) => referenceFields.has(name.startsWith('_') ? name.slice(1) : name));

/** Elements that hold no place, whatever their references look like: codes, and medicines. */
const otherElement = /^(?:coding|class|valueCoding|medicationReference|itemReference)$/;

/** The type of a reference to a resource on this server or another one. */
const referredType = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]+(?:\/_history\/[^/]+)?$/;

/** Whether a reference does not say that it is to something else: by its name alone, a number, or a criterion. */
function mayBePlace(name: string, { reference, type }: Readonly<Record<string, unknown>>): boolean {
  if (otherElement.test(name)) return false;
  const [, referred] = (typeof reference === 'string' ? referredType.exec(reference) : undefined) ?? [];
  return referred === undefined && !(typeof type === 'string' && typeName.test(type));
}

/** Also as the address of its definition. */
const typeName = /^(?:http:\/\/hl7\.org\/fhir\/StructureDefinition\/)?([A-Z][A-Za-z]+)$/;

const isPlaceType = (type: unknown): boolean =>
  placeTypes.has(typeof type === 'string' ? (typeName.exec(type)?.[1] ?? type) : type);

const isPlaceSystem = (system: unknown): boolean => typeof system === 'string' && placeSystem.test(system);
