/** The syntax of the primitive types of FHIR R4 (section 2.24.0.1). */
import { isBase64 } from '../../base64.js';
import { forbiddenInXml } from '../xml/characters.js';

const date = String.raw`\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?`;
const day = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`;
const zone = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`;

type Form = (value: string) => boolean;

const like =
  (pattern: RegExp): Form =>
  (value) =>
    pattern.test(value);
const text: Form = (value) => /\S/.test(value);
const uri: Form = (value) => !/\s/.test(value);

/** Types that are strings in JSON, and how those look. */
const forms: Readonly<Record<string, Form>> = {
  string: text,
  markdown: text,
  xhtml: text,
  code: (value) => value.trim() === value && !/\s\s/.test(value),
  id: like(/^[A-Za-z0-9\-.]{1,64}$/),
  uri,
  url: uri,
  canonical: uri,
  oid: like(/^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/),
  uuid: like(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  date: like(new RegExp(`^${date}$`)),
  dateTime: like(new RegExp(`^(?:${date}|${day}T${time}${zone})$`)),
  instant: like(new RegExp(`^${day}T${time}${zone}$`)),
  time: like(new RegExp(`^${time}$`)),
  base64Binary: (value) => isBase64(value.replace(/\s/g, '')),
};

const calendarTypes: ReadonlySet<string> = new Set(['date', 'dateTime', 'instant']);

/** The least value of a type that is a whole number of 32 bits. */
const leastOf: Readonly<Record<string, number>> = { integer: -(2 ** 31), unsignedInt: 0, positiveInt: 1 };

/** Whether a value in JSON is one of a primitive type. */
export function isPrimitiveOf(type: string, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'decimal') return typeof value === 'number';
  const least = leastOf[type];
  if (least !== undefined)
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value < 2 ** 31;
  // Texts may have megabytes: a search for what must not be there needs no memory, a pattern over all of it does.
  if (typeof value !== 'string' || value === '' || forbiddenInXml.test(value)) return false;
  return (forms[type] ?? text)(value) && (!calendarTypes.has(type) || isOfCalendar(value));
}

/** Whether a date that names a day names one that exists. */
function isOfCalendar(value: string): boolean {
  const [, month, dayOfMonth] = /^(\d{4}-\d{2})-(\d{2})/.exec(value) ?? [];
  if (month === undefined) return true;
  const last = new Date(`${month}-01T00:00:00Z`);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return Number(dayOfMonth) <= last.getUTCDate();
}
