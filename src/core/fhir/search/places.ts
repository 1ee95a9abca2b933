/**
 * Places and how near they are: the parameter `near` of Location, the only special one of R4 that is indexed
 * (http://hl7.org/fhir/R4/location.html#search). Places are points of a sphere, so that neither the poles nor the date line are exceptions, and what is within a
 * distance lies in a cube as well, which an index of numbers can be asked for.
 */
import type { NearCriterion } from './criteria.js';
import { addEntry, type IndexDraft } from './draft.js';
import { numberRangeOf } from './ranges.js';
import { fieldsOf } from './shapes.js';
import type { Place } from './types.js';
import { splitEscaped } from './values.js';

/** Mean radius of the Earth in km (IUGG R1 of WGS84): distances are right within 0.6 %. */
const earthRadius = 6371.0088;

/** What is near where the client does not say, in km: R4 leaves it to the server. */
const standardDistance = 10;

/** Units of a distance in km, by their codes of UCUM; the mile is that of US surveys, as R4 names it. */
const units: ReadonlyMap<string, number> = new Map([
  ['km', 1],
  ['[mi_us]', (5280 * 1200) / 3937 / 1000],
]);

/** What values of `near` are, for clients. */
export const nearForm = `Units are ${[...units.keys()].join(' and ')}; without a distance it is ${standardDistance} km.`;

/** Longer than any chord of a sphere of radius 1: everywhere is near. */
const everywhere = 3;

/** The point at a latitude and a longitude in degrees; undefined where there is none such. */
function placeAt(latitude: unknown, longitude: unknown): Place | undefined {
  if (!isWithin(latitude, 90) || !isWithin(longitude, 180)) return undefined;
  const [north, east] = [toRadians(latitude), toRadians(longitude)];
  return {
    x: Math.cos(north) * Math.cos(east),
    y: Math.cos(north) * Math.sin(east),
    z: Math.sin(north),
  };
}

const isWithin = (degrees: unknown, most: number): degrees is number =>
  typeof degrees === 'number' && Math.abs(degrees) <= most;

const toRadians = (degrees: number): number => (degrees / 180) * Math.PI;

/** Location.position: its place; the altitude does not count. */
export function extractPosition(value: unknown, code: string, draft: IndexDraft): void {
  const { latitude, longitude } = fieldsOf(value) ?? {};
  const place = placeAt(latitude, longitude);
  if (place !== undefined) addEntry(draft, 'position', code, place);
}

/** `latitude|longitude`, `latitude|longitude|distance` or `latitude|longitude|distance|units`; undefined for another text. */
export function parseNear(code: string, value: string): NearCriterion | undefined {
  const [latitude = '', longitude = '', distance = '', unit = '', ...more] = splitEscaped(value, '|');
  const centre = placeAt(numberOf(latitude), numberOf(longitude));
  const kilometres = distance === '' ? standardDistance : kilometresOf(distance, unit);
  if (centre === undefined || kilometres === undefined || more.length > 0) return undefined;
  const angle = kilometres / earthRadius;
  return { kind: 'near', code, centre, chord: angle < Math.PI ? 2 * Math.sin(angle / 2) : everywhere };
}

const numberOf = (text: string): number | undefined => numberRangeOf(text)?.value;

function kilometresOf(distance: string, unit: string): number | undefined {
  const [amount, size] = [numberOf(distance), units.get(unit === '' ? 'km' : unit)];
  return amount === undefined || amount < 0 || size === undefined ? undefined : amount * size;
}

/** Whether a place is as near as is asked for. */
export function isNear({ x, y, z }: Place, { centre, chord }: NearCriterion): boolean {
  const [dx, dy, dz] = [x - centre.x, y - centre.y, z - centre.z];
  return dx * dx + dy * dy + dz * dz <= chord * chord;
}
